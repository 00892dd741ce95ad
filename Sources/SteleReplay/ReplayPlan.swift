// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Which records to replay, and how fast.
///
/// Records always come in the order in which the log holds them. What the plan chooses is which of them, and
/// which of a record's two clocks sets the pace.
package struct ReplayPlan: Sendable {
    package var filter = ReplayFilter()
    /// The first sequence, or the first instant by ``clock``; nil for the log's first record.
    package var from: Bound?
    /// The first sequence, or the first instant by ``clock``, that is left out; nil for the log's end.
    package var until: Bound?
    package var clock = Clock.event
    package var pace = Pace.times(1)
    /// The longest wait between two records, by the recorded clock in seconds; nil keeps every wait.
    package var longestPauseSeconds: Double?

    package init() {}

    /// A place in the log, by number or by time.
    package enum Bound: Hashable, Sendable {
        case sequence(UInt64)
        case time(Instant)
    }

    /// Which time of a record counts.
    package enum Clock: String, Hashable, Sendable, CaseIterable {
        /// When the event happened, by the platform's clock; the capture time where the event tells none or
        /// claims to be later than its own capture. What was imported in bulk keeps its rhythm this way.
        case event
        /// When the record was captured: an import of a month's files took a few seconds.
        case capture
    }

    /// How fast recorded time passes.
    package enum Pace: Hashable, Sendable {
        /// So many times as fast as recorded; above zero and finite.
        case times(Double)
        /// Without waiting.
        case unlimited
    }

    /// The time of a record by ``clock``.
    ///
    /// Never later than its capture: nothing is captured before it happens, so a later time is a wrong one. It
    /// also means that all records from an instant on stand at or behind the first one captured at or after it.
    func time(of event: Event, capturedAt: Instant) -> Instant {
        switch clock {
        case .event: min(event.time ?? capturedAt, capturedAt)
        case .capture: capturedAt
        }
    }
}
