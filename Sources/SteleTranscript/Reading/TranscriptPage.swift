// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection

/// Makes transcript messages of a page of rows, asking each table once for all of them.
struct TranscriptPage {
    private let entries: [MessageEntry]
    private let conversation: ConversationEntry
    private let details: [MessageDetails]
    private let reads: ConversationReads
    private let names: [UserID: String]
    private let files: KnownFiles
    private let bundles: BundleResolver

    init(
        _ entries: [MessageEntry], in conversation: ConversationEntry, _ reader: ViewsReader,
        _ archive: Archive
    ) throws {
        self.entries = entries
        self.conversation = conversation
        details = try reader.details(of: entries)
        let times = entries.map(\.time)
        reads = try reader.conversationReads(
            in: conversation, from: times.min() ?? Instant(microseconds: 0),
            through: times.max() ?? Instant(microseconds: 0))
        names = try reader.displayNames(Set(entries.compactMap(\.from)), app: conversation.app)
        files = try KnownFiles(
            of: zip(entries, details).map { entry, details in details.edits.last?.body ?? entry.body }, reader
        )
        bundles = BundleResolver(reader: reader, archive: archive)
    }

    func messages() throws -> [TranscriptMessage] {
        try zip(entries, details).map { try message($0, $1) }
    }

    private func message(_ entry: MessageEntry, _ details: MessageDetails) throws -> TranscriptMessage {
        let original = Version(body: entry.body, ext: entry.ext, time: entry.time)
        let edits = details.edits.map { edit in
            Version(body: edit.body, ext: edit.ext, time: edit.time, editor: edit.editor, isEdit: true)
        }
        var message = TranscriptMessage(
            id: entry.id, conversation: conversation.id, app: entry.app,
            from: entry.from.map { Participant(user: $0, displayName: names[$0]) }, to: entry.to,
            time: entry.time, sequence: entry.firstSighting.sequence,
            capturedAt: entry.firstSighting.capturedAt,
            versions: entry.hasOriginal || edits.isEmpty ? [original] + edits : edits)
        message.recall = details.recall.map { RecallMark(by: $0.by, time: $0.time, notice: $0.notice) }
        message.standing = standing(entry, details)
        message.receipts = receipts(entry, details)
        message.reactions = details.reactions
        message.isPinned = details.pin != nil
        message.pin = details.pin.map { PinMark(by: $0.by, time: $0.time) }
        message.thread = details.thread
        message.startedThreads = details.startedThreads.map { thread in
            StartedThread(id: ConversationID(kind: .thread, key: thread.id), name: thread.name)
        }
        message.priority = entry.priority
        message.isBroadcast = entry.isBroadcast
        message.receivers = details.receivers
        message.isOnlineOnly = entry.isOnlineOnly
        message.wantsReceipts = entry.wantsGroupReceipt
        message.offline = details.offline
        message.platform = PlatformFacts(entry, details)
        message.sightings = details.sightings.map { sighting in
            Sighting(
                sequence: sighting.sequence, surface: sighting.surface, flow: sighting.flow,
                isPreSend: sighting.isPreSend, session: sighting.session, capturedAt: sighting.capturedAt)
        }
        message.delivery = delivery(of: message)
        (message.attachment, message.thumbnail) = files.states(of: message.body)
        if case .combine(let combine) = message.body {
            message.bundle = try bundles.content(of: combine.bundle)
        }
        return message
    }

    private func standing(_ entry: MessageEntry, _ details: MessageDetails) -> TranscriptMessage.Standing {
        switch entry.standing {
        case .sent: .sent
        case .attempted: .attempted
        case .refused: .refused(code: details.refusal?.code, reason: details.refusal?.reason ?? "")
        }
    }

    /// Seen where a client was handed it, or somebody else's receipt tells of it.
    ///
    /// A client's own messages are handed to its user's other clients too, but never those to a chat room.
    private func delivery(of message: TranscriptMessage) -> TranscriptMessage.Delivery? {
        guard message.standing == .sent else { return nil }
        let wasHandedOver = message.sightings.contains { $0.flow == .in }
        let receipts = message.receipts.delivered + message.receipts.read
        let wasReceived =
            receipts.contains { $0.user != message.from?.user } || message.receipts.readCount ?? 0 > 0
        return wasHandedOver || wasReceived ? .seen : .unseen
    }

    /// The message's own receipts; in a single chat also what the other side's reading of the whole chat tells.
    private func receipts(_ entry: MessageEntry, _ details: MessageDetails) -> Receipts {
        var receipts = Receipts()
        receipts.delivered = details.delivered.map { Receipt(user: $0.user, time: $0.time) }
        receipts.read = details.read.map { Receipt(user: $0.user, time: $0.time, content: $0.content) }
        receipts.readCount = details.readCount
        guard entry.standing == .sent, entry.from != nil else { return receipts }
        for reader in reads.readers where reader != entry.from {
            guard !receipts.read.contains(where: { $0.user == reader }),
                let time = reads.firstRead(by: reader, notBefore: entry.time)
            else { continue }
            receipts.read.append(Receipt(user: reader, time: time, isOfConversation: true))
        }
        receipts.read.sort { $0.user < $1.user }
        return receipts
    }
}

extension PlatformFacts {
    init(_ entry: MessageEntry, _ details: MessageDetails) {
        self.init()
        attempts = details.attempts.map { Attempt(body: $0.body, ext: $0.ext, time: $0.time) }
        isContentReplaced = entry.isContentReplaced
        keywordAlerts = details.keywordAlerts.map { alert in
            KeywordMark(time: alert.time, status: alert.status, reason: alert.reason, words: alert.words)
        }
        moderations = details.moderations.map { result in
            ModerationMark(
                time: result.time, result: result.result, provider: result.provider, risk: result.risk,
                text: result.text, url: result.url)
        }
        pushes = details.pushes.map { push in
            PushMark(
                user: push.user, time: push.time, status: push.status, channel: push.channel,
                detail: push.detail, device: push.device, answer: push.answer)
        }
    }
}
