// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import SteleTranscript
import SteleWire
import Testing

/// What the views hold, as people read it.
struct TranscriptTests {
    private static let time: Int64 = 1_747_000_000_000

    private static func read(_ deliveries: [Delivery], _ body: (TranscriptReader, TestLog) throws -> Void)
        async throws
    {
        try await withViews(of: deliveries) { views, log in
            try body(try TranscriptReader(views, archive: log.archive), log)
        }
    }

    private static func entries(_ reader: TranscriptReader, _ name: String) throws -> [TranscriptEntry] {
        var cursor = try reader.cursor(try reader.conversation(named: name))
        var entries: [TranscriptEntry] = []
        while let entry = try cursor.next() { entries.append(entry) }
        return entries
    }

    @Test("the cursor gives every message and notice once, in order, over many pages")
    func cursor() async throws {
        let group = "262246968131585"
        var deliveries: [Delivery] = []
        for index in 0..<1300 {
            let at = Self.time + Int64(index / 3)
            deliveries.append(
                .callback(
                    Payload.text(
                        "nr \(index)", id: Payload.id(at: at, index % 3), at: at, from: "alice", to: group,
                        group: true)))
            if index % 2 == 0 {
                deliveries.append(.callback(Payload.joined("u\(index)", group: group, at: at)))
            }
        }
        try await Self.read(deliveries.shuffled()) { (reader, _) throws in
            let entries = try Self.entries(reader, "group:\(group)")
            let texts = entries.compactMap { entry in
                if case .message(let message) = entry, case .text(let text) = message.body {
                    text
                } else {
                    nil
                }
            }
            #expect(texts == (0..<1300).map { "nr \($0)" })
            #expect(entries.count == 1300 + 650)
            let times = entries.map(\.time)
            #expect(times == times.sorted())
        }
    }

    @Test("reading a single chat reads the other side's earlier messages, not later ones and not one's own")
    func conversationReads() async throws {
        func text(_ after: Int64, _ from: String, _ to: String) -> Delivery {
            .callback(
                Payload.text(
                    "+\(after)", id: Payload.id(at: Self.time + after), at: Self.time + after, from: from,
                    to: to))
        }
        let deliveries = [
            text(0, "alice", "bob"), text(10, "bob", "alice"), text(20, "alice", "bob"),
            text(40, "alice", "bob"),
            .callback(Payload.conversationRead(at: Self.time + 30, by: "bob", to: "alice")),
            .callback(Payload.conversationRead(at: Self.time + 15, by: "bob", to: "alice")),
        ]
        try await Self.read(deliveries) { (reader, _) throws in
            let messages = try reader.newestMessages(
                in: reader.conversation(named: "chat:alice:bob"), limit: 10)
            let reads = messages.map { $0.receipts.read }
            func receipt(_ after: Int64) -> Receipt {
                Receipt(
                    user: UserID("bob"), time: Instant(milliseconds: Self.time + after),
                    isOfConversation: true)
            }
            #expect(reads == [[receipt(15)], [], [receipt(30)], []])
        }
    }

    @Test("versions, recall, names and state")
    func story() async throws {
        let id = Payload.id(at: Self.time)
        let ext = #"{"ease_chat_uikit_user_info":{"nickname":"林小雨"}}"#
        let deliveries: [Delivery] = [
            .callback(
                Payload.text("first", id: id, at: Self.time, from: "Alice", to: "bob", ext: ext)),
            .callback(
                Payload.edit(
                    "third", of: id, count: 2, at: Self.time + 200, sent: Self.time, from: "alice", to: "bob")
            ),
            .callback(
                Payload.edit(
                    "second", of: id, count: 1, at: Self.time + 100, sent: Self.time, from: "alice", to: "bob"
                )),
            .callback(Payload.recall(id, at: Self.time + 300, from: "alice", to: "bob")),
        ]
        for order in [deliveries, deliveries.reversed()] {
            try await Self.read(order) { (reader, _) throws in
                let summary = try reader.conversation(named: "chat:BOB:alice")
                #expect(summary.participants.map(\.displayName) == ["林小雨", nil])
                let message = try #require(try reader.newestMessages(in: summary, limit: 5).first)
                #expect(message.versions.map(\.body) == [.text("first"), .text("second"), .text("third")])
                #expect(message.versions.map(\.isEdit) == [false, true, true])
                #expect(message.state == .recalled)
                #expect(message.recall?.by == UserID("alice"))
                #expect(message.from == Participant(user: UserID("alice"), displayName: "林小雨"))
            }
        }
    }

