// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A replay under way: hands out each record when it is due.
///
/// Whoever plays pulls; a slow sink makes records late, and never makes them pile up.
package struct ReplayPlayer<Clock: ReplayClock> {
    package private(set) var cursor: ReplayCursor
    private let clock: Clock
    private let isPaced: Bool
    /// When the first record came out.
    private var start: Int64?
    package private(set) var count: UInt64 = 0
    /// How late records came out; stays empty without a pace.
    package private(set) var lateness = Lateness()

    package init(_ plan: ReplayPlan, cursor: ReplayCursor, clock: Clock) {
        self.cursor = cursor
        self.clock = clock
        isPaced = plan.pace != .unlimited
    }

    /// Waits until the next record is due and returns it; nil behind the last one.
    ///
    /// - Throws: ``LogError`` when the log cannot be read, `CancellationError` when cancelled while waiting.
    package mutating func next() async throws -> ReplayedRecord? {
        guard let record = try cursor.next() else { return nil }
        count += 1
        guard isPaced else { return record }
        let start = self.start ?? clock.now
        self.start = start
        let (deadline, overflow) = start.addingReportingOverflow(record.due)
        try await clock.wait(until: overflow ? .max : deadline)
        lateness.add(nanoseconds: clock.now - start - record.due)
        return record
    }
}
