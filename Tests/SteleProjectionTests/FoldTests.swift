// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import SteleTestSupport
import Testing

/// What records add up to.
struct FoldTests {
    private static let time: Int64 = 1_747_000_000_123
    private static let id = Payload.id(at: time)
    private static let sent = Delivery.callback(
        Payload.text("你好", id: id, at: time, from: "alice", to: "bob"))

    private static func only(_ views: Views, _ id: String = id) throws -> (MessageEntry, MessageDetails) {
        try views.read { (reader) throws in
            let found = try reader.messages(withID: MessageID(id))
            try #require(found.count == 1)
            return (found[0], try reader.details(of: found)[0])
        }
    }

    @Test("the content is the callback's, whichever surface came first")
    func precedence() async throws {
        let surfaces: [Delivery] = [
            .preSend(Payload.preSend("pre", id: Self.id, at: Self.time, from: "alice", to: "bob")),
            .callback(
                Payload.text("offline", id: Self.id, at: Self.time, from: "alice", to: "bob", offline: "bob")),
            .sdk(
                Payload.received(
                    "sdk", id: Self.id, at: Self.time, from: "alice", to: "bob", kind: "singleChat"),
                session: "s"),
            .history(Payload.history("history", id: Self.id, at: Self.time, from: "alice", to: "bob")),
            Self.sent,
        ]
        let expected = ["pre", "offline", "sdk", "history", "你好"]
        for count in 1...surfaces.count {
            for start in 0..<count {
                let order = Array(surfaces[start..<count] + surfaces[0..<start])
                try await withViews(of: order) { (views, _) throws in
                    let (message, details) = try Self.only(views)
                    #expect(message.body == .text(expected[count - 1]))
                    #expect(message.standing == (count == 1 ? .attempted : .sent))
                    #expect(details.sightings.map(\.sequence) == (0..<UInt64(count)).map { $0 })
                    let conversations = try views.read { try $0.conversations() }
                    #expect(conversations.map(\.name) == ["chat:alice:bob"])
                    #expect(conversations.map(\.messageCount) == [1])
                }
            }
        }
    }

    @Test("an edit, a recall, a receipt and a reaction wait for their message", arguments: [true, false])
    func heldFacts(messageFirst: Bool) async throws {
        let facts: [Delivery] = [
            .callback(Payload.recall(Self.id, at: Self.time + 9000, from: "bob", to: "alice")),
            .callback(Payload.read(Self.id, at: Self.time + 2000, by: "bob", to: "alice")),
            .callback(Payload.reaction("👍", by: ["bob"], on: Self.id, at: Self.time + 3000, to: "alice")),
        ]
        try await withViews(of: facts) { (views, _) throws in
            #expect(try views.read { try $0.status().held } == 3)
        }
        try await withViews(of: messageFirst ? [Self.sent] + facts : facts + [Self.sent]) {
            (views, _) throws in
            let (message, details) = try Self.only(views)
            #expect(message.body == .text("你好"))
            #expect(details.recall?.by == UserID("bob"))
            #expect(details.recall?.time == Instant(milliseconds: Self.time + 9000))
            #expect(details.read.map(\.user) == [UserID("bob")])
            #expect(details.reactions == [Reaction(name: "👍", users: [UserID("bob")], count: 1)])
            #expect(try views.read { try $0.status().held } == 0)
        }
    }

    @Test("an edit whose message nobody saw is shown as an edit")
    func editAlone() async throws {
        let edit = Payload.edit(
            "new", of: Self.id, count: 1, at: Self.time + 5000, sent: Self.time, from: "alice", to: "bob")
        try await withViews(of: [.callback(edit)]) { (views, _) throws in
            let (message, details) = try Self.only(views)
            #expect(!message.hasOriginal)
            #expect(details.edits.map(\.body) == [.text("new")])
            #expect(try views.read { try $0.conversations().map(\.messageCount) } == [1])
        }
    }

    @Test("the newest reactions count, whenever they came")
    func reactions() async throws {
        let old = Delivery.callback(
            Payload.reaction("👍", by: ["bob"], on: Self.id, at: Self.time + 1, to: "alice"))
        let new = Delivery.callback(
            Payload.reaction("❤️", by: ["bob", "alice"], on: Self.id, at: Self.time + 2, to: "alice"))
        for order in [[Self.sent, old, new], [new, old, Self.sent]] {
            try await withViews(of: order) { (views, _) throws in
                #expect(try Self.only(views).1.reactions.map(\.name) == ["❤️"])
            }
        }
    }

