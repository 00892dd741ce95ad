// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("Reading an archive from the command line")
struct ReadingTests {
    /// Two conversations: twenty messages of lin and alice, one of lin and tom.
    private func withArchive(_ body: (Stele) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let other = SampleCallback(50, from: "tom", to: "lin", text: "茶已经泡好了，快来").line() + "\n"
            try Data((SampleCallback.lines(0..<20) + other).utf8).write(
                to: folder.appendingPathComponent("in.jsonl"))
            let output = try await stele("import", "in.jsonl")
            try #require(output.status == 0, "\(output.stderr)")
            try await body(stele)
        }
    }

    @Test("conversations: one a line, with the members promised")
    func conversations() async throws {
        try await withArchive { stele in
            let output = try await stele("conversations", "--json")
            #expect(output.status == 0, "\(output.stderr)")
            let lines = try output.lines
            #expect(lines.count == 2)
            let chat = try #require(lines.first { $0["id"] as? String == "chat:alice:lin" })
            #expect(chat["kind"] as? String == "chat")
            #expect(chat["app"] as? String == SampleCallback.app)
            #expect(chat["participants"] as? [String] == ["alice", "lin"])
            #expect(chat["messages"] as? Int == 20)
            #expect((chat["first"] as? String)?.hasPrefix("2025-11-20T00:53:20") == true, "\(chat)")
            #expect((chat["last"] as? String)?.hasPrefix("2025-11-20T00:53:39") == true, "\(chat)")
            let people = try await stele("conversations")
            #expect(people.text.contains("chat:alice:lin") && people.text.contains("chat:lin:tom"))
        }
    }

    @Test("messages: one a line, in order, with the members promised")
    func messages() async throws {
        try await withArchive { stele in
            let output = try await stele("messages", "chat:alice:lin", "--json")
            #expect(output.status == 0, "\(output.stderr)")
            let lines = try output.lines
            #expect(lines.compactMap { $0["text"] as? String } == (0..<20).map { "message \($0)" })
            let first = try #require(lines.first)
            #expect(first["id"] as? String == SampleCallback(0).id)
            #expect(first["conversation"] as? String == "chat:alice:lin")
            #expect(first["type"] as? String == "txt")
            #expect(first["from"] as? String == "lin" && first["to"] as? String == "alice")
            #expect((first["time"] as? String)?.hasPrefix("2025-11-20T00:53:20") == true)
            #expect(first["state"] as? String == "normal")
            #expect((first["versions"] as? [Any])?.count == 1)
            #expect(first["receipts"] is [String: Any])
            #expect((first["sightings"] as? [Any])?.count == 1)
        }
    }

    @Test("messages: the other order of the users, limits and times")
    func messageOptions() async throws {
        try await withArchive { stele in
            let limited = try await stele("messages", "chat:lin:alice", "--limit", "3", "--json").lines
            #expect(limited.count == 3)
            let between = try await stele(
                "messages", "chat:alice:lin", "--from", "2025-11-20T00:53:25Z", "--to",
                "2025-11-20T08:53:27+08:00",
                "--json"
            ).lines
            #expect(between.compactMap { $0["text"] as? String } == ["message 5", "message 6"])
            let none = try await stele("messages", "chat:alice:lin", "--from", "2030-01-01", "--json")
            #expect(none.status == 0 && none.stdout.isEmpty)
        }
    }

    @Test("messages as of a record: what the archive showed then")
    func asOf() async throws {
        try await withArchive { stele in
            let lines = try await stele("messages", "chat:alice:lin", "--as-of", "7", "--json").lines
            #expect(lines.compactMap { $0["text"] as? String } == (0...7).map { "message \($0)" })
        }
    }

    @Test("a conversation that is not there: exit 1, naming it")
    func noSuchConversation() async throws {
        try await withArchive { stele in
            for arguments in [
                ["messages", "chat:nobody:alice"],
                ["export", "jsonl", "--conversation", "group:1", "--out", "x"],
            ] {
                let output = try await stele.run(arguments)
                #expect(output.status == 1, "\(arguments) \(output.stderr)")
                #expect(output.stderr.hasPrefix("error: ") && output.stderr.contains("\nhint: "))
                #expect(output.stdout.isEmpty)
            }
            #expect(!FileManager.default.fileExists(atPath: stele.folder.appendingPathComponent("x").path))
        }
    }

    @Test("text for people: nothing of a message moves the cursor, Chinese is there, no colours into a file")
    func people() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let text = #"红色\u001b[31m red\nsecond line"#
            try Data((SampleCallback(1, text: text).line() + "\n").utf8)
                .write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "in.jsonl").status == 0)
            let output = try await stele("messages", "chat:alice:lin", "--time-zone", "Asia/Shanghai")
            #expect(output.status == 0, "\(output.stderr)")
            #expect(output.text.contains("红色") && output.text.contains("second line"))
            #expect(!output.text.contains("\u{1B}"))
            #expect(output.text.contains("2025-11-20") && output.text.contains("08:53"), "\(output.text)")
        }
    }

    @Test("search finds Chinese substrings, and takes what is typed literally")
    func search() async throws {
        try await withArchive { stele in
            for (text, count) in [("茶", 1), ("泡好", 1), ("message 1", 1), ("\"", 0), ("mess*", 0), ("OR", 0)] {
                let output = try await stele("search", text, "--json")
                #expect(try output.lines.count == count, "\(text): \(output.text) \(output.stderr)")
                #expect(output.status == 0, "\(text)")
            }
            let narrowed = try await stele("search", "茶", "--conversation", "chat:alice:lin", "--json")
            #expect(try narrowed.lines.isEmpty)
        }
    }

    @Test(
        "every format is written, never over an earlier file unless told",
        arguments: ["jsonl", "json", "csv", "text"])
    func export(format: String) async throws {
        try await withArchive { stele in
            let out = stele.folder.appendingPathComponent("out")
            let first = try await stele("export", format, "--out", "out")
            #expect(first.status == 0, "\(first.stderr)")
            let bytes = try Data(contentsOf: out)
            for number in 0..<20 {
                #expect(String(decoding: bytes, as: UTF8.self).contains("message \(number)"))
            }
            try Data("mine".utf8).write(to: out)
            let second = try await stele("export", format, "--out", "out")
            #expect(second.status == 74 && second.stderr.contains("--force"), "\(second.stderr)")
            #expect(try Data(contentsOf: out) == Data("mine".utf8))
            #expect(try await stele("export", format, "--out", "out", "--force").status == 0)
            #expect(try Data(contentsOf: out) == bytes)
        }
    }

    @Test("an HTML export is a folder that opens at index.html")
    func exportHTML() async throws {
        try await withArchive { stele in
            let output = try await stele("export", "html", "--out", "site", "--json")
            #expect(output.status == 0, "\(output.stderr)")
            let index = stele.folder.appendingPathComponent("site/index.html")
            #expect(FileManager.default.fileExists(atPath: index.path))
            #expect(try await stele("export", "html", "--out", "site").status == 74)
        }
    }

    @Test("verify, status and rebuild print the shapes promised")
    func reports() async throws {
        try await withArchive { stele in
            let verify = try await stele("verify", "--json")
            #expect(verify.status == 0)
            let verdict = try verify.document
            #expect(verdict["ok"] as? Bool == true && verdict["records"] as? Int == 21)
            #expect((verdict["problems"] as? [Any])?.isEmpty == true)
            let before = try await stele("status", "--json").document
            #expect(before["records"] as? Int == 21 && before["segments"] as? Int == 1)
            #expect(try #require(before["bytes"] as? Int) > 500)
            #expect(before.keys.contains("applied") && before.keys.contains("checkpoint"))
            #expect(try await stele("rebuild", "--json").status == 0)
            let after = try await stele("status", "--json").document
            #expect(after["applied"] as? Int == 20 && after["quarantined"] as? Int == 0, "\(after)")
        }
    }

    @Test("a flipped byte fails verify: exit 1, naming segment and place")
    func damage() async throws {
        try await withArchive { stele in
            let log = stele.folder.appendingPathComponent("stele-archive/log")
            let segment = try #require(try FileManager.default.contentsOfDirectory(atPath: log.path).first)
            let file = log.appendingPathComponent(segment)
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count / 2] ^= 0x10
            try bytes.write(to: file)
            let output = try await stele("verify", "--full", "--json")
            #expect(output.status == 1)
            let verdict = try output.document
            #expect(verdict["ok"] as? Bool == false)
            let problems = try #require(verdict["problems"] as? [[String: Any]])
            #expect((problems.first?["segment"] as? String)?.contains(segment) == true, "\(problems)")
            #expect(problems.first?["what"] is String)
        }
    }

    @Test("a rebuild that is killed leaves the old views, and nothing of its own after the next one")
    func killedRebuild() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try Data(SampleCallback.lines(0..<3000).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "--from", "callback", "in.jsonl").status == 0)
            let before = try await stele("conversations", "--json").text
            let archive = folder.appending(path: "stele-archive")
            func files() throws -> Set<String> {
                Set(
                    try FileManager.default.contentsOfDirectory(atPath: archive.path).filter {
                        $0.hasPrefix("views-")
                    })
            }
            for _ in 0..<4 {
                let old = try files()
                let rebuild = try stele.start(["rebuild"])
                while try files() == old, rebuild.isRunning {}
                rebuild.send(SIGKILL)
                _ = await rebuild.exit()
                #expect(try await stele("conversations", "--json").text == before)
            }
            #expect(try await stele("rebuild").status == 0)
            #expect(try await stele("conversations", "--json").text == before)
            #expect(try files().filter { $0.hasSuffix(".sqlite") }.count == 1)
        }
    }

    @Test("an event of unknown kind is recorded, and listed in the quarantine")
    func quarantine() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try Data((SampleCallback.lines(0..<1) + #"{"callId":"x","eventType":"hologram"}"# + "\n").utf8)
                .write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "--from", "callback", "in.jsonl").status == 0)
            let listed = try await stele("quarantine", "--json").lines
            #expect(listed.count == 1 && listed.first?["seq"] as? Int == 1, "\(listed)")
            let shown = try await stele("quarantine", "1", "--lines")
            #expect(shown.text.contains(#""event":{"callId":"x","eventType":"hologram"}}"#), "\(shown.text)")
            let line = try await stele("quarantine", "--lines", "--json").lines.first?["line"] as? String
            #expect(line?.hasPrefix(#"{"seq":1,"at":"#) == true)
            #expect(try await stele("quarantine", "0").status == 1, "that one is understood")
            #expect(try await stele("status", "--json").document["quarantined"] as? Int == 1)
        }
    }
}
