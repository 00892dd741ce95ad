// SPDX-License-Identifier: Apache-2.0

/// A point in time on the platform's or the archive's clock, in whole microseconds since 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    /// The instant `milliseconds` after 1970; values beyond the representable range are clamped.
    public init(milliseconds: Int64) {
        let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        microseconds = overflow ? (milliseconds < 0 ? .min : .max) : value
    }

    /// Whole milliseconds since 1970, rounded down.
    public var milliseconds: Int64 { microseconds.flooredDivision(by: 1000).quotient }

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}

extension Int64 {
    /// Quotient rounded towards minus infinity, and the remainder that is never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
