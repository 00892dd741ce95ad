// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
@testable import SteleProjection
import Testing

/// Who was in a conversation, when, and as what.
struct MembershipTests {
    private static let group = "262246968131585"
    private static let start: Int64 = 1_747_000_000_000
    private static func time(_ minutes: Int64) -> Int64 { start + minutes * 60_000 }
    private static func instant(_ minutes: Int64) -> Instant { Instant(milliseconds: time(minutes)) }

    private static func operation(_ name: String, _ payload: String, at minutes: Int64, by: String = "alice")
        -> Delivery
    {
        .callback(Payload.groupOperation(name, payload, group: group, at: time(minutes), by: by))
    }

    private static func message(from user: String, at minutes: Int64) -> Delivery {
        .callback(
            Payload.text(
                "hello", id: Payload.id(at: time(minutes)), at: time(minutes), from: user, to: group,
                group: true, content: "chat:group:text"))
    }

    private static func membership(
        of user: String, in deliveries: [Delivery], kind: ConversationKind = .group
    ) async throws -> Membership {
        try await withViews(of: deliveries) { (views, _) throws in
            try views.read { (reader) throws in
                let id = ConversationID(kind: kind, key: group)
                let entry = try #require(try reader.conversation(id, app: AppKey(Payload.app)))
                return try reader.membership(of: UserID(user), in: entry)
            }
        }
    }

    /// `from…to role, role` for each stay, in minutes; `-` for a bound that no record tells.
    private static func text(_ membership: Membership) -> [String] {
        func minutes(_ instant: Instant?) -> String {
            instant.map { "\(($0.microseconds / 1000 - start) / 60_000)" } ?? "-"
        }
        return membership.stays.map { stay in
            "\(minutes(stay.from))…\(minutes(stay.to)) "
                + stay.roles.map { "\($0.role)@\(minutes($0.from))" }.joined(separator: " ")
        }
    }

    private static let creation = operation(
        "CREATE", #""role":{"alice":"owner","bob":"admin"},"member":["bob","carol"],"info":{"title":"Tea"}"#,
        at: 0)

    @Test("a creation makes its members, with the roles it tells")
    func creation() async throws {
        for (user, stay) in [
            ("alice", "0…- owner@0"), ("bob", "0…- admin@0"), ("carol", "0…- member@0"),
        ] {
            #expect(Self.text(try await Self.membership(of: user, in: [Self.creation])) == [stay])
        }
        #expect(try await Self.membership(of: "dave", in: [Self.creation]).isUnknown)
    }

