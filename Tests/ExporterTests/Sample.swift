// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTranscript

/// An invented transcript in which everything a transcript can hold happens once.
struct Sample {
    var header: TranscriptHeader
    var conversations: [(summary: ConversationSummary, entries: [TranscriptEntry])]

    /// Hands everything to a writer, in order.
    func write(to writer: inout some TranscriptWriter, stopAfter: Int? = nil) throws -> [WrittenFile] {
        var written = 0
        try writer.begin(header)
        for (summary, entries) in conversations {
            try writer.begin(summary)
            for entry in entries {
                guard written != stopAfter else { throw CancellationError() }
                try writer.write(entry)
                written += 1
            }
            try writer.end(summary)
        }
        return try writer.finish()
    }

    init(
        _ conversations: [(summary: ConversationSummary, entries: [TranscriptEntry])],
        recordCount: UInt64 = 61
    ) {
        self.conversations = conversations
        header = TranscriptHeader(conversations: conversations.map(\.summary), recordCount: recordCount)
    }

    /// A single chat, a group and a room.
    static let lively = Sample([SingleChat.conversation, StudyGroup.conversation, LiveRoom.conversation])

    /// One conversation with the given messages.
    static func of(_ messages: [TranscriptMessage]) -> Sample {
        let summary = ConversationSummary(
            id: chatID, app: app, name: chatID.description,
            participants: [Participant(user: UserID("alice")), Participant(user: UserID("bob"))],
            messageCount: messages.count)
        return Sample([(summary, messages.map(TranscriptEntry.message))])
    }

    static let app = AppKey("studio#paper-lantern")
    static let chatID = ConversationID.chat(UserID("alice"), UserID("bob"))

    /// A message of the chat of Alice and Bob.
    static func message(_ body: Body, number: UInt64 = 1, ext: String? = nil) -> TranscriptMessage {
        let time = at(20, 9, 30, Int(number % 60))
        return TranscriptMessage(
            id: MessageID("\(number)"), conversation: chatID, app: app,
            from: Participant(user: UserID("alice")),
            to: "bob", time: time, sequence: number, capturedAt: time,
            versions: [Version(body: body, ext: ext, time: time)])
    }

    /// November 2026 in Shanghai, with milliseconds that show that they are kept.
    static func at(_ day: Int, _ hour: Int, _ minute: Int, _ second: Int = 0) -> Instant {
        let midnight: Int64 = 1_793_462_400  // 2026-11-01T00:00:00+08:00
        let seconds = midnight + Int64((day - 1) * 86_400 + hour * 3600 + minute * 60 + second)
        return Instant(milliseconds: seconds * 1000 + 345)
    }
}

/// Writes a conversation's messages one after the other.
struct Script {
    let conversation: ConversationID
    var sequence: UInt64
    private(set) var entries: [TranscriptEntry] = []

    init(_ conversation: ConversationID, from sequence: UInt64) {
        self.conversation = conversation
        self.sequence = sequence
    }

    mutating func say(
        _ person: Participant?, to: String, _ time: Instant, _ body: Body, ext: String? = nil,
        change: (inout TranscriptMessage) -> Void = { _ in }
    ) {
        let captured = Instant(microseconds: time.microseconds + 61_207)
        var message = TranscriptMessage(
            id: MessageID("14720\(9_000_000_000_000 + sequence * 4_194_311)"), conversation: conversation,
            app: Sample.app, from: person, to: to, time: time, sequence: sequence, capturedAt: captured,
            versions: [Version(body: body, ext: ext, time: time)])
        message.sightings = [
            Sighting(
                sequence: sequence, surface: .callback, flow: .none, isPreSend: false, session: nil,
                capturedAt: captured)
        ]
        change(&message)
        entries.append(.message(message))
        sequence += 1
    }

    mutating func note(
        _ time: Instant, _ change: GroupOperation.Change, _ name: String, by: UserID?,
        _ members: [UserID] = [],
        text: String? = nil
    ) {
        var operation = GroupOperation(
            conversation: conversation, change: change, operation: name, by: by, members: members)
        operation.text = text
        entries.append(
            .notice(
                TranscriptNotice(
                    conversation: conversation, time: time, sequence: sequence, operation: operation)))
        sequence += 1
    }
}

extension Attachment {
    static func named(_ name: String?, bytes: Int64?, seconds: Double? = nil, uuid: String) -> Attachment {
        var file = Attachment()
        file.filename = name
        file.fileLength = bytes
        file.duration = seconds
        file.uuid = uuid
        file.url = "https://a1.easemob.com/studio/paper-lantern/chatfiles/\(uuid)"
        file.secret = "s3cret-of-\(uuid.prefix(4))"
        return file
    }
}
