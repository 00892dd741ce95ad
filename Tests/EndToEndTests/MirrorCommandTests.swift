// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("A second copy")
struct MirrorCommandTests {
    private static let secret = "\(SampleCallback.app)=\(SampleCallback.secret)"

    @Test(
        "served with a mirror and killed: the mirror is an archive with what was acknowledged, and follows on"
    )
    func served() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let options = ["--mirror", "m"]
            var server = try await ServedArchive(stele, archive: "a", secret: Self.secret, options: options)
            for number in 0..<20 { #expect(await server.post(SampleCallback(number).line()) == 200) }
            // Asked until it is there: how long shipping takes is nobody's promise.
            while try await server.metric("stele_mirror_records") < 20 {}
            let status = try #require(
                try await stele("status", "--archive", "a", "--json").document["mirror"] as? [String: Any])
            #expect(status["records"] as? Int == 20)
            #expect(status["behind"] as? Int == 0 && status["bytesBehind"] as? Int == 0)
            #expect(status["problem"] is NSNull && status["at"] is String)
            #expect((status["path"] as? String)?.hasSuffix("/m") == true)
            server.process.send(SIGKILL)
            #expect(await server.process.exit() == SIGKILL)
            #expect(try await stele("verify", "--archive", "m", "--json").document["records"] as? Int == 20)

            server = try await ServedArchive(stele, archive: "a", secret: Self.secret, options: options)
            #expect(await server.post(SampleCallback(20).line()) == 200)
            #expect(await server.stop() == 0, "\(server.process.stderr)")
            let name = "log/000000000000.jsonl.gz"
            #expect(
                try Data(contentsOf: folder.appending(path: "m/" + name))
                    == Data(contentsOf: folder.appending(path: "a/" + name)), "shipped before it ended")
            #expect(try await stele("verify", "--archive", "m", "--json").document["records"] as? Int == 21)
            #expect(
                try await stele("messages", "chat:alice:lin", "--archive", "m", "--json").text
                    == stele("messages", "chat:alice:lin", "--archive", "a", "--json").text)
        }
    }

    @Test("one shipment brings a copy up to date; the private key stays, and a foreign folder is refused")
    func once() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            try Data(SampleCallback.lines(0..<50).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "in.jsonl", "--archive", "a").status == 0)
            try Data("secret".utf8).write(to: folder.appending(path: "a/key"))
            var output = try await stele("mirror", "m", "--archive", "a", "--json")
            #expect(output.status == 0, "\(output.stderr)")
            #expect(try output.document["records"] as? Int == 50)
            #expect(try output.document["problem"] is NSNull)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "m/key").path))
            #expect(try await stele("verify", "--archive", "m").status == 0)

            let home = folder.appending(path: "home")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: home.appending(path: "letter"))
            for command in [["mirror", "home"], ["serve", "--listen", "127.0.0.1:0", "--mirror", "home"]] {
                output = try await stele.run(command + ["--archive", "a"])
                #expect(output.status == 74)
                #expect(
                    output.stderr.contains("error: ") && output.stderr.contains("hint: "), "\(output.stderr)")
                #expect(output.stderr.contains("letter"))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["letter"])
            output = try await stele("mirror", "a/inside", "--archive", "a")
            #expect(output.status == 64, "\(output.stderr)")
        }
    }

    @Test("an archive that lost what its mirror has is told so, and the mirror stays")
    func ahead() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let manager = FileManager.default
            try Data(SampleCallback.lines(0..<50).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "in.jsonl", "--archive", "a").status == 0)
            try manager.copyItem(at: folder.appending(path: "a"), to: folder.appending(path: "old"))
            try Data(SampleCallback.lines(50..<60).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            #expect(try await stele("import", "in.jsonl", "--archive", "a").status == 0)
            #expect(try await stele("mirror", "m", "--archive", "a").status == 0)
            let output = try await stele("mirror", "m", "--archive", "old")
            #expect(output.status == 1)
            #expect(output.stderr.contains("the archive lost records"), "\(output.stderr)")
            #expect(output.stderr.contains("hint: Keep the mirror"), "\(output.stderr)")
            #expect(try await stele("verify", "--archive", "m", "--json").document["records"] as? Int == 60)
        }
    }

    @Test(
        "killed while 64 tasks append, again and again: nothing acknowledged is lost",
        .timeLimit(.minutes(10))
    )
    func crashRounds() async throws {
        try await withTemporaryDirectory { folder async throws in
            let output = try await Stele(folder: folder).run(
                ["--rounds", "12", "--every", "6", folder.path], program: "crash-rounds")
            #expect(output.status == 0, "\(output.text)\(output.stderr)")
            #expect(output.text.contains("12 rounds, 64 writers:"), "\(output.text)")
            #expect(output.text.contains(" 0 lost, 0 twice, 0 half"))
        }
    }
}