    @Test("a wrong name is answered with the names that are near")
    func names() async throws {
        let at = Self.time
        let deliveries: [Delivery] = [
            .callback(Payload.text("a", id: Payload.id(at: at), at: at, from: "alice", to: "bob")),
            .callback(
                Payload.text(
                    "b", id: Payload.id(at: at, 1), at: at, from: "alice", to: "262246968131585", group: true,
                    content: "chat:room:text")),
        ]
        try await Self.read(deliveries) { (reader, _) throws in
            for (wrong, near) in [
                ("chat:alice:bib", "chat:alice:bob"), ("group:262246968131585", "room:262246968131585"),
                ("alice:bob", "chat:alice:bob"),
            ] {
                let error = #expect(throws: ConversationNameError.self) {
                    try reader.conversation(named: wrong)
                }
                #expect(error?.near.first == near)
            }
            #expect(try reader.conversation(named: "org#shop/chat:alice:bob").name == "chat:alice:bob")
            #expect(throws: ConversationNameError.self) {
                try reader.conversation(named: "org#no/chat:alice:bob")
            }
        }
    }

    // MARK: Bundles

    private static func uuid(_ number: Int) -> String { "00000000-0000-4000-8000-00000000000\(number)" }

    private static func combine(_ bundle: Int, id: String) -> String {
        Payload.message(
            #"{"type":"txt","subType":"sub_combine","msg":"[合并]","title":"T","summary":"S","combineLevel":1,"#
                + #""url":"https://a1.easemob.com/org/shop/chatfiles/\#(uuid(bundle))","filename":"combine"}"#,
            id: id, at: time, from: "alice", to: "bob")
    }

    private static func bundle(inner: Int?) throws -> [UInt8] {
        var messages = [
            BundleMessage(
                id: MessageID("1"), app: nil, from: UserID("carol"), to: "alice", kind: .chat,
                time: Instant(milliseconds: time), body: .text("inside"))
        ]
        if let inner {
            var file = Attachment()
            file.uuid = uuid(inner)
            file.url = "https://a1.easemob.com/org/shop/chatfiles/\(uuid(inner))"
            messages.append(
                BundleMessage(
                    id: MessageID("2"), app: nil, from: UserID("carol"), to: "alice", kind: .chat,
                    time: Instant(milliseconds: time),
                    body: .combine(
                        Combine(title: "in", summary: "s", compatibleText: nil, level: 1, bundle: file))))
        }
        return try SteleWire.Bundle(messages: messages).encoded()
    }

    @Test("bundles are opened to their depth; a circle and a missing file are told")
    func bundles() async throws {
        try await withTemporaryDirectory { folder in
            let log = try TestLog(folder)
            // 1 holds 2, which holds 1 again; 3 holds 4, which nobody has.
            var deliveries = [Delivery.callback(Self.combine(1, id: Payload.id(at: Self.time, 1)))]
            deliveries.append(.callback(Self.combine(3, id: Payload.id(at: Self.time, 3))))
            for (number, inner) in [(1, 2), (2, 1), (3, 4)] {
                let bytes = try Self.bundle(inner: inner)
                let sha256 = try log.archive.storeAttachment(bytes)
                deliveries.append(
                    Delivery(
                        surface: .attachment,
                        payload: #"{"kind":"attachment","uuid":"\#(Self.uuid(number))","outcome":"stored","#
                            + #""sha256":"\#(sha256)","bytes":\#(bytes.count),"source":"import"}"#))
            }
            try await log.append(deliveries)
            let reader = try TranscriptReader(log.views(), archive: log.archive)
            let messages = try reader.newestMessages(
                in: reader.conversation(named: "chat:alice:bob"), limit: 10)
            try #require(messages.count == 2)
            guard case .stored = messages[0].attachment, case .messages(let outer) = messages[0].bundle,
                case .messages(let inner) = outer.last?.bundle
            else {
                Issue.record("\(messages[0])")
                return
            }
            #expect(outer.first?.body == .text("inside"))
            #expect(inner.last?.bundle == .unreadable(reason: "it contains itself"))
            guard case .messages(let other) = messages[1].bundle else {
                Issue.record("\(messages[1])")
                return
            }
            #expect(
                other.last?.bundle == .unreadable(reason: "its file is not in the archive: not requested"))
            #expect(other.last?.attachment == .missing(reason: "not requested"))
        }
    }
}
