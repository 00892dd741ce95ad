// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

/// One archive through the built program, from several instants and with several people's eyes.
@Suite("Viewpoints") struct ViewpointTests {
    private static let app = "tea-house#atelier"
    private static let group = "262246968131585"
    private static let start: Int64 = 1_763_600_000_000

    private static func at(_ second: Int64) -> Int64 { start + second * 1000 }
    private static func id(_ second: Int64) -> String {
        let milliseconds = at(second)
        return String(
            (milliseconds / 1000 - 1_417_564_800) << 32 | (milliseconds % 1000) << 22 | 1 << 12 | 7)
    }
    /// As `--as-of` takes it.
    private static func time(_ second: Int64) -> String {
        Date(timeIntervalSince1970: Double(at(second)) / 1000).formatted(.iso8601)
    }

    private static func say(_ text: String, _ second: Int64) -> String {
        #"{"callId":"\#(app)_\#(id(second))","eventType":"chat","timestamp":\#(at(second)),"chat_type":"groupchat","#
            + #""group_id":"\#(group)","from":"mei","to":"\#(group)","msg_id":"\#(id(second))","#
            + #""payload":{"ext":{},"bodies":[{"msg":"\#(text)","type":"txt"}]},"appkey":"\#(app)","#
            + #""content_type":"chat:group:text"}"#
    }

    private static func change(_ operation: String, _ type: String, _ user: String, _ second: Int64) -> String
    {
        #"{"callId":"\#(app)_\#(operation)-\#(user)-\#(second)","payload":{"member":["\#(user)"],"type":"\#(type)"},"#
            + #""appkey":"\#(app)","id":"\#(group)","type":"GROUP","event":"group_op_event","#
            + #""operation":"\#(operation)","operator":"mei","timestamp":\#(at(second))}"#
    }

    private static func recall(_ target: Int64, _ second: Int64) -> String {
        #"{"chat_type":"recall","callId":"\#(app)_\#(id(second))","payload":{"ext":{},"#
            + #""ack_message_id":"\#(id(target))","bodies":[]},"appkey":"\#(app)","from":"mei","#
            + #""recall_id":"\#(id(target))","to":"\#(group)","eventType":"chat","msg_id":"\#(id(second))","#
            + #""timestamp":\#(at(second))}"#
    }

    private static func edit(_ text: String, _ target: Int64, _ second: Int64) -> String {
        #"{"callId":"\#(app)_\#(id(second))","eventType":"chat","chat_type":"edit","payload":{"#
            + #""edit_message_id":"\#(id(target))","ext":{},"bodies":[{"msg":"\#(text)","type":"txt"}],"meta":{"#
            + #""edit_msg":{"chat_type":"chat:group","send_time":\#(at(target)),"edit_time":\#(at(second)),"#
            + #""sender":"mei","count":1,"operator":"mei"}},"type":"edit"},"appkey":"\#(app)","from":"mei","#
            + #""to":"\#(group)","msg_id":"\#(id(second))","timestamp":\#(at(second))}"#
    }

    private static func history(_ text: String, _ second: Int64) -> String {
        #"{"msg_id":"\#(id(second))","timestamp":\#(at(second)),"direction":"outgoing","to":"\#(group)","#
            + #""from":"mei","chat_type":"groupchat","payload":{"bodies":[{"msg":"\#(text)","type":"txt"}],"#
            + #""ext":{},"from":"mei","to":"\#(group)"}}"#
    }

    /// Jun is there from the beginning to 60, Tao from 40 on.
    private static let story = [
        change("CREATE", "", "jun", 0), say("welcome jun", 10), change("JOIN", "DIRECT", "tao", 40),
        say("plans 春天", 50), change("LEAVE", "DELETE", "jun", 60), say("secret of tao", 70),
        say("regret", 75), edit("plans 秋天", 50, 80), recall(75, 85),
    ]

