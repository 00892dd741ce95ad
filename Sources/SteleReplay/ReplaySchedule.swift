// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Decides when each record is due: recorded time that never goes back, divided by the speed.
struct ReplaySchedule {
    private let pace: ReplayPlan.Pace
    /// Microseconds of recorded time; nil for no limit.
    private let longestPause: Int64?
    /// The latest time so far, nil before the first record.
    private var latest: Instant?
    /// Microseconds of recorded time since the first record, pauses shortened.
    private var elapsed: Int64 = 0

    init(pace: ReplayPlan.Pace, longestPauseSeconds: Double?) {
        self.pace = pace
        longestPause = longestPauseSeconds.map { Self.clamped($0 * 1e6) }
    }

    /// When the next record is due, in nanoseconds after the first one: zero, then never less than before.
    ///
    /// A record older than one before it is due at once, and the next wait is counted from the later of the two.
    mutating func due(at time: Instant) -> Int64 {
        let previous = latest ?? time
        latest = max(previous, time)
        var pause = max(0, time.microseconds.subtractingClamped(previous.microseconds))
        if let longestPause { pause = min(pause, longestPause) }
        elapsed = elapsed.addingClamped(pause)
        return switch pace {
        case .unlimited: 0
        case .times(1): elapsed.multipliedReportingOverflow(by: 1000).overflow ? .max : elapsed * 1000
        case .times(let speed): Self.clamped(Double(elapsed) * 1000 / speed)
        }
    }

    private static func clamped(_ value: Double) -> Int64 {
        Int64(exactly: value.rounded()) ?? .max
    }
}

extension Int64 {
    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (value, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : value
    }

    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (value, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : value
    }
}
