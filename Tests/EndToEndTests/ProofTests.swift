// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

/// What the archive proves, to Stele and to a program that shares no line with it.
@Suite("Checkpoints and proofs")
struct ProofTests {
    /// An archive of sixty records in three imports, and a checkpoint of the first forty kept elsewhere.
    private func withArchive(
        _ body: (_ stele: Stele, _ check: Verifiers, _ key: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let key = try #require(try await stele("init", "--json").document["verifyingKey"] as? String)
            for part in 0..<3 {
                let lines = SampleCallback.lines(part * 20..<part * 20 + 20)
                try Data(lines.utf8).write(to: folder.appendingPathComponent("in.jsonl"))
                #expect(try await stele("import", "in.jsonl").status == 0)
                guard part == 1 else { continue }
                let note = try await stele("checkpoint")
                #expect(note.status == 0 && note.stderr.isEmpty)
                try note.stdout.write(to: folder.appendingPathComponent("kept.txt"))
            }
            try await body(stele, Verifiers(stele: stele), key)
        }
    }

    /// `stele verify` and the verifier of `Samples`, which must agree.
    private struct Verifiers {
        let stele: Stele

        /// Whether the archive is what it says.
        func accept(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws
            -> Bool
        {
            let ours = try await stele.run(
                ["verify", "--json"] + arguments.map { $0 == "--key" ? "--verifier-key" : $0 })
            let theirs = try python(["stele-archive"] + arguments)
            #expect(
                ours.status == theirs.status, "\(ours.text) \(ours.stderr) \(theirs.text)",
                sourceLocation: sourceLocation)
            #expect(try ours.document["ok"] as? Bool == (ours.status == 0), sourceLocation: sourceLocation)
            #expect(!theirs.text.isEmpty, "one sentence at least", sourceLocation: sourceLocation)
            return ours.status == 0
        }

