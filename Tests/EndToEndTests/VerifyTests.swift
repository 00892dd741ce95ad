// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

/// `stele verify` on an archive in which something was changed, and its repair from a copy.
@Suite("Verifying and repairing")
struct VerifyTests {
    /// An archive of some callbacks in `stele-archive`, and a copy of it in `copy`.
    private static func pair(_ folder: URL) async throws -> Stele {
        let stele = Stele(folder: folder)
        try Data(SampleCallback.lines(0..<60).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
        #expect(try await stele("import", "in.jsonl").status == 0)
        try FileManager.default.copyItem(
            at: folder.appendingPathComponent("stele-archive"), to: folder.appendingPathComponent("copy"))
        return stele
    }

    private static let segment = "log/000000000000.jsonl.gz"

    private static func flip(_ file: String, in folder: URL, at place: Int? = nil) throws {
        let url = folder.appendingPathComponent("stele-archive/" + file)
        var bytes = [UInt8](try Data(contentsOf: url))
        bytes[place ?? bytes.count / 2] ^= 1
        try Data(bytes).write(to: url)
    }

    @Test("damage is named with what stands and what to do; a repair puts it back and says from where")
    func repair() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = try await Self.pair(folder)
            #expect(try await stele("verify", "--full").status == 0)
            let good = try Data(contentsOf: folder.appendingPathComponent("stele-archive/" + Self.segment))
            try Self.flip(Self.segment, in: folder)

            let found = try await stele("verify")
            #expect(found.status == 1)
            #expect(found.text.hasPrefix(Self.segment + "\n  record 0: "), "\(found.text)")
            #expect(
                found.stderr.contains("error: 1 problem in 1 file, beside 0 good records."), "\(found.stderr)"
            )
            #expect(found.stderr.contains("hint: Run 'stele verify --repair-from COPY'"), "\(found.stderr)")
            let document = try await stele("verify", "--json").document
            #expect(document["ok"] as? Bool == false && document["repaired"] == nil)
            let problem = try #require((document["problems"] as? [[String: Any]])?.first)
            #expect(problem["segment"] as? String == Self.segment && problem["sequence"] as? Int == 0)
            for key in ["what", "stands", "remedy"] {
                #expect((problem[key] as? String)?.isEmpty == false, "\(key)")
            }

            let repaired = try await stele("verify", "--repair-from", "copy", "--json")
            #expect(repaired.status == 0, "\(repaired.stderr)")
            let report = try repaired.document
            #expect(report["ok"] as? Bool == true && report["records"] as? Int == 60)
            let done = try #require((report["repaired"] as? [[String: Any]])?.first)
            #expect(done["segment"] as? String == Self.segment && done["records"] as? Int == 60)
            #expect((done["from"] as? String)?.hasSuffix("/copy") == true)
            #expect((report["refused"] as? [Any])?.isEmpty == true)
            #expect(
                try Data(contentsOf: folder.appendingPathComponent("stele-archive/" + Self.segment)) == good)
            let kept = try #require(done["kept"] as? String)
            #expect(
                FileManager.default.fileExists(
                    atPath: folder.appendingPathComponent("stele-archive/" + kept).path))
            // Events are known again, and the views are the same.
            let again = try await stele("import", "in.jsonl", "--json").document
            #expect(again["recorded"] as? Int == 0 && again["duplicates"] as? Int == 60)
        }
    }

    @Test("what lies beside the log is checked too", arguments: ["lock", "stele.json", "index"])
    func beside(file: String) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = try await Self.pair(folder)
            var path = file
            if file == "index" {
                let keys = folder.appendingPathComponent("stele-archive/index/keys")
                path =
                    "index/keys/"
                    + (try #require(try FileManager.default.contentsOfDirectory(atPath: keys.path).first))
            }
            try Self.flip(path, in: folder)
            let document = try await stele("verify", "--json").document
            let problems = try #require(document["problems"] as? [[String: Any]])
            #expect(problems.map { $0["segment"] as? String } == [path])
            #expect(document["records"] as? Int == 60)
        }
    }

    @Test("a description that cannot be read does not keep the log from being checked, and is put back")
    func description() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = try await Self.pair(folder)
            let description = folder.appendingPathComponent("stele-archive/stele.json")
            let good = try Data(contentsOf: description)
            for bytes in [Data("{".utf8), nil] {
                try FileManager.default.removeItem(at: description)
                try bytes?.write(to: description)
                let found = try await stele("verify", "--json").document
                #expect(
                    (found["problems"] as? [[String: Any]])?.map { $0["segment"] as? String } == [
                        "stele.json"
                    ])
                #expect(found["records"] as? Int == 60)
                #expect(try await stele("verify", "--repair-from", "copy").status == 0)
                #expect(try Data(contentsOf: description) == good)
            }
        }
    }

    @Test("a copy that is none, or the archive itself, is refused")
    func noCopy() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = try await Self.pair(folder)
            let itself = try await stele("verify", "--repair-from", "stele-archive")
            #expect(
                itself.status == 64 && itself.stderr.contains("is the archive itself"), "\(itself.stderr)")
            let none = try await stele("verify", "--repair-from", ".")
            #expect(
                none.status == 74 && none.stderr.contains("there is no copy of a log here"), "\(none.stderr)")
        }
    }

    @Test("while a server writes, nothing is repaired and the server is named")
    func writer() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = try await Self.pair(folder)
            let server = try await ServedArchive(stele, archive: "stele-archive", secret: nil)
            let refused = try await stele("verify", "--repair-from", "copy")
            #expect(refused.status == 74)
            #expect(
                refused.stderr.contains("another writer has this archive open: process "), "\(refused.stderr)"
            )
            #expect(await server.stop() == 0)
        }
    }
}
