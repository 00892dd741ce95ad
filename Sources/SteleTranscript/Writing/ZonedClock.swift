// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import SteleEvents

/// Instants as text in one time zone.
///
/// Every text that shows an hour can carry its offset. The calendar arithmetic is our own; only the zone's offsets are asked of the system, once a quarter of an hour
/// (no zone changes its clock within one).
public struct ZonedClock: Sendable {
    public let zone: TimeZone
    /// The zone's name, `Asia/Shanghai`.
    public var name: String { zone.identifier }
    private let isUTC: Bool
    private var offsets: [(quarter: Int64, seconds: Int)]

    public init(_ zone: TimeZone) {
        self.zone = zone
        isUTC = ["GMT", "UTC", "Etc/UTC"].contains(zone.identifier)
        offsets = Array(repeating: (.min, 0), count: 256)
    }

    /// Coordinated universal time, whose offset is written `Z`.
    public static var utc: Self { Self(TimeZone.gmt) }

    /// A date and an hour on a wall in the zone.
    public struct Reading: Hashable, Sendable {
        /// Days since 1970-01-01 in the zone: equal for two instants of one day.
        public var dayNumber: Int
        public var year: Int
        public var month: Int
        public var day: Int
        public var hour: Int
        public var minute: Int
        public var second: Int
        public var microsecond: Int
        /// Seconds east of Greenwich.
        public var offset: Int
        /// 0 for Sunday.
        public var weekday: Int { ((dayNumber + 4) % 7 + 7) % 7 }
    }

    /// What the zone's clock and calendar show at `instant`.
    public mutating func reading(at instant: Instant) -> Reading {
        let (seconds, microsecond) = instant.microseconds.floored(by: 1_000_000)
        let offset = offset(atSecond: seconds)
        let (days, rest) = (seconds + Int64(offset)).floored(by: 86_400)
        let second = Int(rest)
        let date = Self.date(onDay: Int(days))
        return Reading(
            dayNumber: Int(days), year: date.year, month: date.month, day: date.day, hour: second / 3600,
            minute: second / 60 % 60, second: second % 60, microsecond: Int(microsecond), offset: offset)
    }

    private mutating func offset(atSecond second: Int64) -> Int {
        guard !isUTC else { return 0 }
        let quarter = second.floored(by: 900).quotient
        let slot = Int(quarter & 255)
        if offsets[slot].quarter != quarter {
            let date = Date(timeIntervalSince1970: Double(second))
            offsets[slot] = (quarter, zone.secondsFromGMT(for: date))
        }
        return offsets[slot].seconds
    }

    /// The proleptic Gregorian date of a day, by the era arithmetic that starts years in March.
    private static func date(onDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}

extension ZonedClock {
    /// Appends `2026-11-20T09:30:12.345+08:00`; microseconds where they are not whole milliseconds.
    public mutating func appendRFC3339(_ instant: Instant, to output: inout [UInt8]) {
        let reading = reading(at: instant)
        reading.appendDate(to: &output)
        output.append(UInt8(ascii: "T"))
        reading.appendClock(to: &output)
        reading.appendFraction(to: &output)
        if isUTC { output.append(UInt8(ascii: "Z")) } else { reading.appendOffset(to: &output) }
    }

    /// Appends `2026-11-20 09:30:12.345 +08:00`.
    public mutating func appendExact(_ instant: Instant, to output: inout [UInt8]) {
        reading(at: instant).appendExact(to: &output)
    }

    /// `2026-11-20 09:30:12.345 +08:00`, where the order of two instants matters.
    public mutating func exactText(_ instant: Instant) -> String {
        var output: [UInt8] = []
        appendExact(instant, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// `2026-11-20 09:30 +08:00`, for headings and lists.
    public mutating func minuteText(_ instant: Instant) -> String {
        let reading = reading(at: instant)
        var output: [UInt8] = []
        reading.appendDate(to: &output)
        output.append(UInt8(ascii: " "))
        reading.appendMinute(to: &output)
        output.append(UInt8(ascii: " "))
        reading.appendOffset(to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}

extension ZonedClock.Reading {
    /// Appends `2026-11-20 09:30:12.345 +08:00`.
    public func appendExact(to output: inout [UInt8]) {
        appendDate(to: &output)
        output.append(UInt8(ascii: " "))
        appendClock(to: &output)
        appendFraction(to: &output)
        output.append(UInt8(ascii: " "))
        appendOffset(to: &output)
    }

    /// Appends `2026-11-20`.
    public func appendDate(to output: inout [UInt8]) {
        if year < 0 { output.append(UInt8(ascii: "-")) }
        output.append(decimal: abs(year), digits: 4)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: month, digits: 2)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: day, digits: 2)
    }

    /// Appends `09:30`.
    public func appendMinute(to output: inout [UInt8]) {
        output.append(decimal: hour, digits: 2)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: minute, digits: 2)
    }

    /// Appends `09:30:12`.
    public func appendClock(to output: inout [UInt8]) {
        appendMinute(to: &output)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: second, digits: 2)
    }

    /// Appends `.345`, or `.345678` where the instant has more than milliseconds.
    func appendFraction(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "."))
        if microsecond % 1000 == 0 {
            output.append(decimal: microsecond / 1000, digits: 3)
        } else {
            output.append(decimal: microsecond, digits: 6)
        }
    }

    /// Appends `+08:00`; seconds of an offset, which only old zones have, are left out.
    public func appendOffset(to output: inout [UInt8]) {
        output.append(UInt8(ascii: offset < 0 ? "-" : "+"))
        output.append(decimal: abs(offset) / 3600, digits: 2)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: abs(offset) / 60 % 60, digits: 2)
    }
}

extension Int64 {
    /// Quotient rounded towards minus infinity, and the remainder that is never negative.
    fileprivate func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
