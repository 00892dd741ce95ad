// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("Import from the command line")
struct ImportTests {
    private func counts(_ output: Stele.Output) throws -> [String: Int] {
        try #require(try output.document as? [String: Int])
    }

    @Test("importing twice records nothing new")
    func idempotent() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try Data(SampleCallback.lines(0..<100).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let first = try await stele("import", "in.jsonl", "--json")
            #expect(first.status == 0)
            #expect(try counts(first) == ["read": 100, "recorded": 100, "duplicates": 0, "rejected": 0])
            let second = try await stele("import", "in.jsonl", "--json")
            #expect(second.status == 0)
            #expect(try counts(second) == ["read": 100, "recorded": 0, "duplicates": 100, "rejected": 0])
            #expect(try await stele("status", "--json").document["records"] as? Int == 100)
        }
    }

    @Test(
        "a bad line is named by file and line, the lines round it are recorded, exit 65",
        arguments: [
            "not json", #"{"callId":"#, "[[[[[\(String(repeating: "[", count: 5000))", "\u{0}",
            #"{"a":1} trailing"#,
        ])
    func badLine(bad: String) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let text = SampleCallback.lines(0..<2) + bad + "\n" + SampleCallback.lines(2..<4)
            try Data(text.utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let output = try await stele("import", "in.jsonl", "--json")
            #expect(output.status == 65)
            #expect(try counts(output) == ["read": 5, "recorded": 4, "duplicates": 0, "rejected": 1])
            #expect(output.stderr.contains("in.jsonl:3: "), "\(output.stderr)")
            #expect(output.stderr.contains("hint: "))
        }
    }

    @Test("a compressed file cut short gives its whole lines, and is named")
    func cutShort() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let plain = folder.appendingPathComponent("in.jsonl")
            // Different enough that the cut falls into the data.
            let text = (0..<500).map { SampleCallback($0, text: UUID().uuidString).line() + "\n" }.joined()
            try Data(text.utf8).write(to: plain)
            let gzip = Process()
            gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            gzip.arguments = ["gzip", plain.path]
            try gzip.run()
            gzip.waitUntilExit()
            let packed = folder.appendingPathComponent("in.jsonl.gz")
            let bytes = try Data(contentsOf: packed)
            try bytes.prefix(bytes.count * 2 / 3).write(to: packed)
            let output = try await stele("import", "in.jsonl.gz", "--json")
            #expect(output.status == 65)
            let counts = try counts(output)
            let recorded = try #require(counts["recorded"])
            #expect(recorded > 100 && recorded < 500 && counts["rejected"] == 1, "\(counts)")
            #expect(output.stderr.contains("in.jsonl.gz"), "\(output.stderr)")
        }
    }

    @Test("a path that is not there is named")
    func missingFile() async throws {
        try await withTemporaryDirectory { folder async throws in
            let output = try await Stele(folder: folder)("import", "nowhere.jsonl")
            #expect(output.status == 74)
            #expect(
                output.stderr.contains("nowhere.jsonl") && output.stderr.contains("hint: "),
                "\(output.stderr)")
        }
    }

    @Test("stock tools read the log: dense sequences and the received bytes")
    func stockTools() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try Data(SampleCallback.lines(0..<50).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "in.jsonl").status == 0)
            let zcat = Process()
            zcat.executableURL = URL(fileURLWithPath: "/bin/sh")
            zcat.arguments = ["-c", "zcat stele-archive/log/*.jsonl.gz > plain"]
            zcat.currentDirectoryURL = folder
            try zcat.run()
            zcat.waitUntilExit()
            #expect(zcat.terminationStatus == 0)
            let plain = try String(contentsOf: folder.appendingPathComponent("plain"), encoding: .utf8)
            let lines = plain.split(separator: "\n")
            #expect(lines.count == 50)
            for (number, line) in lines.enumerated() {
                let record = try JSON.object(Data(line.utf8))
                #expect(record["seq"] as? Int == number)
                let payload = SampleCallback(number, text: "message \(number)").line()
                #expect(line.hasSuffix(#","event":\#(payload)}"#), "\(number)")
            }
        }
    }
}
