// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("The command line")
struct CommandLineTests {
    static let commands = [
        "init", "serve", "import", "conversations", "messages", "search", "export", "replay", "status",
        "verify", "checkpoint", "prove", "mirror", "rebuild", "quarantine", "gaps", "reconcile",
        "fetch-history",
    ]

    @Test("help names every command and ends well")
    func help() async throws {
        try await withTemporaryDirectory { folder async throws in
            let help = try await Stele(folder: folder)("--help")
            #expect(help.status == 0)
            for command in Self.commands { #expect(help.text.contains("  \(command) "), "\(command)") }
        }
    }

    @Test("every command explains itself with an example", arguments: commands)
    func commandHelp(command: String) async throws {
        try await withTemporaryDirectory { folder async throws in
            let help = try await Stele(folder: folder)(command, "--help")
            #expect(help.status == 0)
            #expect(help.text.contains("Example"))
            #expect(help.text.contains("stele \(command)"))
        }
    }

    @Test(
        "bad usage is told with a hint, exit 64",
        arguments: [
            ["nonsense"], ["import"], ["replay", "--speed", "0"], ["replay", "--speed", "fast"],
            ["replay", "--in-flight", "0"], ["replay", "--to", "ftp://x"],
            ["replay", "--conversation", "alice"],
            ["export", "pdf", "--out", "x"], ["export", "html"], ["messages"],
            ["messages", "chat:a:b", "--limit", "-1"],
            ["messages", "chat:a:b", "--from", "yesterday"], ["serve", "--listen", "here"],
            ["serve", "--secret", "nosecret"], ["status", "--unknown"], ["prove"],
            ["prove", "1", "--from", "1"],
            ["prove", "1", "--to", "2"], ["prove", "--from", "1", "--line"],
            ["serve", "--checkpoint-interval", "0"],
            ["prove", "1", "--size", "2", "--checkpoint", "x"], ["prove", "1", "--json", "--tlog-proof"],
        ])
    func badUsage(arguments: [String]) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            _ = try await stele("init")
            let output = try await stele.run(arguments)
            #expect(output.status == 64, "\(arguments): \(output.stderr)")
            #expect(output.stderr.hasPrefix("error: "), "\(output.stderr)")
            #expect(output.stderr.contains("\nhint: "), "\(output.stderr)")
            #expect(output.stdout.isEmpty)
        }
    }

    @Test(
        "a missing archive is told with a hint, exit 74",
        arguments: [
            ["conversations"], ["messages", "chat:a:b"], ["search", "x"], ["export", "text", "--out", "x"],
            ["replay"], ["verify"], ["rebuild"], ["status"], ["quarantine"], ["checkpoint"], ["prove", "0"],
        ])
    func missingArchive(arguments: [String]) async throws {
        try await withTemporaryDirectory { folder async throws in
            let output = try await Stele(folder: folder).run(arguments)
            #expect(output.status == 74)
            #expect(output.stderr.hasPrefix("error: There is no archive at "), "\(output.stderr)")
            #expect(output.stderr.contains("stele init"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test("a flag comes before the environment, the environment before the default")
    func settings() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder, environment: ["STELE_ARCHIVE": "from-environment"])
            #expect(try await stele("init").status == 0)
            #expect(try await stele("init", "--archive", "from-flag").status == 0)
            #expect(try await Stele(folder: folder)("init").status == 0)
            for name in ["from-environment", "from-flag", "stele-archive"] {
                let description = folder.appendingPathComponent("\(name)/stele.json").path
                #expect(FileManager.default.fileExists(atPath: description), "\(name)")
            }
        }
    }

    @Test("an archive keeps its name")
    func initialise() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let made = try await stele("init", "--origin", "example.org/log", "--json").document
            #expect(made["created"] as? Bool == true && made["origin"] as? String == "example.org/log")
            let again = try await stele("init", "--json").document
            #expect(again["created"] as? Bool == false && again["origin"] as? String == "example.org/log")
            let other = try await stele("init", "--origin", "example.org/other")
            #expect(other.status == 1 && other.stderr.contains("example.org/log"))
        }
    }

    @Test("a folder that cannot be written is an input/output error, and says which")
    func unwritable() async throws {
        try await withTemporaryDirectory { folder async throws in
            // Below a file nothing can be made, not even by an administrator.
            try Data().write(to: folder.appendingPathComponent("file"))
            try Data(SampleCallback.lines(0..<1).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let output = try await Stele(folder: folder)("import", "in.jsonl", "--archive", "file/archive")
            #expect(output.status == 74)
            #expect(
                output.stderr.contains("file/archive") && output.stderr.contains("hint: "), "\(output.stderr)"
            )
        }
    }
}
