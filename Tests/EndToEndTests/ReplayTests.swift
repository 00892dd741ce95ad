// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("Replay from the command line")
struct ReplayTests {
    private func withArchive(_ body: (Stele) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let other = SampleCallback(50, from: "tom", to: "lin").line() + "\n"
            try Data((SampleCallback.lines(0..<20) + other).utf8).write(
                to: folder.appendingPathComponent("in.jsonl"))
            try #require(try await stele("import", "in.jsonl").status == 0)
            try await body(stele)
        }
    }

    @Test("the raw stream is what was received, byte for byte, in order")
    func raw() async throws {
        try await withArchive { stele in
            let output = try await stele("replay", "--speed", "max", "--raw")
            #expect(output.status == 0, "\(output.stderr)")
            #expect(output.stdout == (try Data(contentsOf: stele.folder.appendingPathComponent("in.jsonl"))))
        }
    }

    @Test("records come with their envelope, the same in two runs")
    func records() async throws {
        try await withArchive { stele in
            let first = try await stele("replay", "--speed", "max")
            let lines = try first.lines
            #expect(lines.compactMap { $0["seq"] as? Int } == Array(0..<21))
            for line in lines {
                #expect(line["via"] as? String == "callback" && line["flow"] as? String == "none")
                #expect(line["at"] is String && line["event"] is [String: Any])
            }
            #expect(try await stele("replay", "--speed", "max").stdout == first.stdout)
        }
    }

    @Test(
        "filters and bounds choose records",
        arguments: [
            (["--conversation", "chat:lin:tom"], [20]),
            (["--from", "18"], [18, 19, 20]),
            (["--until", "2"], [0, 1]),
            (["--from", "2025-11-20T00:53:38Z", "--conversation", "chat:alice:lin"], [18, 19]),
            (["--from", "2025-11-20T00:53:21Z", "--until", "2025-11-20T00:53:23Z"], [1, 2]),
            (["--surface", "history"], []),
            (["--session", "nobody"], []),
        ] as [([String], [Int])])
    func filters(arguments: [String], sequences: [Int]) async throws {
        try await withArchive { stele in
            let output = try await stele.run(["replay", "--speed", "max"] + arguments)
            #expect(output.status == 0, "\(output.stderr)")
            #expect(try output.lines.compactMap { $0["seq"] as? Int } == sequences)
        }
    }

    @Test("a factor sets the pace: nineteen recorded seconds at 100 times take a fifth of one")
    func pace() async throws {
        try await withArchive { stele in
            let start = ContinuousClock.now
            let output = try await stele("replay", "--conversation", "chat:alice:lin", "--speed", "100")
            #expect(try output.lines.count == 20)
            #expect(ContinuousClock.now - start >= .milliseconds(190))
        }
    }

    @Test("into another archive's listener, signed with another secret: the same messages")
    func intoListener() async throws {
        try await withArchive { stele in
            let server = try await ServedArchive(
                stele, archive: "copy", secret: "\(SampleCallback.app)=another-secret")
            let output = try await stele(
                "replay", "--speed", "max", "--to", "\(server.url)/callback", "--secret",
                "\(SampleCallback.app)=another-secret", "--json")
            #expect(output.status == 0, "\(output.stderr)")
            let report = try output.document
            #expect(report["sent"] as? Int == 21 && report["accepted"] as? Int == 21)
            #expect(report["failed"] as? Int == 0 && report["skipped"] as? Int == 0)
            #expect(await server.stop() == 0)
            let copied = try await stele("replay", "--speed", "max", "--raw", "--archive", "copy").text
            let original = try await stele("replay", "--speed", "max", "--raw").text
            // Nothing but the signature differs.
            let signature = #/"security":"[0-9a-f]{32}"/#
            #expect(copied != original)
            #expect(copied.replacing(signature, with: "") == original.replacing(signature, with: ""))
        }
    }

    @Test("what is refused is tried once more and reported: exit 1")
    func refused() async throws {
        try await withArchive { stele in
            let server = try await ServedArchive(
                stele, archive: "copy", secret: "\(SampleCallback.app)=right")
            let output = try await stele(
                "replay", "--speed", "max", "--to", "\(server.url)/callback", "--secret",
                "\(SampleCallback.app)=wrong", "--until", "3", "--json")
            #expect(output.status == 1)
            let report = try output.document
            #expect(
                report["sent"] as? Int == 3 && report["failed"] as? Int == 3 && report["retried"] as? Int == 3
            )
            #expect(output.stderr.contains("record 0: answered 401") && output.stderr.contains("hint: "))
            #expect(await server.stop() == 0)
        }
    }

    @Test("an endpoint that nobody listens at ends the replay at once: exit 74")
    func unreachable() async throws {
        try await withArchive { stele in
            // The port of a listener that has ended is free.
            let server = try await ServedArchive(stele, archive: "copy", secret: nil)
            let url = server.url
            #expect(await server.stop() == 0)
            let output = try await stele("replay", "--speed", "max", "--to", "\(url)/callback")
            #expect(output.status == 74)
            #expect(output.stderr.contains("error: No answer from \(url)"), "\(output.stderr)")
        }
    }
}
