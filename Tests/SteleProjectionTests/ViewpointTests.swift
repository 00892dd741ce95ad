// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import SteleTranscript
import Testing

/// One log, looked at from several instants and with several people's eyes.
struct ViewpointTests {
    private static let start: Int64 = 1_747_000_000_000
    private static let group = "262246968131585"
    private static let name = "group:262246968131585"

    private static func id(_ second: Int64) -> String { Payload.id(at: start + second * 1000) }
    private static func at(_ second: Int64) -> Int64 { start + second * 1000 }
    private static func instant(_ second: Int64) -> Instant { Instant(milliseconds: at(second)) }

    private static func say(
        _ text: String, _ second: Int64, from sender: String = "mei", to: String = group, isGroup: Bool = true
    ) -> Delivery {
        .callback(
            Payload.text(text, id: id(second), at: at(second), from: sender, to: to, group: isGroup))
    }

    /// A group in the new callback format: `operation` is `JOIN`, `LEAVE`, `UPDATE` ….
    private static func group(
        _ operation: String, _ type: String, _ members: [String], _ second: Int64, title: String? = nil
    ) -> Delivery {
        let list = members.map { "\"\($0)\"" }.joined(separator: ",")
        let info = title.map { #","info":{"title":"\#($0)"}"# } ?? ""
        return .callback(
            #"{"callId":"\#(Payload.app)_\#(operation)-\#(second)","payload":{"member":[\#(list)],"type":"\#(type)"\#(info)},"#
                + #""appkey":"\#(Payload.app)","id":"\#(group)","type":"GROUP","event":"group_op_event","#
                + #""operation":"\#(operation)","operator":"mei","timestamp":\#(at(second))}"#)
    }

    /// What Mei's client asked its SDK to send, and the answer.
    private static func send(
        _ text: String, _ second: Int64, from sender: String = "mei", receivers: [String] = [],
        isOnlineOnly: Bool = false, rejected: String? = nil
    ) -> [Delivery] {
        let list = receivers.map { "\"\($0)\"" }.joined(separator: ",")
        let more =
            (receivers.isEmpty ? "" : #","receiverList":[\#(list)]"#)
            + (isOnlineOnly ? #","deliverOnlineOnly":true"# : "")
        let call =
            #"{"at":\#(at(second)),"flow":"out","call":"send","ref":"r\#(second)","options":{"type":"txt","#
            + #""from":"\#(sender)","to":"\#(group)","chatType":"groupChat","msg":"\#(text)"\#(more)}}"#
        let answer =
            rejected.map { Payload.rejected(219, $0, ref: "r\(second)", at: at(second)) }
            ?? Payload.resolved(id(second), ref: "r\(second)", at: at(second))
        return [
            .sdk(call, session: sender, flow: .out), .sdk(answer, session: sender, flow: .out),
        ]
    }

    /// What happened in the group; the second of each is in its words.
    private static let story: [Delivery] =
        [
            group("CREATE", "", ["jun"], 0, title: "Tea"),
            say("ten", 10),
            group("LEAVE", "KICK", ["jun"], 20),
            say("thirty", 30),
            group("JOIN", "DIRECT", ["jun"], 40), group("JOIN", "DIRECT", ["tao"], 45),
            group("UPDATE", "INFO", [], 48, title: "Oolong"),
            say("fifty", 50),
            .callback(
                Payload.edit(
                    "fifty again", of: id(50), count: 1, at: at(55), sent: at(50), from: "mei", to: group,
                    group: true)),
            say("sixty", 60),
            .callback(Payload.recall(id(60), at: at(65), from: "mei", to: group)),
            .callback(Payload.reaction("👍", by: ["jun"], on: id(50), at: at(66), to: group)),
            .callback(Payload.reaction("🎉", by: ["jun", "tao"], on: id(50), at: at(68), to: group)),
            group("LEAVE", "DELETE", ["tao"], 75),
            .callback(
                Payload.edit(
                    "fifty at last", of: id(50), count: 2, at: at(80), sent: at(50), from: "mei", to: group,
                    group: true)),
            say("ninety", 90),
        ] + send("for jun only", 70, receivers: ["jun"]) + send("refused", 72, rejected: "user is mute")

    private static func reader(
        _ views: Views, _ log: TestLog, as viewer: String? = nil, at second: Int64? = nil,
        recordsEnd: UInt64 = .max, explains: Bool = false
    ) throws -> TranscriptReader {
        var reader = try TranscriptReader(views, archive: log.archive)
        reader.viewpoint.viewer = viewer.map { UserID($0) }
        reader.viewpoint.moment = second.map { Viewpoint.Moment(instant($0), recordsEnd: recordsEnd) }
        reader.explains = explains
        return reader
    }

    /// Every entry in a few words.
    private static func lines(_ reader: TranscriptReader, _ name: String = name) throws -> [String] {
        var cursor = try reader.cursor(try reader.conversation(named: name))
        var lines: [String] = []
        while let entry = try cursor.next() {
            switch entry {
            case .message(let message):
                let contents = message.versions.map(\.body.plainText).joined(separator: " → ")
                lines.append(message.withheld.map { "[\($0.name)]" } ?? contents)
            case .notice(let notice): lines.append("— \(notice.operation.change)")
            case .hidden(let hidden):
                let second = (hidden.time.milliseconds - start) / 1000
                let bounds = [hidden.reason.since, hidden.reason.until].map { bound in
                    bound.map { "\(($0.milliseconds - start) / 1000)" } ?? ""
                }
                lines.append("\(second) hidden: \(hidden.reason.name) \(bounds.joined(separator: "–"))")
            }
        }
        return lines
    }

    @Test(
        "two members of one group see two transcripts, and each says what it leaves out and why",
        arguments: 0..<8)
    func twoViewers(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await withViews(of: Self.story.shuffled(using: &random)) { (views, log) throws in
            #expect(
                try Self.lines(Self.reader(views, log, as: "jun", explains: true)) == [
                    "— created", "ten", "— kicked", "30 hidden: notMember 20–40", "— joined", "— joined",
                    "— infoUpdated", "fifty → fifty again → fifty at last", "[recalled]", "for jun only",
                    "72 hidden: refused –", "— left", "ninety",
                ], "seed \(seed)")
            #expect(
                try Self.lines(Self.reader(views, log, as: "tao", explains: true)) == [
                    "10 hidden: notMember –45", "30 hidden: notMember –45", "— joined", "— infoUpdated",
                    "fifty → fifty again", "[recalled]", "70 hidden: targeted –", "72 hidden: refused –",
                    "— left", "90 hidden: notMember 75–",
                ], "seed \(seed)")
            // Who wrote them sees her own: the refused one, too, and the one she recalled without its words.
            #expect(
                try Self.lines(Self.reader(views, log, as: "mei", explains: true)) == [
                    "— created", "ten", "— kicked", "thirty", "— joined", "— joined", "— infoUpdated",
                    "fifty → fifty again → fifty at last", "[recalled]", "for jun only", "refused", "— left",
                    "ninety",
                ], "seed \(seed)")
        }
    }

    @Test("without an explanation nothing is left of what is hidden, in lists and counts neither")
    func counts() async throws {
        try await withViews(of: Self.story) { (views, log) throws in
            let tao = try Self.reader(views, log, as: "tao")
            let summary = try tao.conversation(named: Self.name)
            #expect(summary.messageCount == 2 && summary.title == "Oolong")
            #expect(summary.first == Self.instant(50) && summary.last == Self.instant(60))
            #expect(summary.participants.map(\.user.rawValue) == ["jun", "mei", "tao"])
            #expect(try Self.lines(tao).count == 5)
            #expect(try tao.newestMessages(in: summary, limit: 1).map(\.id.rawValue) == [Self.id(60)])
            #expect(try tao.newestMessages(in: summary, limit: 9).count == 2)
            #expect(try tao.messages(withID: MessageID(Self.id(90))).isEmpty)
            let early = try Self.reader(views, log, as: "jun", at: 35).conversation(named: Self.name)
            #expect(early.messageCount == 1 && early.title == "Tea")
            #expect(early.participants.map(\.user.rawValue) == ["jun", "mei"])
        }
    }

    @Test(
        "as it happened: edits, recalls, reactions, titles and members of the instant, each to the millisecond"
    )
    func happened() async throws {
        try await withViews(of: Self.story) { (views, log) throws in
            func state(_ second: Int64) throws -> (contents: String, recalled: Bool, reactions: String) {
                let reader = try Self.reader(views, log, at: second)
                let fifty = try reader.messages(withID: MessageID(Self.id(50))).first
                let sixty = try reader.messages(withID: MessageID(Self.id(60))).first
                return (
                    fifty?.versions.map(\.body.plainText).joined(separator: " → ") ?? "-",
                    sixty?.recall != nil, fifty?.reactions.map(\.name).joined() ?? ""
                )
            }
            #expect(try state(49) == ("-", false, ""))
            #expect(try state(50) == ("fifty", false, ""))
            #expect(try state(55) == ("fifty → fifty again", false, ""))
            #expect(try state(64) == ("fifty → fifty again", false, ""))
            #expect(try state(65) == ("fifty → fifty again", true, ""))
            #expect(try state(67) == ("fifty → fifty again", true, "👍"))
            #expect(try state(68) == ("fifty → fifty again", true, "🎉"))
            #expect(try state(80) == ("fifty → fifty again → fifty at last", true, "🎉"))
            let before = try Self.reader(views, log, at: 47).conversations()
            #expect(before.map(\.title) == ["Tea"] && before.map(\.messageCount) == [2])
            #expect(before.first?.last == Self.instant(30))
            #expect(try Self.reader(views, log, at: -1).conversations().isEmpty)
            // The archive keeps what was recalled; somebody's eyes before the recall see it too.
            #expect(try Self.lines(Self.reader(views, log, at: 70)).contains("sixty"))
            #expect(try Self.lines(Self.reader(views, log, as: "jun", at: 64)).contains("sixty"))
            #expect(try !Self.lines(Self.reader(views, log, as: "jun", at: 65)).contains("sixty"))
        }
    }

    @Test("a message known by its edits alone says nothing before the first of them")
    func editAlone() async throws {
        let edit = Payload.edit(
            "after", of: Self.id(10), count: 1, at: Self.at(20), sent: Self.at(10), from: "mei", to: "jun")
        try await withViews(of: [.callback(edit)]) { (views, log) throws in
            let chat = "chat:jun:mei"
            #expect(try Self.lines(Self.reader(views, log, at: 15), chat) == ["[notArchived]"])
            #expect(try Self.lines(Self.reader(views, log, at: 20), chat) == ["after"])
        }
    }

    @Test("a fact without a time counts from its capture on")
    func timeless() async throws {
        // The SDK's recall event tells no time; neither does this line.
        let recall = Delivery.sdk(
            #"{"flow":"in","handler":"onRecallMessage","message":{"id":"\#(Payload.id(at: Self.at(11), 9))","from":"mei","to":"jun","mid":"\#(Self.id(10))"}}"#,
            session: "s")
        let hello = Self.say("hello", 10, to: "jun", isGroup: false)
        try await withViews(of: [hello, recall]) { (views, log) throws in
            for (end, lines) in [(1, ["hello"]), (2, ["[recalled]"])] as [(UInt64, [String])] {
                let reader = try Self.reader(views, log, as: "jun", at: 99, recordsEnd: end)
                #expect(try Self.lines(reader, "chat:jun:mei") == lines)
            }
        }
    }

    @Test("late history changes how it happened, and not how the archive knew it")
    func lateHistory() async throws {
        let early = [
            Self.say("ten", 10, to: "jun", isGroup: false), Self.say("thirty", 30, to: "jun", isGroup: false),
        ]
        let late = Delivery.history(
            Payload.history("twenty", id: Self.id(20), at: Self.at(20), from: "jun", to: "mei"),
            app: AppKey(Payload.app))
        try await withTemporaryDirectory { folder async throws in
            let log = try await TestLog(folder, early)
            func known() throws -> [String] {
                let place = folder.appending(path: UUID().uuidString).appending(path: "views.sqlite")
                try FileManager.default.createDirectory(
                    at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Projector.rebuild(log.archive, through: SequenceNumber(1), into: place)
                return try Self.lines(Self.reader(Views(at: place), log), "chat:jun:mei")
            }
            func happened() throws -> [String] {
                try Self.lines(Self.reader(log.views(), log, at: 25), "chat:jun:mei")
            }
            #expect(try known() == ["ten", "thirty"])
            #expect(try happened() == ["ten"])
            try await log.append([late])
            #expect(try known() == ["ten", "thirty"])
            #expect(try happened() == ["ten", "twenty"])
        }
    }

    @Test("an online-only message is seen by who was online, who got it, and of whom that is not known")
    func onlineOnly() async throws {
        func status(_ user: String, _ status: String, _ second: Int64) -> Delivery {
            .callback(
                #"{"callId":"\#(Payload.app)_\#(user)\#(second)","reason":"login","status":"\#(status)","user":"\#(Payload.app)_\#(user)@easemob.com/web","#
                    + #""os":"web","ip":"","version":"4","appkey":"\#(Payload.app)","timestamp":\#(Self.at(second))}"#
            )
        }
        var deliveries = Self.send("now", 50, isOnlineOnly: true)
        deliveries.append(Self.group("CREATE", "", ["jun", "tao", "lin", "wei"], 0))
        deliveries += [
            status("jun", "online", 1), status("tao", "online", 1), status("tao", "offline", 40),
            status("lin", "online", 1), status("lin", "offline", 41),
            .callback(Payload.read(Self.id(50), at: Self.at(52), by: "lin", to: Self.group)),
        ]
        try await withViews(of: deliveries) { (views, log) throws in
            for (user, line) in [
                ("jun", "now"), ("tao", "50 hidden: offline 40–"), ("lin", "now"), ("wei", "now"),
            ] {
                let lines = try Self.lines(Self.reader(views, log, as: user, explains: true))
                #expect(lines.last == line, "\(user): \(lines)")
            }
        }
    }

    @Test("whole pages of hidden messages are passed over, and the newest are still found")
    func pages() async throws {
        var deliveries = [
            Self.group("CREATE", "", ["tao"], 0), Self.say("one", 1),
            Self.group("JOIN", "DIRECT", ["jun"], 5000), Self.say("last", 5001),
            Self.group("LEAVE", "DELETE", ["jun"], 5002),
        ]
        for second in Int64(10)..<1250 { deliveries.append(Self.say("x", second)) }
        for second in Int64(6000)..<7100 { deliveries.append(Self.say("y", second)) }
        try await withViews(of: deliveries) { (views, log) throws in
            let jun = try Self.reader(views, log, as: "jun")
            #expect(try Self.lines(jun) == ["— joined", "last", "— left"])
            let summary = try jun.conversation(named: Self.name)
            #expect(summary.messageCount == 1)
            #expect(try jun.newestMessages(in: summary, limit: 3).map(\.body.plainText) == ["last"])
            #expect(try Self.lines(Self.reader(views, log, as: "jun", explains: true)).count == 2344)
        }
    }

    @Test("a list shows a viewer the conversations of which they see something")
    func list() async throws {
        let deliveries =
            Self.story + [
                Self.say("hi", 15, to: "jun", isGroup: false), Self.say("ho", 16, to: "tao", isGroup: false),
            ]
        try await withViews(of: deliveries) { (views, log) throws in
            func names(_ user: String, _ second: Int64? = nil) throws -> [String] {
                try Self.reader(views, log, as: user, at: second).conversations().map(\.name)
            }
            #expect(try names("jun") == [Self.name, "chat:jun:mei"])
            #expect(try names("tao") == [Self.name, "chat:mei:tao"])
            #expect(try names("tao", 44) == ["chat:mei:tao"])
            #expect(try names("jun", 5) == [Self.name])
            #expect(try !Self.reader(views, log).knows(UserID("nobody")))
        }
    }
}