        /// Exit status and all that was printed.
        func python(_ arguments: [String]) throws -> (status: Int32, text: String) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["python3", Self.script.path] + arguments
            process.currentDirectoryURL = stele.folder
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: data, as: UTF8.self))
        }

        private static let script = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Samples/verify-archive")
    }

    private func remove(_ name: String, _ stele: Stele) throws {
        try FileManager.default.removeItem(
            at: stele.folder.appendingPathComponent("stele-archive").appendingPathComponent(name))
    }

    // MARK: - Both verifiers

    @Test("two verifiers that share no code accept a good archive")
    func good() async throws {
        try await withArchive { stele, verifiers, key in
            #expect(try await verifiers.accept())
            #expect(try await verifiers.accept("--checkpoint", "kept.txt"))
            #expect(try await verifiers.accept("--checkpoint", "kept.txt", "--key", key))
            // The forger, who changes nothing here, leaves the very same tree.
            try await Forger(stele.folder.appendingPathComponent("stele-archive")).rewrite()
            #expect(try await verifiers.accept("--checkpoint", "kept.txt", "--key", key))
        }
    }

    @Test("both find a log in which one text was changed and everything sealed anew", arguments: [0, 19, 39])
    func forged(record: Int) async throws {
        try await withArchive { stele, verifiers, key in
            let forger = try Forger(stele.folder.appendingPathComponent("stele-archive"))
            try await forger.rewrite { line in
                line.contains("\"\(SampleCallback(record).id)\"")
                    ? line.replacing("message \(record)", with: "massage \(record)") : line
            }
            // What the archive kept still tells.
            #expect(try await !verifiers.accept())
            let problems = try await stele("verify", "--json").document["problems"] as? [[String: Any]]
            let first = try #require(problems?.first)
            #expect(first["sequence"] as? Int == record / 20 * 20)
            #expect((first["segment"] as? String)?.hasPrefix("log/") == true)
            // Whoever holds the key signs the new history: now only what lies elsewhere does.
            try remove("checkpoints", stele)
            // So does the index, which is derived: it knows the last records it was made of.
            try remove("index", stele)
            #expect(try await stele("checkpoint").status == 0)
            #expect(try await verifiers.accept())
            #expect(try await !verifiers.accept("--checkpoint", "kept.txt", "--key", key))
        }
    }

    @Test("both find a log that was cut at a commit")
    func cut() async throws {
        try await withArchive { stele, verifiers, key in
            try await Forger(stele.folder.appendingPathComponent("stele-archive")).rewrite(commits: 1)
            #expect(try await !verifiers.accept())
            let refused = try await stele("checkpoint")
            #expect(refused.status == 1 && refused.stdout.isEmpty, "\(refused.stderr)")
            #expect(refused.stderr.contains("hint: "))
            for name in ["checkpoints", "index"] { try remove(name, stele) }
            #expect(try await verifiers.accept())
            #expect(try await !verifiers.accept("--checkpoint", "kept.txt", "--key", key))
        }
    }

    @Test("both refuse a key that is not the signer's, and a changed checkpoint")
    func untrusted() async throws {
        try await withArchive { stele, verifiers, key in
            let other = try await stele("init", "--archive", "other", "--json").document["verifyingKey"]
            #expect(try await !verifiers.accept("--key", try #require(other as? String)))
            let path = stele.folder.appendingPathComponent("kept.txt")
            let good = try String(contentsOf: path, encoding: .utf8)
            for (old, new) in [
                ("\n40\n", "\n41\n"), ("\n40\n", "\n040\n"), ("\u{2014} ", "- "), ("=\n\n", "\n\n"),
            ] {
                try Data(good.replacing(old, with: new).utf8).write(to: path)
                #expect(try await !verifiers.accept("--checkpoint", "kept.txt", "--key", key), "\(new)")
            }
            try Data(good.utf8).write(to: path)
            try remove("key.pub", stele)
            #expect(try await !verifiers.accept())
            #expect(try await verifiers.accept("--key", key))
        }
    }

    // MARK: - Proofs

    @Test("a proof is checked without the log, by who has the key")
    func proofs() async throws {
        try await withArchive { stele, verifiers, key in
            func prove(_ arguments: String...) async throws -> String {
                let output = try await stele.run(["prove", "--json"] + arguments)
                #expect(output.status == 0, "\(output.stderr)")
                try output.stdout.write(to: stele.folder.appendingPathComponent("proof.json"))
                return output.text
            }
            func holds(_ arguments: String...) throws -> Bool {
                try verifiers.python(["--proof", "proof.json", "--key", key] + arguments).status == 0
            }
            for sequence in [0, 1, 19, 20, 39] {
                let text = try await prove("\(sequence)", "--checkpoint", "kept.txt", "--line")
                #expect(try holds() && holds("stele-archive"))
                let lies = [
                    ("\"sequence\":\(sequence)", "\"sequence\":\(sequence + 1)"),
                    ("message \(sequence)", "massage \(sequence)"),
                    ("\"size\":40", "\"size\":41"), ("\"hashes\":[\"", "\"hashes\":[\"AAAA"),
                    ("\\n40\\n", "\\n60\\n"),
                ]
                for (truth, lie) in lies {
                    let changed = text.replacing(truth, with: lie)
                    #expect(changed != text, "\(truth)")
                    try Data(changed.utf8).write(to: stele.folder.appendingPathComponent("proof.json"))
                    #expect(try !holds(), "\(lie)")
                }
            }
            _ = try await prove("59")
            #expect(try holds() && holds("stele-archive"))
            _ = try await prove("7", "--size", "33")
            #expect(try !holds(), "nobody has signed it")
            #expect(try holds("stele-archive"), "and the archive knows it")
            let grown = try await prove("--from", "kept.txt")
            #expect(try holds() && holds("stele-archive"))
            try Data(grown.replacing("\"size\":40", with: "\"size\":39").utf8)
                .write(to: stele.folder.appendingPathComponent("proof.json"))
            #expect(try !holds())
            for old in [1, 2, 3, 31, 32, 33, 48, 59, 60] {
                _ = try await prove("--from", "\(old)", "--to", "60")
                #expect(try holds("stele-archive"), "\(old)")
            }
        }
    }

    @Test("a proof names its log, and leaves the record out unless asked")
    func document() async throws {
        try await withArchive { stele, _, _ in
            let plain = try await stele("prove", "3", "--json").document
            #expect(plain["proof"] as? String == "inclusion" && plain["size"] as? Int == 60)
            #expect(plain["line"] is NSNull)
            #expect((plain["checkpoint"] as? String)?.contains("\n60\n") == true, "the newest kept one")
            let line = try await stele("prove", "3", "--json", "--line").document["line"] as? String
            #expect(line?.contains(SampleCallback(3).id) == true)
            let text = try await stele("prove", "3", "--checkpoint", "kept.txt")
            #expect(
                text.text.contains("Record 3 is among the first 40 records") && text.text.contains("kept.txt")
            )
            let standard = try await stele("prove", "3", "--tlog-proof")
            #expect(standard.text.hasPrefix("c2sp.org/tlog-proof@v1\nindex 3\n"))
        }
    }

    @Test("what cannot be proved is told with a hint, exit 1")
    func unprovable() async throws {
        try await withArchive { stele, _, _ in
            for arguments in [
                ["60"], ["3", "--size", "61"], ["3", "--size", "3"], ["41", "--checkpoint", "kept.txt"],
                ["--from", "61"], ["--from", "50", "--to", "49"], ["3", "--size", "33", "--tlog-proof"],
            ] {
                let output = try await stele.run(["prove"] + arguments)
                #expect(output.status == 1, "\(arguments): \(output.stderr)")
                #expect(output.stderr.hasPrefix("error: ") && output.stderr.contains("\nhint: "))
                #expect(output.stdout.isEmpty)
            }
            try Data("no checkpoint".utf8).write(to: stele.folder.appendingPathComponent("bad.txt"))
            #expect(try await stele("prove", "3", "--checkpoint", "bad.txt").status == 65)
            #expect(try await stele("prove", "3", "--checkpoint", "missing.txt").status == 74)
            #expect(try await stele("verify", "--checkpoint", "missing.txt").status == 74)
            #expect(try await stele("verify", "--verifier-key", "nonsense").status == 64)
            let bad = try await stele("verify", "--checkpoint", "bad.txt", "--json")
            #expect(bad.status == 1 && bad.text.contains("bad.txt") && bad.text.contains("line feed"))
        }
    }

    // MARK: - Keeping checkpoints

    @Test("a checkpoint is the same each time until the log grows, and status tells of it")
    func kept() async throws {
        try await withArchive { stele, _, key in
            let text = try await stele("checkpoint").text
            #expect(try await stele("checkpoint").text == text)
            let document = try await stele("checkpoint", "--json").document
            #expect(document["note"] as? String == text)
            #expect(document["size"] as? Int == 60 && document["key"] as? String == key)
            let folder = stele.folder.appendingPathComponent("stele-archive/checkpoints")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            // Each import kept one at its end.
            #expect(names == ["000000000020", "000000000040", "000000000060"])
            let status = try await stele("status", "--json").document["checkpoint"] as? [String: Any]
            #expect(
                status?["size"] as? Int == 60 && status?["root"] as? String == document["root"] as? String)
            #expect((status?["at"] as? String)?.hasSuffix("Z") == true)
            #expect(try await stele("status").text.contains("of 60 records"))
            try Data("nonsense".utf8).write(to: folder.appendingPathComponent("000000000060"))
            #expect(try await stele("status", "--json").document["checkpoint"] is NSNull)
            #expect(try await stele("verify").status == 1)
            #expect(try await stele("checkpoint").status == 1)
        }
    }

    @Test("checkpoints are made beside a writer, kept while it records, and at its end")
    func served() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let server = try await ServedArchive(
                stele, archive: "a", secret: "\(SampleCallback.app)=\(SampleCallback.secret)",
                options: ["--checkpoint-interval", "1"])
            #expect(await server.post(SampleCallback(0).line()) == 200)
            #expect(try await stele("checkpoint", "--archive", "a", "--json").document["size"] as? Int == 1)
            // Within a second or so there is one by itself.
            let checkpoints = folder.appendingPathComponent("a/checkpoints").path
            var sent = 1
            while try FileManager.default.contentsOfDirectory(atPath: checkpoints).count < 2, sent < 1_000_000
            {
                #expect(await server.post(SampleCallback(sent).line()) == 200)
                sent += 1
            }
            #expect(await server.stop() == 0)
            let newest =
                try await stele("status", "--archive", "a", "--json").document["checkpoint"] as? [String: Any]
            #expect(newest?["size"] as? Int == sent)
            #expect(try await stele("verify", "--archive", "a").status == 0)
        }
    }

    // MARK: - The key

    @Test("reading makes no key, writing makes one, and one that others can read is told")
    func key() async throws {
        try await withArchive { stele, _, _ in
            for name in ["key", "key.pub", "checkpoints"] { try remove(name, stele) }
            for command in ["verify", "status", "conversations", "rebuild", "quarantine"] {
                #expect(try await stele(command).status == 0)
            }
            #expect(try await stele("prove", "3").status == 0)
            let path = stele.folder.appendingPathComponent("stele-archive/key").path
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try await stele("checkpoint").stderr.isEmpty)
            let made = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(made as? Int == 0o600)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let warned = try await stele("checkpoint")
            #expect(warned.status == 0 && warned.stderr.hasPrefix("warning: "))
            #expect(warned.stderr.contains("chmod 600 '\(path)'"), "\(warned.stderr)")
        }
    }

    @Test(
        "the key's place is an option, a lost key stops no recording, and another one is made when asked for")
    func keyElsewhere() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let environment = Stele(folder: folder, environment: ["STELE_KEY": "the-key"])
            #expect(try await environment("init").status == 0)
            #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("the-key").path))
            #expect(
                !FileManager.default.fileExists(
                    atPath: folder.appendingPathComponent("stele-archive/key").path))
            try Data(SampleCallback.lines(0..<5).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let imported = try await stele("import", "in.jsonl", "--json")
            #expect(imported.status == 0 && imported.stderr.contains("no checkpoint will be kept"))
            #expect(try imported.document["recorded"] as? Int == 5)
            let refused = try await stele("checkpoint")
            #expect(refused.status == 74 && refused.stderr.contains("--key"), "\(refused.stderr)")
            #expect(try await stele("checkpoint", "--key", "the-key").status == 0)
            #expect(try await stele("init", "--new-key").status == 0)
            #expect(try await stele("checkpoint").status == 0)
            #expect(try await stele("verify").status == 0)
        }
    }
}
