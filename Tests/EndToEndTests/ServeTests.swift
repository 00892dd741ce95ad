// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("A listener under way")
struct ServeTests {
    private static let secret = "\(SampleCallback.app)=\(SampleCallback.secret)"

    @Test("signed callbacks are recorded, others are not; SIGTERM ends it well")
    func callbacks() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let server = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            #expect(try await server.get("/healthz").status == 200)
            let sample = SampleCallback(1, text: "你好")
            #expect(await server.post(sample.line()) == 200)
            #expect(await server.post(sample.line()) == 200)
            let wrong = SampleCallback(2).line(signature: String(repeating: "0", count: 32))
            #expect(await server.post(wrong) == 401)
            #expect(await server.post("{") == 400)
            #expect(await server.post(#"{"a":1}"#) == 401)
            #expect(await server.stop() == 0, "\(server.process.stderr)")
            let lines = try await stele("replay", "--archive", "a", "--speed", "max", "--raw").text
            #expect(lines == sample.line() + "\n")
        }
    }

    @Test("one archive has one writer, and the second is told which")
    func oneWriter() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let server = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            try Data(SampleCallback.lines(0..<1).utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let output = try await stele("import", "in.jsonl", "--archive", "a")
            #expect(output.status == 74)
            #expect(
                output.stderr.contains("error: ") && output.stderr.contains("process "), "\(output.stderr)")
            #expect(await server.stop() == 0)
            #expect(try await stele("import", "in.jsonl", "--archive", "a").status == 0)
        }
    }

    @Test("views follow while it serves: what was acknowledged is listed")
    func liveViews() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let server = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            for number in 0..<10 { #expect(await server.post(SampleCallback(number).line()) == 200) }
            #expect(await server.stop() == 0)
            let lines = try await stele("conversations", "--archive", "a", "--json").lines
            #expect(lines.first?["messages"] as? Int == 10)
        }
    }

    @Test("views that cannot be written follow again by themselves once they can, and it is said once")
    func viewsRecover() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            #expect(try await stele("init", "--archive", "a").status == 0)
            #expect(try await stele("conversations", "--archive", "a").status == 0)
            // Whoever holds this lock is the only one who may fold.
            let lock = open(folder.appending(path: "a/views.lock").path, O_RDWR)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            let server = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            while try await server.get("/readyz").status != 503 {}
            for number in 0..<10 { #expect(await server.post(SampleCallback(number).line()) == 200) }
            #expect(try await server.metric("stele_projection_lag_records") == 10)
            close(lock)
            while try await server.metric("stele_projection_lag_records") > 0 {}
            while try await server.get("/readyz").status != 200 {}
            #expect(await server.stop() == 0, "\(server.process.stderr)")
            let said = server.process.stderr
            #expect(said.components(separatedBy: "the views do not follow the log").count == 2, "\(said)")
            #expect(said.contains("the views follow the log again"))
        }
    }

    @Test("without a secret it listens on a loopback address only")
    func openOnlyOnLoopback() async throws {
        try await withTemporaryDirectory { folder async throws in
            let output = try await Stele(folder: folder)("serve", "--listen", "0.0.0.0:0")
            #expect(output.status == 64)
            #expect(output.stderr.contains("--secret"), "\(output.stderr)")
        }
    }

    @Test(
        "killed at any moment: every acknowledged callback is there, once, and it goes on",
        arguments: [1, 40, 150])
    func killed(afterAcknowledgements count: Int) async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let server = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            let acknowledged = await acknowledgedBeforeKill(server, after: count)
            #expect(acknowledged.count >= count)
            #expect(await server.process.exit() == SIGKILL)

            let again = try await ServedArchive(stele, archive: "a", secret: Self.secret)
            #expect(await again.post(SampleCallback(99_999).line()) == 200)
            #expect(await again.stop() == 0)

            let lines = try await stele("replay", "--archive", "a", "--speed", "max").lines
            #expect(lines.compactMap { $0["seq"] as? Int } == Array(0..<lines.count))
            let ids = lines.compactMap { ($0["event"] as? [String: Any])?["msg_id"] as? String }
            #expect(Set(ids).count == ids.count, "a record twice")
            #expect(ids.last == SampleCallback(99_999).id)
            let lost = acknowledged.filter { !ids.contains(SampleCallback($0).id) }
            #expect(lost.isEmpty, "acknowledged and not there: \(lost)")
            #expect(try await stele("verify", "--archive", "a", "--json").document["ok"] as? Bool == true)
        }
    }

    /// Sends from four connections until the process, killed after `count` answers, answers no more.
    private func acknowledgedBeforeKill(_ server: ServedArchive, after count: Int) async -> [Int] {
        await withTaskGroup(of: [Int].self) { senders in
            let (acknowledgements, report) = AsyncStream<Int>.makeStream()
            for sender in 0..<4 {
                senders.addTask {
                    var acknowledged: [Int] = []
                    for number in 0..<2000 {
                        let sample = SampleCallback(sender * 2000 + number)
                        guard await server.post(sample.line()) == 200 else { break }
                        acknowledged.append(sample.number)
                        report.yield(sample.number)
                    }
                    return acknowledged
                }
            }
            var answers = 0
            for await _ in acknowledgements {
                answers += 1
                if answers == count { break }
            }
            server.process.send(SIGKILL)
            var all: [Int] = []
            for await acknowledged in senders { all += acknowledged }
            report.finish()
            return all
        }
    }
}
