// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript
import Testing

/// What was attempted, blocked, replaced and delivered are separate facts about one message.
struct PlatformFactTests {
    private static let time: Int64 = 1_747_000_000_000
    private static let id = Payload.id(at: time)
    private static let group = "262246968131585"

    private static func message(_ id: String, in deliveries: [Delivery]) async throws -> TranscriptMessage {
        try await withViews(of: deliveries) { (views, log) throws in
            let reader = try TranscriptReader(views, archive: log.archive)
            return try #require(try reader.messages(withID: MessageID(id)).first)
        }
    }

    private static func texts(_ message: TranscriptMessage) -> [String] {
        message.platform.attempts.map(\.body.plainText)
    }

    @Test(
        "what was attempted is kept beside what was delivered, whichever comes first",
        arguments: [false, true])
    func attempted(isBackwards: Bool) async throws {
        var told: [Delivery] = [
            .preSend(Payload.preSend("buy cheap tea", id: Self.id, at: Self.time, from: "alice", to: "bob")),
            .callback(Payload.text("buy *** tea", id: Self.id, at: Self.time, from: "alice", to: "bob")),
            .callback(
                Payload.keywordAlert(
                    ["cheap"], status: "replace", on: Self.id, at: Self.time, from: "alice", to: "bob")),
        ]
        if isBackwards { told.reverse() }
        let message = try await Self.message(Self.id, in: told)
        #expect(message.standing == .sent)
        #expect(message.body == .text("buy *** tea"))
        #expect(Self.texts(message) == ["buy cheap tea"])
        #expect(message.platform.keywordAlerts.map(\.words) == [["cheap"]])
        #expect(message.platform.isReplaced)
        #expect(!message.platform.isBlocked)
    }

    @Test("what was delivered as attempted is no attempt of its own")
    func unchanged() async throws {
        let message = try await Self.message(
            Self.id,
            in: [
                .preSend(Payload.preSend("hello", id: Self.id, at: Self.time, from: "alice", to: "bob")),
                .callback(Payload.text("hello", id: Self.id, at: Self.time, from: "alice", to: "bob")),
            ])
        #expect(message.platform.isEmpty)
    }

    @Test("a message that a check stopped is in its conversation, though nothing else tells of it")
    func blocked() async throws {
        let message = try await Self.message(
            Self.id,
            in: [
                .callback(
                    Payload.moderation(
                        "REJECT", "bad words", on: Self.id, at: Self.time, from: "alice", to: "bob"))
            ])
        #expect(message.conversation == .chat(UserID("alice"), UserID("bob")))
        #expect(message.standing == .attempted)
        #expect(message.body == .text("bad words"))
        #expect(message.platform.isBlocked)
        #expect(message.delivery == nil)
        let other = Payload.id(at: Self.time, 3)
        let alerted = try await Self.message(
            other,
            in: [
                .callback(
                    Payload.keywordAlert(
                        ["cheap"], status: "refuse", on: other, at: Self.time, from: "alice", to: "bob"))
            ])
        #expect(alerted.standing == .attempted)
        #expect(alerted.from?.user == UserID("alice"))
        #expect(alerted.platform.isBlocked)
    }

    @Test("a check that let a message pass leaves it as it was sent")
    func passed() async throws {
        let message = try await Self.message(
            Self.id,
            in: [
                .callback(
                    Payload.moderation("PASS", "hello", on: Self.id, at: Self.time, from: "alice", to: "bob")),
                .callback(Payload.text("hello", id: Self.id, at: Self.time, from: "alice", to: "bob")),
            ])
        #expect(message.standing == .sent)
        #expect(message.platform.moderations.map(\.result) == ["PASS"])
        #expect(!message.platform.isBlocked)
    }

    @Test("pushes and offline receivers are told with their message")
    func pushes() async throws {
        let message = try await Self.message(
            Self.id,
            in: [
                .callback(
                    Payload.text("hi", id: Self.id, at: Self.time, from: "alice", to: "bob", offline: "bob")),
                .callback(Payload.push("fail", to: "bob", of: Self.id, at: Self.time + 900)),
            ])
        #expect(message.offline == [UserID("bob")])
        #expect(message.platform.pushes.map(\.status) == ["fail"])
        #expect(message.platform.pushes.first?.time == Instant(milliseconds: Self.time + 900))
    }

    @Test("a room message that was sent and never seen arriving says so")
    func unseen() async throws {
        let sent = Delivery.callback(
            Payload.text(
                "gift!", id: Self.id, at: Self.time, from: "alice", to: Self.group, group: true,
                content: "chat:room:text"))
        let message = try await Self.message(Self.id, in: [sent])
        #expect(message.conversation.kind == .room)
        #expect(message.delivery == .unseen)
        let seen = Delivery.sdk(
            Payload.received(
                "gift!", id: Self.id, at: Self.time, from: "alice", to: Self.group, kind: "chatRoom"),
            session: "bob-tap")
        #expect(try await Self.message(Self.id, in: [sent, seen]).delivery == .seen)
        // The sender's own call is no arrival.
        let call = Delivery.sdk(
            #"{"at":\#(Self.time),"flow":"out","call":"send","options":{"type":"txt","msg":"gift!","chatType":"chatRoom","to":"\#(Self.group)"},"resolved":{"serverMsgId":"\#(Self.id)","message":{"id":"\#(Self.id)","type":"txt","msg":"gift!","chatType":"chatRoom","to":"\#(Self.group)","from":"alice","time":\#(Self.time)}}}"#,
            session: "alice-tap", flow: .out)
        #expect(try await Self.message(Self.id, in: [call]).delivery == .unseen)
    }

