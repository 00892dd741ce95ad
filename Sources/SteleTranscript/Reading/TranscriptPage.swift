// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection

/// Makes transcript entries of a page of rows of one conversation, asking each table once for all of them.
///
/// The one place where a viewpoint decides what of a message is told: every reader and every format gets it from here.
struct TranscriptPage {
    private let place: TranscriptPlace
    private let entries: [MessageEntry]
    /// Of each entry; nil from the archive's own place, where everything is shown.
    private let visibilities: [Visibility]?
    /// Of those entries that are not hidden, in order.
    private let details: [MessageDetails]
    private let reads: ConversationReads
    private let names: [UserID: String]
    private let files: KnownFiles
    private let bundles: BundleResolver

    init(
        _ entries: [MessageEntry], in place: TranscriptPlace, _ reader: ViewsReader, _ archive: Archive
    ) throws {
        self.place = place
        self.entries = entries
        let visibilities = try place.outlook.map { try reader.visibilities(of: entries, $0) }
        self.visibilities = visibilities
        let shown = visibilities.map { zip(entries, $0).filter { !$1.isHidden }.map(\.0) } ?? entries
        details = try reader.details(of: shown, place.outlook)
        let times = shown.map(\.time)
        reads = try reader.conversationReads(
            in: place.conversation, from: times.min() ?? Instant(microseconds: 0),
            through: times.max() ?? Instant(microseconds: 0))
        names = try reader.displayNames(
            Set(shown.compactMap(\.from)), app: place.conversation.app, by: place.outlook?.horizon)
        files = try KnownFiles(
            of: zip(shown, details).map { entry, details in details.edits.last?.body ?? entry.body }, reader)
        bundles = BundleResolver(reader: reader, archive: archive)
    }

    /// The page's messages, and of those that are hidden, why.
    func transcriptEntries() throws -> [TranscriptEntry] {
        guard let visibilities else { return try zip(entries, details).map { .message(try message($0, $1)) } }
        var details = details[...]
        return try zip(entries, visibilities).map { entry, visibility in
            if case .hidden(let reason) = visibility { return .hidden(hidden(entry, reason)) }
            guard let details = details.popFirst() else {
                preconditionFailure("details were read of every message that is not hidden")
            }
            var message = try message(entry, details)
            if case .withheld(let reason) = visibility { message.withhold(reason) }
            return .message(message)
        }
    }

    private func hidden(_ entry: MessageEntry, _ reason: HiddenReason) -> HiddenMessage {
        HiddenMessage(
            id: entry.id, conversation: place.conversation.id, from: entry.from, time: entry.time,
            sequence: entry.firstSighting.sequence, reason: reason)
    }

    private func message(_ entry: MessageEntry, _ details: MessageDetails) throws -> TranscriptMessage {
        // On the sender's own screen stands what they typed.
        let typed = place.outlook?.viewpoint.viewer == nil ? nil : details.attempts.first
        let original = Version(
            body: typed?.body ?? entry.body, ext: typed?.ext ?? entry.ext, time: entry.time)
        let isKnown = entry.hasOriginal || typed != nil
        let edits = details.edits.map { edit in
            Version(body: edit.body, ext: edit.ext, time: edit.time, editor: edit.editor, isEdit: true)
        }
        var message = TranscriptMessage(
            id: entry.id, conversation: place.conversation.id, app: entry.app,
            from: entry.from.map { Participant(user: $0, displayName: names[$0]) }, to: entry.to,
            time: entry.time, sequence: entry.firstSighting.sequence,
            capturedAt: entry.firstSighting.capturedAt,
            versions: isKnown || edits.isEmpty ? [original] + edits : edits)
        message.statedTime = entry.statedTime
        message.isOutOfOrder = entry.isOutOfOrder
        // Known by an edit alone that is not seen from here: what it said before is not known.
        if !isKnown, edits.isEmpty, place.outlook != nil { message.withhold(.notArchived) }
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
        if place.outlook?.viewpoint.viewer != nil {
            message.platform.attempts = []
            message.delivery = nil
        }
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
                let time = reads.firstRead(by: reader, notBefore: entry.time), isSeen(reader, time, entry)
            else { continue }
            receipts.read.append(Receipt(user: reader, time: time, isOfConversation: true))
        }
        receipts.read.sort { $0.user < $1.user }
        return receipts
    }

    private func isSeen(_ reader: UserID, _ time: Instant, _ entry: MessageEntry) -> Bool {
        // A conversation read has a time always: the event's, or that of its capture.
        place.outlook?.reaches(
            receipt: FactStamp(time: time, sequence: .max, by: reader), sender: entry.from) ?? true
    }
}

extension Visibility {
    fileprivate var isHidden: Bool { if case .hidden = self { true } else { false } }
}

extension TranscriptMessage {
    /// Takes away all that it says, and keeps that it was there.
    fileprivate mutating func withhold(_ reason: HiddenReason) {
        versions = []
        withheld = reason
        attachment = nil
        thumbnail = nil
        bundle = nil
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