    @Test("coming, going and coming back are stays apart")
    func stays() async throws {
        let told = [
            Self.creation,
            Self.operation("LEAVE", #""member":["carol"],"type":"QUIT""#, at: 10, by: "carol"),
            Self.operation("JOIN", #""member":["carol"],"type":"APPLY""#, at: 30, by: "carol"),
            Self.operation("LEAVE", #""member":["carol"],"type":"KICK""#, at: 50),
        ]
        let membership = try await Self.membership(of: "carol", in: told)
        #expect(Self.text(membership) == ["0…10 member@0", "30…50 member@30"])
        #expect(membership.stays[1].went == .kicked)
        #expect(membership.stays[1].wentBy == UserID("alice"))
        #expect(membership.stay(at: Self.instant(9)) != nil)
        // The instant of leaving is outside already.
        #expect(membership.stay(at: Self.instant(10)) == nil)
        #expect(membership.stay(at: Self.instant(30)) != nil)
    }

    @Test("a member who only writes was there before the archive begins")
    func unknownStart() async throws {
        let told = [
            Self.message(from: "dave", at: 5),
            Self.operation("LEAVE", #""member":["dave"],"type":"QUIT""#, at: 9),
        ]
        #expect(Self.text(try await Self.membership(of: "dave", in: told)) == ["-…9 member@-"])
        let named = [Self.operation("ADMIN", #""admin":["dave"],"type":"ADD""#, at: 5)]
        #expect(Self.text(try await Self.membership(of: "dave", in: named)) == ["-…- member@- admin@5"])
    }

    @Test("whom a message waits for is a member, though nothing else tells so")
    func offlineMember() async throws {
        let waiting = Delivery.callback(
            Payload.text(
                "hello", id: Payload.id(at: Self.time(3)), at: Self.time(3), from: "alice", to: Self.group,
                group: true, offline: "quiet"))
        #expect(Self.text(try await Self.membership(of: "quiet", in: [waiting])) == ["-…- member@-"])
    }

    @Test("who writes after leaving has come back, though no record tells when")
    func returned() async throws {
        let told = [
            Self.creation, Self.operation("LEAVE", #""member":["carol"],"type":"QUIT""#, at: 10),
            Self.message(from: "carol", at: 40),
        ]
        #expect(
            Self.text(try await Self.membership(of: "carol", in: told)) == [
                "0…10 member@0", "40…- member@40",
            ])
    }

    @Test("who was invited or asked to come in was not a member before")
    func invited() async throws {
        let told = [
            Delivery.callback(
                Payload.oldOperation("invite", group: Self.group, at: Self.time(1), by: "alice", to: "dave")),
            Delivery.callback(
                Payload.oldOperation(
                    "invite_accept", group: Self.group, at: Self.time(4), by: "dave", to: "alice")),
        ]
        #expect(Self.text(try await Self.membership(of: "dave", in: Array(told.prefix(1)))) == [])
        #expect(Self.text(try await Self.membership(of: "dave", in: told)) == ["4…- member@4"])
    }

    @Test("an operation that was refused changes nobody's membership")
    func refused() async throws {
        let told = [
            Self.creation,
            Delivery.callback(
                Payload.oldOperation(
                    "kick", group: Self.group, at: Self.time(4), by: "bob", to: "carol", error: "forbidden")),
        ]
        #expect(Self.text(try await Self.membership(of: "carol", in: told)) == ["0…- member@0"])
    }

    @Test("roles over time: a new owner takes the place of the old one")
    func roles() async throws {
        let told = [
            Self.creation,
            Self.operation("ADMIN", #""admin":["carol"],"type":"ADD""#, at: 5),
            Self.operation("UPDATE", #""owner":"alice","new_owner":"carol","type":"OWNER""#, at: 8),
            Self.operation("ADMIN", #""admin":["bob"],"type":"REMOVE""#, at: 9),
        ]
        for (user, stay) in [
            ("alice", "0…- owner@0 member@8"), ("bob", "0…- admin@0 member@9"),
            ("carol", "0…- member@0 admin@5 owner@8"),
        ] {
            #expect(Self.text(try await Self.membership(of: user, in: told)) == [stay])
        }
        let carol = try await Self.membership(of: "carol", in: told)
        #expect(carol.role(at: Self.instant(7)) == .admin)
        #expect(carol.role(at: Self.instant(8)) == .owner)
    }

    @Test(
        "a block ends the stay, and stays on the list until it is lifted, told with the leaving or without",
        arguments: [false, true])
    func blocked(isLeavingTold: Bool) async throws {
        let told = [
            Self.creation,
            Self.operation(
                "BLOCK", #""member":["carol"],"expire_timestamp":4638873600000,"type":"ADD""#, at: 5),
            Self.operation("BLOCK", #""member":["carol"],"type":"REMOVE""#, at: 20),
        ]
        let leaving = Self.operation("LEAVE", #""member":["carol"],"type":"BLOCK""#, at: 5)
        let membership = try await Self.membership(of: "carol", in: told + (isLeavingTold ? [leaving] : []))
        #expect(Self.text(membership) == ["0…5 member@0"])
        #expect(
            membership.restrictions == [
                Restriction(kind: .blocked, from: Self.instant(5), to: Self.instant(20), by: UserID("alice"))
            ])
    }

    @Test("a mute lasts until its end, or until it is lifted")
    func muted() async throws {
        let mute = Self.operation(
            "MUTE", #""member":["carol"],"expire_timestamp":\#(Self.time(60)),"type":"ADD""#, at: 5)
        let lift = Self.operation("MUTE", #""member":["carol"],"type":"REMOVE""#, at: 12)
        for (told, end) in [([Self.creation, mute], 60), ([Self.creation, mute, lift], 12)]
            as [([Delivery], Int64)]
        {
            #expect(
                try await Self.membership(of: "carol", in: told).restrictions == [
                    Restriction(
                        kind: .muted, from: Self.instant(5), to: Self.instant(end), by: UserID("alice"))
                ])
        }
    }

    @Test("a group that is dissolved ends every stay")
    func destroyed() async throws {
        let told = [Self.creation, Self.operation("DELETE", "", at: 30)]
        let membership = try await Self.membership(of: "carol", in: told)
        #expect(Self.text(membership) == ["0…30 member@0"])
        #expect(membership.stays[0].went == .destroyed)
    }

    @Test("both callback formats and every client tell of one operation: it counts once")
    func retold() async throws {
        let join = Self.operation("JOIN", #""member":["dave"],"type":"DIRECT""#, at: 5)
        let old = Delivery.callback(
            Payload.oldOperation(
                "presence", group: Self.group, at: Self.time(5) + 40, by: "dave", to: Self.group))
        let leave = Self.operation("LEAVE", #""member":["dave"],"type":"QUIT""#, at: 6, by: "dave")
        let back = Delivery.callback(
            Payload.groupOperation(
                "JOIN", #""member":["dave"],"type":"DIRECT""#, group: Self.group, at: Self.time(6) + 2000))
        // Two clients whose clocks are behind and ahead of the platform's.
        let clients = [("one", Int64(-900)), ("two", 2800)].flatMap { session, skew in
            [
                ("memberPresence", Self.time(5)), ("memberAbsence", Self.time(6)),
                ("memberPresence", Self.time(6) + 2000),
            ]
            .map { operation, time in
                Delivery.sdk(
                    Payload.groupEvent(operation, #""from":"dave""#, group: Self.group, at: time + skew),
                    session: session)
            }
        }
        let told =
            [Self.creation, join, old, leave, back]
            + clients.map { delivery in
                var named = delivery
                named.app = AppKey(Payload.app)
                return named
            }
        let membership = try await Self.membership(of: "dave", in: told)
        #expect(
            membership.stays.map(\.from) == [Self.instant(5), Instant(milliseconds: Self.time(6) + 2000)])
        #expect(membership.stays.map(\.to) == [Self.instant(6), nil])
    }

    @Test("a client does not name its own user: who it is, its sends tell")
    func ownUser() async throws {
        var kicked = Delivery.sdk(
            Payload.groupEvent("removeMember", #""from":"alice""#, group: Self.group, at: Self.time(9)),
            session: "tap")
        kicked.app = AppKey(Payload.app)
        var sent = Delivery.sdk(
            #"{"at":\#(Self.time(2)),"flow":"out","call":"send","ref":"1","options":{"type":"txt","msg":"hi","chatType":"groupChat","to":"\#(Self.group)"},"resolved":{"serverMsgId":"\#(Payload.id(at: Self.time(2)))","message":{"id":"\#(Payload.id(at: Self.time(2)))","type":"txt","msg":"hi","chatType":"groupChat","to":"\#(Self.group)","from":"dave","time":\#(Self.time(2))}}}"#,
            session: "tap", flow: .out)
        sent.app = AppKey(Payload.app)
        let told = [Self.creation, kicked, sent]
        #expect(Self.text(try await Self.membership(of: "dave", in: told)) == ["-…9 member@-"])
        #expect(Self.text(try await Self.membership(of: "carol", in: told)) == ["0…- member@0"])
    }

    @Test("the users of a single chat are always in it")
    func chat() async throws {
        let told = [
            Delivery.callback(
                Payload.text("hi", id: Payload.id(at: Self.start), at: Self.start, from: "alice", to: "bob"))
        ]
        try await withViews(of: told) { (views, _) throws in
            try views.read { (reader) throws in
                let chat = ConversationID.chat(UserID("alice"), UserID("bob"))
                let entry = try #require(try reader.conversation(chat, app: AppKey(Payload.app)))
                #expect(try reader.membership(of: UserID("bob"), in: entry).stays.count == 1)
                #expect(try reader.membership(of: UserID("carol"), in: entry).isUnknown)
            }
        }
    }

    @Test("what concerns the whole: titles, announcement, files, attributes, refused operations")
    func groupState() async throws {
        let told = [
            Self.creation,
            Self.operation("UPDATE", #""type":"ANNOUNCEMENT","announcement":"nine sharp""#, at: 2),
            Self.operation(
                "SHARE_FILE", #""type":"ADD","share_file":[{"file_name":"a.csv","file_id":"f1"}]"#, at: 3),
            Self.operation(
                "SHARE_FILE", #""type":"ADD","share_file":[{"file_name":"b.csv","file_id":"f2"}]"#, at: 4),
            Delivery.callback(
                #"{"chat_type":"muc","callId":"\#(Payload.app)_1","payload":{"reason":"f1","muc_id":"\#(Self.group)","is_chatroom":false,"operation":"delete_file","status":{"error_code":"ok"}},"group_id":"\#(Self.group)","appkey":"\#(Payload.app)","from":"bob","to":"\#(Self.group)","eventType":"chat","msg_id":"\#(Payload.id(at: Self.time(5)))","timestamp":\#(Self.time(5))}"#
            ),
            Self.operation("UPDATE", #""type":"MUTE","mute":true"#, at: 6),
            Self.operation("UPDATE", #""type":"INFO","info":{"title":"Tea house","max_users":"200"}"#, at: 7),
            Delivery.callback(
                Payload.oldOperation(
                    "kick", group: Self.group, at: Self.time(8), by: "bob", to: "alice", error: "forbidden")),
        ]
        try await withViews(of: told) { (views, _) throws in
            try views.read { (reader) throws in
                let id = ConversationID(kind: .group, key: Self.group)
                let entry = try #require(try reader.conversation(id, app: AppKey(Payload.app)))
                #expect(entry.title == "Tea house")
                let state = try reader.groupState(of: entry)
                #expect(state.titles.map(\.title) == ["Tea", "Tea house"])
                #expect(state.announcement?.text == "nine sharp")
                #expect(state.files.map(\.name) == ["a.csv", "b.csv"])
                #expect(state.files.map { $0.removed?.by } == [UserID("bob"), nil])
                #expect(state.allMuted == GroupDeed(by: UserID("alice"), time: Self.instant(6)))
                #expect(state.settings == #"{"title":"Tea house","max_users":"200"}"#)
                #expect(state.refused.map(\.operation.failure) == ["forbidden"])
                // Refused operations are in no transcript.
                let notices = try reader.notices(in: entry, limit: 100)
                #expect(notices.contains { $0.operation.change == .kicked } == false)
            }
        }
    }
}
