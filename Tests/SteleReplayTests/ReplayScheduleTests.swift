// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

@testable import SteleReplay

@Suite("When records of a replay are due")
struct ReplayScheduleTests {
    private func dues(
        _ milliseconds: [Int64], pace: ReplayPlan.Pace, longestPauseSeconds: Double? = nil
    ) -> [Int64] {
        var schedule = ReplaySchedule(pace: pace, longestPauseSeconds: longestPauseSeconds)
        return milliseconds.map { schedule.due(at: Instant(milliseconds: $0)) }
    }

    @Test("the first is due at once, the others after the time between them")
    func keepsRhythm() {
        #expect(
            dues([1000, 1250, 1250, 4000], pace: .times(1)) == [0, 250_000_000, 250_000_000, 3_000_000_000])
    }

    @Test(
        "a factor divides the waits",
        arguments: [(2.0, Int64(500_000_000)), (0.5, 2_000_000_000), (1000, 1_000_000), (3, 333_333_333)])
    func dividesWaits(speed: Double, expected: Int64) {
        #expect(dues([0, 1000], pace: .times(speed)) == [0, expected])
    }

    @Test("without a pace everything is due at once")
    func unlimited() { #expect(dues([0, 1000, 500_000], pace: .unlimited) == [0, 0, 0]) }

    @Test("time never goes back, and no wait is counted twice after it tried to")
    func neverGoesBack() {
        #expect(
            dues([5000, 9000, 1000, 9500], pace: .times(1)) == [
                0, 4_000_000_000, 4_000_000_000, 4_500_000_000,
            ])
    }

    @Test("a pause is shortened to the longest one wanted, and what follows moves up")
    func shortensPauses() {
        let dues = dues([0, 1000, 3_600_000, 3_600_500], pace: .times(2), longestPauseSeconds: 2)
        #expect(dues == [0, 500_000_000, 1_500_000_000, 1_750_000_000])
    }

    @Test("times at the ends of the range neither trap nor go back")
    func extremes() {
        let ends = [Int64.min, .max, 0, .max].map { Instant(microseconds: $0) }
        for pace in [ReplayPlan.Pace.times(1), .times(0.001), .times(1e300), .unlimited] {
            var schedule = ReplaySchedule(pace: pace, longestPauseSeconds: nil)
            let dues = ends.map { schedule.due(at: $0) }
            #expect(dues == dues.sorted() && dues[0] == 0, "\(pace)")
        }
    }

    @Test("the event's own time counts, but never a time later than its capture")
    func believesNoFuture() {
        var plan = ReplayPlan()
        let captured = Instant(milliseconds: 10_000)
        var event = Event(kind: .unknown(reason: "test"), time: Instant(milliseconds: 4000))
        #expect(plan.time(of: event, capturedAt: captured) == Instant(milliseconds: 4000))
        event.time = Instant(milliseconds: 99_000)
        #expect(plan.time(of: event, capturedAt: captured) == captured)
        event.time = nil
        #expect(plan.time(of: event, capturedAt: captured) == captured)
        event.time = Instant(milliseconds: 4000)
        plan.clock = .capture
        #expect(plan.time(of: event, capturedAt: captured) == captured)
    }
}