    private func withArchive(_ body: (Stele) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try await Self.bring(Self.story, to: stele, from: "callback")
            try await body(stele)
        }
    }

    private static func bring(_ lines: [String], to stele: Stele, from surface: String) async throws {
        let file = stele.folder.appendingPathComponent("\(UUID().uuidString).jsonl")
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file)
        let output = try await stele("import", "--from", surface, "--app", app, file.path)
        #expect(output.status == 0, "\(output.stderr)")
    }

    /// The lines of `messages --json` in a few words.
    private func told(_ stele: Stele, _ options: String...) async throws -> [String] {
        let output = try await stele.run(["messages", "group:\(Self.group)", "--json"] + options)
        #expect(output.status == 0, "\(output.stderr)")
        return try output.lines.map { line in
            if let hidden = line["hidden"] as? [String: Any], let reason = hidden["reason"] as? String {
                return "\(line["state"] as? String ?? "hidden"): \(reason)"
            }
            return line["text"] as? String ?? "?"
        }
    }

    @Test("two viewers of one group get two transcripts, each of which says what it leaves out")
    func twoViewers() async throws {
        try await withArchive { stele in
            #expect(
                try await told(stele, "--as-seen-by", "jun", "--explain") == [
                    "welcome jun", "plans 春天", "hidden: notMember", "hidden: notMember",
                ])
            #expect(
                try await told(stele, "--as-seen-by", "TAO", "--explain") == [
                    "hidden: notMember", "plans 秋天", "secret of tao", "recalled: recalled",
                ])
            #expect(try await told(stele, "--as-seen-by", "jun") == ["welcome jun", "plans 春天"])
            #expect(
                try await told(stele, "--as-seen-by", "tao", "--as-of", Self.time(79), "--clock", "happened")
                    == [
                        "plans 春天", "secret of tao", "regret",
                    ])
            let text = try await stele(
                "messages", "group:\(Self.group)", "--as-seen-by", "jun", "--explain"
            ).text
            #expect(text.hasPrefix("as seen by jun\nGroup group:\(Self.group) · 2 messages"), "\(text)")
            #expect(text.contains("not a member then: left 2025-11-20 00:54:20.000"), "\(text)")
            #expect(!text.contains("secret"))
        }
    }

    @Test("late history changes how it happened, and leaves what the archive knew alone")
    func lateHistory() async throws {
        try await withArchive { stele in
            let known = ["--as-of", "\(Self.story.count - 1)"]
            let happened = ["--as-of", Self.time(55), "--clock", "happened"]
            func bytes(_ options: [String]) async throws -> Data {
                try? FileManager.default.removeItem(at: stele.folder.appendingPathComponent("out"))
                let output = try await stele.run(["export", "json", "--out", "out"] + options)
                #expect(output.status == 0, "\(output.stderr)")
                return try Data(contentsOf: stele.folder.appendingPathComponent("out"))
            }
            let knownBefore = try await bytes(known)
            let happenedBefore = try await bytes(happened)
            try await Self.bring([Self.history("found later", 30)], to: stele, from: "history")
            #expect(try await bytes(known) == knownBefore)
            let after = try await bytes(happened)
            #expect(after != happenedBefore)
            #expect(try await bytes(happened) == after)
            #expect(String(decoding: after, as: UTF8.self).contains("found later"))
            let head = try #require(try JSON.object(after)["asOf"] as? [String: Any])
            #expect(head["clock"] as? String == "happened")
            let list = try await stele.run(["conversations", "--json"] + happened).lines
            #expect(list.map { $0["messages"] as? Int } == [3])
            let knownList = try await stele.run(["conversations", "--json"] + known).lines
            #expect(knownList.map { $0["messages"] as? Int } == [4])
        }
    }

    @Test(
        "search finds nothing by words that the viewer could not see",
        arguments: [
            ("秋天", [], 1), ("春天", [], 1), ("secret", [], 1), ("regret", [], 1),
            ("秋天", ["--as-seen-by", "jun"], 0), ("春天", ["--as-seen-by", "jun"], 1),
            ("secret", ["--as-seen-by", "jun"], 0), ("secret", ["--as-seen-by", "tao"], 1),
            ("regret", ["--as-seen-by", "tao"], 0), ("welcome", ["--as-seen-by", "tao"], 0),
            ("秋天", ["--as-seen-by", "tao"], 1), ("春天", ["--as-seen-by", "tao"], 1),
            ("秋天", ["--as-of", time(79), "--clock", "happened"], 0),
            ("regret", ["--as-seen-by", "tao", "--as-of", time(79), "--clock", "happened"], 1),
            ("regret", ["--as-seen-by", "tao", "--as-of", "7"], 1),
        ] as [(String, [String], Int)])
    func search(text: String, options: [String], count: Int) async throws {
        try await withArchive { stele in
            let output = try await stele.run(["search", text, "--json"] + options)
            #expect(output.status == 0, "\(output.stderr)")
            #expect(try output.lines.count == count, "\(output.text)")
        }
    }

    @Test(
        "no format and no list lets through what is hidden",
        arguments: ["html", "json", "jsonl", "csv", "text"])
    func exports(format: String) async throws {
        try await withArchive { stele in
            let out = stele.folder.appendingPathComponent(format == "html" ? "out.html" : "out")
            let output = try await stele(
                "export", format, "--out", out.path, "--as-seen-by", "jun", "--explain")
            #expect(output.status == 0, "\(output.stderr)")
            let text = String(decoding: try Data(contentsOf: out), as: UTF8.self)
            for hidden in ["secret", "regret", "秋天"] { #expect(!text.contains(hidden), "\(hidden)") }
            #expect(text.contains("welcome jun") && text.contains(Self.id(70)))
            #expect(text.contains("notMember") || text.contains("not a member then"))
            if format == "html" || format == "text" { #expect(text.contains("as seen by jun")) }
            if format == "json" { #expect(try JSON.object(Data(text.utf8))["seenBy"] as? String == "jun") }
        }
    }

    @Test(
        "what makes no sense is bad usage, and nobody is seen by somebody unknown",
        arguments: [
            (["messages", "group:1", "--as-of", "3", "--clock", "happened"], 64),
            (["messages", "group:1", "--clock", "happened"], 64),
            (["messages", "group:1", "--as-of", "2025-11-20", "--clock", "sideways"], 64),
            (["messages", "group:1", "--explain"], 64),
            (["conversations", "--as-seen-by", ""], 64),
            (["conversations", "--as-seen-by", "nobody"], 1),
            (["conversations", "--as-of", "2001-01-01"], 1),
            (["conversations", "--as-of", "2001-01-01", "--clock", "happened"], 0),
        ] as [([String], Int32)])
    func usage(arguments: [String], status: Int32) async throws {
        try await withArchive { stele in
            let output = try await stele.run(arguments)
            #expect(output.status == status, "\(output.stderr)")
            #expect(output.stdout.isEmpty == (status != 0))
            if status == 1 { #expect(output.stderr.contains("error: ") && output.stderr.contains("hint: ")) }
        }
    }
}
