// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// How many messages of one hour just these sources saw.
package struct CoverageEntry: Hashable, Sendable {
    package var hour: UTCHour
    package var sources: SourceSet
    /// Whether the message was sent, as far as any record tells; else it was refused, or only attempted.
    package var isSent: Bool
    package var isAttempt: Bool
    package var messages: Int

    /// A message that the platform took, of which it should have told by callback, and has not.
    var lacksCallback: Bool { isSent && sources.isDisjoint(with: .postSend) }
}

/// An hour by UTC, counted from 1970: the unit of every comparison, for both clocks that history files are named by
/// begin their hours with it.
package struct UTCHour: Hashable, Comparable, Sendable {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }
    package init(of instant: Instant) { number = instant.microseconds.floored(by: HourKey.length) }

    package var start: Instant { Instant(microseconds: number * HourKey.length) }
    package var end: Instant { Instant(microseconds: (number + 1) * HourKey.length) }
    package func advanced(by count: Int64) -> UTCHour { UTCHour(number + count) }
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The hours that a stretch of time touches, both ends included.
    static func touching(_ from: Instant, _ to: Instant) -> ClosedRange<UTCHour> {
        let first = UTCHour(of: from)
        return first...max(first, UTCHour(of: to))
    }
}

extension ViewsReader {
    /// What the sources saw of each hour, in order of time.
    ///
    /// `from` and `to` bound the hours, which count whole.
    package func coverage(
        _ scope: AppScope, from: Instant? = nil, to: Instant? = nil
    ) throws -> [CoverageEntry] {
        let rows = try statement(
            """
            SELECT hour, sources, standing, sum(messages) FROM coverage
            WHERE app IN (\(scope.list)) AND hour >= ? AND hour <= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """)
        rows.put(from.map { UTCHour(of: $0).number } ?? .min)
        rows.put(to.map { UTCHour(of: Instant(microseconds: $0.microseconds - 1)).number } ?? .max)
        return try rows.all { row in
            let standing = MessageState.Standing(rawValue: row.int(2)) ?? .sent
            return CoverageEntry(
                hour: UTCHour(row.int(0)), sources: SourceSet(rawValue: row.int(1)),
                isSent: standing == .sent, isAttempt: standing == .attempted, messages: Int(row.int(3)))
        }
    }

    // MARK: Signs of life

    /// The first and last second of which a post-send callback told; nil when none did.
    func signSpan(_ scope: AppScope) throws -> ClosedRange<Int64>? {
        let first = try statement(
            "SELECT minute, seconds FROM pulses WHERE app IN (\(scope.list)) ORDER BY minute LIMIT 1"
        ).first { $0.int(0) * 60 + Int64($0.int(1).trailingZeroBitCount) }
        let last = try statement(
            "SELECT minute, seconds FROM pulses WHERE app IN (\(scope.list)) ORDER BY minute DESC LIMIT 1"
        ).first { $0.int(0) * 60 + 63 - Int64($0.int(1).leadingZeroBitCount) }
        guard let first, let last, first <= last else { return nil }
        return first...last
    }

    /// Calls `body` with every second of a span of which a callback told, in order.
    func forEachSign(_ scope: AppScope, from: Int64, through: Int64, _ body: (Int64) -> Void) throws {
        let rows = try statement(
            """
            SELECT minute, seconds FROM pulses WHERE app IN (\(scope.list)) AND minute BETWEEN ? AND ? ORDER BY minute
            """)
        rows.put(from.floored(by: 60))
        rows.put(through.floored(by: 60))
        defer { rows.reset() }
        // A minute may come twice: from records with the app's name, and from records without.
        var minute: (number: Int64, seconds: Int64) = (.min, 0)
        func emit() {
            var bits = UInt64(bitPattern: minute.seconds)
            while bits != 0 {
                body(minute.number * 60 + Int64(bits.trailingZeroBitCount))
                bits &= bits - 1
            }
        }
        while try rows.step() {
            if rows.int(0) == minute.number {
                minute.seconds |= rows.int(1)
            } else {
                emit()
                minute = (rows.int(0), rows.int(1))
            }
        }
        emit()
    }

    /// The seconds of the last sign at or before a second, and of the first one at or after it.
    func signs(round second: Int64, _ scope: AppScope) throws -> (before: Int64?, after: Int64?) {
        let minute = second.floored(by: 60)
        let bit = second - minute * 60
        var own: Int64 = 0
        let find = try statement("SELECT seconds FROM pulses WHERE app IN (\(scope.list)) AND minute = ?")
        find.put(minute)
        for bits in try find.all({ $0.int(0) }) { own |= bits }
        let upTo = own & (1 << (bit + 1) - 1)
        let onward = own & ~(1 << bit - 1)
        var before: Int64? = upTo == 0 ? nil : minute * 60 + 63 - Int64(upTo.leadingZeroBitCount)
        var after: Int64? = onward == 0 ? nil : minute * 60 + Int64(onward.trailingZeroBitCount)
        if before == nil {
            let find = try statement(
                """
                SELECT minute, seconds FROM pulses WHERE app IN (\(scope.list)) AND minute < ? ORDER BY minute DESC LIMIT 2
                """)
            find.put(minute)
            before = try find.all { $0.int(0) * 60 + 63 - Int64($0.int(1).leadingZeroBitCount) }.max()
        }
        if after == nil {
            let find = try statement(
                """
                SELECT minute, seconds FROM pulses WHERE app IN (\(scope.list)) AND minute > ? ORDER BY minute LIMIT 2
                """)
            find.put(minute)
            after = try find.all { $0.int(0) * 60 + Int64($0.int(1).trailingZeroBitCount) }.min()
        }
        return (before, after)
    }
}
