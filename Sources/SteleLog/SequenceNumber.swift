// SPDX-License-Identifier: Apache-2.0

/// A record's place in the log: 0, 1, 2 … without holes, never reused.
package struct SequenceNumber: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// No log is so long; what states more is no record's place.
    ///
    /// Far below what 64 bits hold, so that no sum or difference of numbers that came from a disk overflows.
    static let limit = SequenceNumber(1 << 62)

    /// The first record of every log.
    package static let zero = SequenceNumber(0)

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }

    /// The number `count` places further on.
    package func advanced(by count: Int) -> SequenceNumber { SequenceNumber(rawValue + UInt64(count)) }

    /// How many records lie from `start` up to this one, this one not counted; negative where it is before `start`.
    package func distance(from start: SequenceNumber) -> Int {
        rawValue >= start.rawValue
            ? Int(clamping: rawValue - start.rawValue) : -Int(clamping: start.rawValue - rawValue)
    }
}