    @Test("what was taken for a group is a room once any record says so, with the messages folded before")
    func corrected() async throws {
        let undecided = Delivery.callback(
            Payload.text("one", id: Self.id, at: Self.time, from: "alice", to: Self.group, group: true))
        let decisive: [Delivery] = [
            .callback(Payload.joined("bob", group: Self.group, at: Self.time + 5000, room: true)),
            .callback(
                Payload.oldOperation(
                    "leave", group: Self.group, at: Self.time + 5000, by: "bob", to: Self.group, room: true)),
            .history(
                Payload.history(
                    "two", id: Payload.id(at: Self.time, 9), at: Self.time, from: "bob", to: Self.group,
                    kind: "chatroom")),
        ]
        #expect(try await Self.message(Self.id, in: [undecided]).conversation.kind == .group)
        for later in decisive {
            for told in [[undecided, later], [later, undecided]] {
                let message = try await Self.message(Self.id, in: told)
                #expect(message.conversation == ConversationID(kind: .room, key: Self.group))
            }
        }
        // A live fold too: the message was in the views before the other record came.
        try await withViews(of: [undecided]) { (views, log) throws in
            #expect(try views.read { try $0.conversations().map(\.id.kind) } == [.group])
        }
    }

    @Test(
        "who sent what was refused is learnt from the session's other sends, in any order",
        arguments: [false, true])
    func refusedSender(isBackwards: Bool) async throws {
        let refused = Delivery.sdk(
            #"{"at":\#(Self.time),"flow":"out","call":"send","ref":"1","options":{"type":"txt","msg":"hi","chatType":"singleChat","to":"bob"},"rejected":{"type":221,"message":"not contact","data":{"id":"7","mid":"\#(Self.id)"}}}"#,
            session: "tap", flow: .out)
        let other = Payload.id(at: Self.time, 8)
        let sent = Delivery.sdk(
            #"{"at":\#(Self.time),"flow":"out","call":"send","ref":"2","options":{"type":"txt","msg":"hey","chatType":"singleChat","to":"carol"},"resolved":{"serverMsgId":"\#(other)","message":{"id":"\#(other)","type":"txt","msg":"hey","chatType":"singleChat","to":"carol","from":"alice","time":\#(Self.time)}}}"#,
            session: "tap", flow: .out)
        let message = try await Self.message(Self.id, in: isBackwards ? [sent, refused] : [refused, sent])
        #expect(message.from?.user == UserID("alice"))
        #expect(message.conversation == .chat(UserID("alice"), UserID("bob")))
        #expect(message.standing == .refused(code: 221, reason: "not contact"))
        #expect(message.sightings.count == 1)
    }

    @Test("a group's read receipts tell who, how many and with what words; a pin, by whom and when")
    func receiptsAndPins() async throws {
        let sent = Delivery.callback(
            Payload.text(
                "read me", id: Self.id, at: Self.time, from: "alice", to: Self.group, group: true,
                content: "chat:group:text"))
        let read = Delivery.sdk(
            #"{"at":\#(Self.time + 9000),"flow":"in","handler":"onReadMessage","message":{"id":"\#(Payload.id(at: Self.time, 4))","type":"read","from":"bob","to":"\#(Self.group)","mid":"\#(Self.id)","groupReadCount":{"\#(Self.id)":3},"ackContent":"got it"}}"#,
            session: "tap")
        let pins = [("pin", Int64(1000)), ("unpin", 2000), ("pin", 3000)].map { operation, after in
            Delivery.sdk(
                Payload.pin(operation, Self.id, by: "carol", group: Self.group, at: Self.time + after),
                session: "tap")
        }
        let message = try await Self.message(Self.id, in: [sent, read] + pins)
        #expect(message.receipts.readCount == 3)
        #expect(message.receipts.read.map(\.content) == ["got it"])
        #expect(message.pin == PinMark(by: UserID("carol"), time: Instant(milliseconds: Self.time + 3000)))
        let unpinned = try await Self.message(Self.id, in: [sent] + pins.prefix(2))
        #expect(unpinned.pin == nil)
    }