    @Test("a group is a room as soon as any record says so")
    func roomCorrection() async throws {
        let group = "262246968131585"
        let undecided = Delivery.callback(
            Payload.text("hi", id: Self.id, at: Self.time, from: "alice", to: group, group: true))
        let joined = Delivery.callback(Payload.joined("bob", group: group, at: Self.time + 1, room: true))
        try await withViews(of: [undecided]) { (views, _) throws in
            #expect(try views.read { try $0.conversations().map(\.name) } == ["group:\(group)"])
        }
        for order in [[undecided, joined], [joined, undecided]] {
            try await withViews(of: order) { (views, _) throws in
                let conversations = try views.read { try $0.conversations() }
                #expect(conversations.map(\.name) == ["room:\(group)"])
                #expect(conversations[0].participants == [UserID("alice"), UserID("bob")])
                #expect(try Self.only(views).0.conversation?.kind == .room)
            }
        }
    }

    @Test("commands are not counted, and targeted messages do not move their conversation")
    func counting() async throws {
        let group = "262246968131585"
        let command = Payload.message(
            #"{"type":"cmd","action":"TypingBegin"}"#, id: Payload.id(at: Self.time + 5000),
            at: Self.time + 5000,
            from: "alice", to: group, group: true)
        let targeted = Payload.id(at: Self.time + 9000)
        let deliveries: [Delivery] = [
            .callback(Payload.text("all", id: Self.id, at: Self.time, from: "alice", to: group, group: true)),
            .callback(command),
            .callback(
                Payload.text(
                    "some", id: targeted, at: Self.time + 9000, from: "alice", to: group, group: true)),
            .sdk(
                Payload.send(
                    "some", ref: "1", to: group, kind: "groupChat", at: Self.time + 8900,
                    receivers: ["carol", "bob"]),
                session: "s", flow: .out),
            .sdk(Payload.resolved(targeted, ref: "1", at: Self.time + 9010), session: "s", flow: .out),
        ]
        for order in [deliveries, deliveries.reversed()] {
            try await withViews(of: order) { (views, _) throws in
                let conversation = try #require(try views.read { try $0.conversations().first })
                #expect(conversation.messageCount == 2)
                #expect(conversation.commandCount == 1)
                #expect(conversation.last == Instant(milliseconds: Self.time))
                let (message, details) = try Self.only(views, targeted)
                #expect(message.isTargeted)
                #expect(details.receivers == [UserID("bob"), UserID("carol")])
            }
        }
    }

    @Test("a refused send is kept with its reason")
    func refusal() async throws {
        let lines: [Delivery] = [
            .sdk(
                Payload.send("psst", ref: "7", to: "262246968131585", kind: "groupChat", at: Self.time),
                session: "s9", flow: .out),
            .sdk(
                Payload.rejected(219, "user is mute", ref: "7", at: Self.time + 20), session: "s9", flow: .out
            ),
        ]
        for order in [lines, lines.reversed()] {
            try await withViews(of: order) { (views, _) throws in
                let (message, details) = try Self.only(views, "local:s9:l7")
                #expect(message.standing == .refused)
                #expect(details.refusal?.code == 219)
                #expect(details.refusal?.reason == "user is mute")
                #expect(message.body == .text("psst"))
            }
        }
    }

    @Test("one id in two apps is two messages, and a surface that names no app showed both")
    func twoApps() async throws {
        let other = Delivery.callback(
            Payload.text("other", id: Self.id, at: Self.time, from: "alice", to: "bob", app: "org#other"))
        let history = Delivery.history(
            Payload.history("file", id: Self.id, at: Self.time, from: "alice", to: "bob"))
        for order in [
            [Self.sent, history, other], [history, other, Self.sent], [other, Self.sent, history],
        ] {
            try await withViews(of: order) { (views, _) throws in
                try views.read { (reader) throws in
                    let found = try reader.messages(withID: MessageID(Self.id))
                    #expect(found.map(\.body) == [.text("other"), .text("你好")])
                    #expect(try reader.details(of: found).map(\.sightings.count) == [2, 2])
                    #expect(
                        try reader.conversations().map(\.name).sorted() == [
                            "org#other/chat:alice:bob", "org#shop/chat:alice:bob",
                        ])
                }
            }
        }
    }

    @Test("a line that is no record is quarantined, and the fold goes on")
    func poison() async throws {
        try await withTemporaryDirectory { folder in
            let log = try TestLog(folder)
            let poison = [
                Array(#""via":"callback","flow":"none","event":{"unfinished"#.utf8),
                Array(#""via":"moon""#.utf8),
                Array(#""x":\#(String(repeating: "[", count: 5000))"#.utf8),
            ]
            try await log.append(poison + [TestLog.members(Self.sent)])
            let views = try log.views()
            try views.read { (reader) throws in
                #expect(try reader.quarantine(limit: 10).map(\.sequence) == [0, 1, 2])
                #expect(try reader.messages(withID: MessageID(Self.id)).count == 1)
            }
        }
    }
}
