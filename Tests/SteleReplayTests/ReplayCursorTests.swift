// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

@testable import SteleReplay

@Suite("A replay's way through the log")
struct ReplayCursorTests {
    private static let payloads = [
        ReplayFixture.callback(0, after: 0),
        ReplayFixture.callback(1, after: 1000),
        ReplayFixture.callback(2, to: "tom", after: 1500),
        ReplayFixture.callback(3, after: 500),
        ReplayFixture.callback(4, after: 3000),
    ]

    private func steps(_ plan: ReplayPlan) async throws -> [(UInt64, Int64)] {
        var steps: [(UInt64, Int64)] = []
        try await ReplayFixture.with(Self.payloads) { fixture in
            var cursor = try fixture.cursor(plan)
            while let record = try cursor.next() { steps.append((record.sequence, record.due / 1_000_000)) }
            #expect(cursor.gapCount == 0)
        }
        return steps
    }

    private func time(_ milliseconds: Int64) -> ReplayPlan.Bound {
        .time(Instant(milliseconds: 1_763_600_000_000 + milliseconds))
    }

    @Test("recorded order, timed by the events, a late one at once")
    func everything() async throws {
        let steps = try await steps(ReplayPlan())
        #expect(steps.map(\.0) == [0, 1, 2, 3, 4])
        #expect(steps.map(\.1) == [0, 1000, 1500, 1500, 3000])
    }

    @Test("by the capture clock, one commit is one moment")
    func captureClock() async throws {
        var plan = ReplayPlan()
        plan.clock = .capture
        #expect(try await steps(plan).map(\.1) == [0, 0, 0, 0, 0])
    }

    @Test("bounds by sequence and by time; time is counted from the first record chosen")
    func bounds() async throws {
        var plan = ReplayPlan()
        plan.from = .sequence(1)
        plan.until = .sequence(3)
        var steps = try await steps(plan)
        #expect(steps.map(\.0) == [1, 2] && steps.map(\.1) == [0, 500])
        plan.from = time(500)
        plan.until = time(1500)
        steps = try await self.steps(plan)
        #expect(steps.map(\.0) == [1, 3])
        plan.until = .sequence(99)
        #expect(try await self.steps(plan).map(\.0) == [1, 2, 3, 4])
        plan.from = .sequence(99)
        #expect(try await self.steps(plan).isEmpty)
    }

    @Test("a conversation's records, from a point of the log on")
    func conversation() async throws {
        var plan = ReplayPlan()
        plan.filter.conversations = [.init(id: .chat(UserID("lin"), UserID("alice")))]
        #expect(try await steps(plan).map(\.0) == [0, 1, 3, 4])
        plan.from = .sequence(2)
        #expect(try await steps(plan).map(\.0) == [3, 4])
    }

    @Test("the payload comes back as it was received")
    func payload() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            var cursor = try fixture.cursor(ReplayPlan())
            for payload in Self.payloads {
                let record = try #require(try cursor.next())
                #expect(String(decoding: try record.payload(), as: UTF8.self) == payload)
            }
        }
    }
}