    @Test("a reader of the whole conversation reads every message before that, and it says so")
    func conversationRead() async throws {
        let message = try await Self.message(
            Self.id,
            in: [
                .callback(Payload.text("hi", id: Self.id, at: Self.time, from: "alice", to: "bob")),
                .callback(Payload.conversationRead(at: Self.time + 5000, by: "bob", to: "alice")),
            ])
        #expect(
            message.receipts.read == [
                Receipt(
                    user: UserID("bob"), time: Instant(milliseconds: Self.time + 5000), isOfConversation: true
                )
            ])
    }

    @Test("a message knows the threads that grew from it, and a thread's notice shows its last message")
    func threads() async throws {
        let last = Payload.id(at: Self.time + 7000)
        let notice = Delivery.callback(
            #"{"chat_type":"notify","callId":"\#(Payload.app)_t","payload":{"data":{"msg_parent_id":"\#(Self.id)","name":"Glazes","from":"admin","last_message":{"payload":{"ext":{},"bodies":[{"msg":"in thread","type":"txt"}],"from":"bob","to":"9917","type":"groupchat"},"from":"\#(Payload.app)_bob","id":"\#(last)","to":"\#(Payload.app)_9917","timestamp":\#(Self.time + 7000)},"id":"9917","message_count":1,"operation":"update_msg","muc_parent_id":"\#(Self.group)","timestamp":\#(Self.time + 7000)},"type":"thread"},"appkey":"\#(Payload.app)","from":"admin","to":"bob","eventType":"chat","msg_id":"\#(Payload.id(at: Self.time + 7000, 2))","timestamp":\#(Self.time + 7000)}"#
        )
        let sent = Delivery.callback(
            Payload.text(
                "look", id: Self.id, at: Self.time, from: "alice", to: Self.group, group: true,
                content: "chat:group:text"))
        let thread = ConversationID(kind: .thread, key: "9917")
        let parent = try await Self.message(Self.id, in: [notice, sent])
        #expect(parent.startedThreads == [StartedThread(id: thread, name: "Glazes")])
        let inside = try await Self.message(last, in: [notice, sent])
        #expect(inside.conversation == thread)
        #expect(inside.from?.user == UserID("bob"))
        #expect(inside.body == .text("in thread"))
        #expect(inside.thread?.parentMessage == MessageID(Self.id))
    }

    @Test("a user's activity is told by time, from every kind of record")
    func activity() async throws {
        let told: [Delivery] = [
            .callback(Payload.login("bob", online: false, at: Self.time + 9000)),
            .callback(Payload.login("bob", online: true, at: Self.time)),
            .callback(Payload.joined("bob", group: Self.group, at: Self.time + 3000)),
            .callback(Payload.push("success", to: "bob", of: Self.id, at: Self.time + 5000)),
            .callback(
                #"{"chat_type":"roster","callId":"\#(Payload.app)_r","payload":{"reason":"hi","operation":"add"},"from":"alice","to":"bob","appkey":"\#(Payload.app)","eventType":"chat","msg_id":"\#(Payload.id(at: Self.time, 5))","timestamp":\#(Self.time + 1000)}"#
            ),
        ]
        try await withViews(of: told) { (views, _) throws in
            try views.read { (reader) throws in
                var found: [String] = []
                try reader.activity(of: UserID("Bob")) { entry in
                    switch entry.deed {
                    case .login(let change):
                        found.append("\(change.isOnline) \(change.device ?? "") \(change.system ?? "")")
                    case .contact(let change):
                        found.append("\(change.operation) \(change.from?.rawValue ?? "")")
                    case .member(let change, _, let name, _, _): found.append("\(change) \(name)")
                    case .push(let push): found.append("push \(push.target?.rawValue ?? "")")
                    case .presence, .client: found.append("?")
                    }
                }
                #expect(
                    found == [
                        "true ios_1 ios", "add alice", "joined group:\(Self.group)", "push \(Self.id)",
                        "false ios_1 ios",
                    ])
                var part = 0
                try reader.activity(
                    of: UserID("bob"), from: Instant(milliseconds: Self.time + 1000),
                    to: Instant(milliseconds: Self.time + 5000)
                ) { _ in part += 1 }
                #expect(part == 2)
            }
        }
    }

    @Test("every state of reactions, titles and names is kept, and the newest shown")
    func histories() async throws {
        let told: [Delivery] = [
            .callback(Payload.reaction("👍", by: ["bob"], on: Self.id, at: Self.time + 3000, to: "alice")),
            .callback(Payload.reaction("😀", by: ["bob"], on: Self.id, at: Self.time + 1000, to: "alice")),
            .callback(
                Payload.groupOperation(
                    "UPDATE", #""type":"INFO","info":{"title":"Old"}"#, group: Self.group, at: Self.time)),
            .callback(
                Payload.groupOperation(
                    "UPDATE", #""type":"INFO","info":{"title":"New"}"#, group: Self.group, at: Self.time + 10)
            ),
            .callback(Payload.text("hi", id: Self.id, at: Self.time, from: "alice", to: "bob")),
        ]
        let message = try await Self.message(Self.id, in: told)
        #expect(message.reactions.map(\.name) == ["👍"])
        try await withViews(of: told) { (views, _) throws in
            let dump = try views.canonicalDump(withSequences: false)
            #expect(dump.count { $0.hasPrefix(#"["reactions""#) } == 2)
            #expect(dump.count { $0.hasPrefix(#"["titles""#) } == 2)
            let group = ConversationID(kind: .group, key: Self.group)
            #expect(try views.read { try $0.conversation(group, app: AppKey(Payload.app))?.title } == "New")
        }
    }
}
