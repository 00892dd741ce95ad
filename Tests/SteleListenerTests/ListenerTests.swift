// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleListener

@Suite("Listener")
struct ListenerTests {
    @Test("records an event once, in the form of the log")
    func records() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            #expect(
                try await bench.listener.receive([Bench.callback("1"), Bench.callback("2")]) == [
                    .recorded(0), .recorded(1),
                ])
            #expect(
                try await bench.listener.receive([Bench.callback("2"), Bench.callback("3")]) == [
                    .duplicate, .recorded(2),
                ])
            try await bench.close()
            let lines = try bench.lines
            #expect(lines.count == 3)
            let record = try Record(line: JSONDocument(text: lines[0]))
            #expect(record.payload == Bench.callback("1").payload)
            #expect(record.surface == .callback)
            #expect(!record.isPreSend)
        }
    }

    @Test("rejects what is no JSON, too deep or too large, and records the rest of the batch")
    func rejects() async throws {
        try await withTemporaryDirectory { folder in
            var options = ListenerOptions()
            options.maximumPayloadBytes = 1000
            let bench = try Bench(folder, options: options)
            let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
            let bad = [
                "", "{", "nonsense", "{}{}", "\"\u{0}\"", deep,
                "\"" + String(repeating: "x", count: 1000) + "\"",
            ]
            let batch =
                bad.map { Received(surface: .callback, payload: Array($0.utf8)) } + [Bench.callback("1")]
            let outcomes = try await bench.listener.receive(batch)
            let codes = outcomes.map { outcome in
                if case .rejected(let rejection) = outcome { rejection.code } else { nil as Rejection.Code? }
            }
            #expect(codes == [.notJSON, .notJSON, .notJSON, .notJSON, .notJSON, .tooDeep, .tooLarge, nil])
            #expect(outcomes.last == .recorded(0))
            try await bench.close()
        }
    }

    @Test("keeps payloads over several lines and trailing whitespace byte for byte")
    func bytes() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            let payloads = ["{\"a\":1}\r\n \n", "{\n  \"b\" : \"中\\u4e2d\"\n}\n", " [1]"].map {
                Array($0.utf8)
            }
            let batch = payloads.map { Received(surface: .callback, payload: $0) }
            #expect(try await bench.listener.receive(batch) == [.recorded(0), .recorded(1), .recorded(2)])
            try await bench.close()
            #expect(try bench.lines.map { try Record(line: JSONDocument(text: $0)).payload } == payloads)
            // The same events again, from the log alone.
            try FileManager.default.removeItem(at: bench.archive.indexURL)
            let again = try Bench(folder)
            #expect(try await again.listener.receive(batch) == [.duplicate, .duplicate, .duplicate])
            try await again.close()
        }
    }

    @Test("takes credentials out of taps and out of nothing else")
    func blanks() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            let json =
                #"{"at":1,"flow":"in","handler":"onAudioMessage","message":{"accessToken":"YWMt","secret":"s"}}"#
            _ = try await bench.listener.receive([
                Bench.sdk(json), Received(surface: .callback, payload: Array(json.utf8)),
            ])
            try await bench.close()
            let lines = try bench.lines
            #expect(!lines[0].contains("YWMt"))
            #expect(lines[0].contains(#""blanked":["message.accessToken"]"#))
            #expect(lines[1].contains("YWMt"))
            #expect(!lines[1].contains("blanked"))
        }
    }

    @Test("keeps a line that a tap really repeated, and knows it all when it is sent again")
    func repeatedLines() async throws {
        try await withTemporaryDirectory { folder in
            let token = { (token: String) in
                Bench.sdk(
                    #"{"at":5,"flow":"in","handler":"onAudioMessage","message":{"accessToken":"\#(token)"}}"#)
            }
            // The second line differs from the first in the token alone, which is not kept.
            let batch = [
                token("a"), token("b"), Bench.sdk("{}"), Bench.sdk("{}"), Bench.sdk("{}", session: "s2"),
            ]
            let bench = try Bench(folder)
            #expect(try await bench.listener.receive(batch) == (0..<5).map { .recorded($0) })
            #expect(try await bench.listener.receive(batch) == batch.map { _ in .duplicate })
            try await bench.close()
            try FileManager.default.removeItem(at: bench.archive.indexURL)
            let again = try Bench(folder)
            #expect(
                try await again.listener.receive(batch + [token("c")]) == batch.map { _ in .duplicate } + [
                    .recorded(5)
                ])
            try await again.close()
        }
    }

    @Test("knows everything again however it was stopped", arguments: [true, false])
    func restarts(isClosed: Bool) async throws {
        try await withTemporaryDirectory { folder in
            var options = ListenerOptions()
            options.keysInMemory = 10
            let batch = (0..<95).map { Bench.callback("\($0)") }
            let first = try Bench(folder, options: options)
            for one in batch { _ = try await first.listener.receive([one]) }
            if isClosed { await first.listener.close() }
            try await first.log.close()
            let second = try Bench(folder, options: options)
            #expect(try await second.listener.receive(batch) == batch.map { _ in .duplicate })
            #expect(try await second.listener.receive([Bench.callback("new")]) == [.recorded(95)])
            try await second.close()
        }
    }

    @Test("records an event that comes many times at once a single time")
    func concurrent() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            let batch = (0..<50).map { Bench.callback("\($0)") }
            let outcomes = try await withThrowingTaskGroup { group in
                for offset in 0..<20 {
                    group.addTask {
                        // Each in another order, so that they hold each other's events and wait crosswise.
                        try await bench.listener.receive(Array(batch[offset...] + batch[..<offset]))
                    }
                }
                var outcomes: [Outcome] = []
                for try await some in group { outcomes += some }
                return outcomes
            }
            #expect(outcomes.count { $0 == .duplicate } == 950)
            #expect(Set(outcomes).count == 51)
            try await bench.close()
            #expect(try bench.lines.count == 50)
        }
    }

    @Test("acknowledges a duplicate only after the record it repeats is durable")
    func waitsForOthers() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            var repeats = RepeatCounter()
            var first = bench.listener.begin()
            first.add(try bench.listener.candidate(Bench.callback("1")), repeats: &repeats)
            var second = bench.listener.begin()
            second.add(try bench.listener.candidate(Bench.callback("1")), repeats: &repeats)
            let waiting = second
            async let duplicate = {
                let outcomes = try await bench.listener.commit(waiting)
                return (outcomes, bench.log.durableEnd.rawValue)
            }()
            // Lets it begin; whether it does or not, it must end last.
            for _ in 0..<100 { await Task.yield() }
            let recorded = try await bench.listener.commit(first)
            #expect(recorded == [.recorded(0)])
            let (outcomes, end) = try await duplicate
            #expect(outcomes == [.duplicate])
            #expect(end == 1)
            try await bench.close()
        }
    }

    @Test("tells those who wait that the record they repeat failed, and takes the event the next time")
    func failure() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            var repeats = RepeatCounter()
            var first: PreparedBatch? = bench.listener.begin()
            first?.add(try bench.listener.candidate(Bench.callback("1")), repeats: &repeats)
            var second = bench.listener.begin()
            second.add(try bench.listener.candidate(Bench.callback("1")), repeats: &repeats)
            first = nil
            await #expect(throws: AbandonedCommit.self) { try await bench.listener.commit(second) }
            #expect(try await bench.listener.receive([Bench.callback("1")]) == [.recorded(0)])
            try await bench.close()
        }
    }

    @Test("remembers nothing of a batch that the log refused")
    func refused() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try Bench(folder)
            try await bench.close()
            await #expect(throws: LogError.self) { try await bench.listener.receive([Bench.callback("1")]) }
            let again = try Bench(folder)
            #expect(try await again.listener.receive([Bench.callback("1")]) == [.recorded(0)])
            try await again.close()
        }
    }
}
