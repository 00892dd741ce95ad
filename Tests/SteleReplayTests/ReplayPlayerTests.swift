// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Synchronization
import Testing

@testable import SteleReplay

@Suite("A replay under way")
struct ReplayPlayerTests {
    private static let payloads = (0..<5).map { ReplayFixture.callback($0, after: $0 * 200) }

    @Test("waits for each record's time on the clock given, and two runs are the same")
    func waits() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            var runs: [[Int64]] = []
            for _ in 0..<2 {
                let clock = VirtualClock()
                let start = clock.now
                var plan = ReplayPlan()
                plan.pace = .times(2)
                var player = try fixture.player(plan, clock: clock)
                while try await player.next() != nil {}
                runs.append(clock.deadlines.map { ($0 - start) / 1_000_000 })
                #expect(player.count == 5 && player.lateness.maximum == 0)
            }
            #expect(runs == [[0, 100, 200, 300, 400], [0, 100, 200, 300, 400]])
        }
    }

    @Test("a slow sink makes records late, and does not move the ones after")
    func slowSink() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            let clock = VirtualClock()
            let start = clock.now
            var player = try fixture.player(ReplayPlan(), clock: clock)
            _ = try await player.next()
            clock.advance(by: 250_000_000)
            _ = try await player.next()
            #expect(player.lateness.maximum == 50_000_000)
            _ = try await player.next()
            #expect(clock.now - start == 400_000_000)
            #expect(player.lateness.maximum == 50_000_000)
        }
    }

    @Test("without a pace the clock is never waited for")
    func unlimited() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            let clock = VirtualClock()
            var plan = ReplayPlan()
            plan.pace = .unlimited
            var player = try fixture.player(plan, clock: clock)
            while try await player.next() != nil {}
            #expect(clock.deadlines.isEmpty && player.count == 5 && player.lateness.count == 0)
        }
    }

    @Test("lines leave at once when paced, together when not, and the payload alone when asked for")
    func printing() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            for (isImmediate, writes) in [(true, 5), (false, 1)] {
                var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
                var written: [[UInt8]] = []
                let printer = RecordPrinter(form: .payload, isImmediate: isImmediate) {
                    written.append(Array($0))
                }
                try await printer.run(&player)
                #expect(written.count == writes)
                let text = String(decoding: written.joined(), as: UTF8.self)
                #expect(text == Self.payloads.map { $0 + "\n" }.joined())
            }
            var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            var text: [UInt8] = []
            try await RecordPrinter(form: .record, isImmediate: false) { text += $0 }.run(&player)
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 5)
            for (line, payload) in zip(lines, Self.payloads) {
                #expect(line.hasSuffix(#""event":\#(payload)}"#))
            }
        }
    }

    @Test("the real clock is never early", arguments: [true, false])
    func realClock(isSpinning: Bool) async throws {
        let clock = MonotonicClock(isSpinning: isSpinning)
        for step in [0, 1000, 50_000, 400_000, 7_000_000] as [Int64] {
            let deadline = clock.now + step
            try await clock.wait(until: deadline)
            #expect(clock.now >= deadline)
        }
    }

    @Test("cancelling ends a long wait")
    func cancels() async throws {
        let clock = MonotonicClock()
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await clock.wait(until: clock.now + 3_600_000_000_000)
                }
            }
            group.cancelAll()
        }
    }
}
