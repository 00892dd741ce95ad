// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A line's `at`: microseconds since 1970-01-01T00:00:00Z, written as RFC 3339 with six digits.
struct CaptureTime: Hashable, Comparable, Sendable {
    let microseconds: Int64

    /// The system's clock.
    ///
    /// It may step back; ``CommitComposer`` never lets the log's times do so.
    @Sendable static func now() -> CaptureTime {
        var time = timespec()
        // Cannot fail: the clock exists and the pointer is good.
        clock_gettime(CLOCK_REALTIME, &time)
        return CaptureTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Those that four digits of a year can tell: all that a line can state.
    static let writable =
        CaptureTime(
            microseconds: -62_167_219_200_000_000)...CaptureTime(microseconds: 253_402_300_799_999_999)

    static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// `2026-11-23T02:40:00.123456Z`: always this long.
    static let byteCount = 27

    /// Appends the 27 characters.
    ///
    /// The year is within 0000…9999, which ``init(microseconds:)`` callers keep to.
    func append(to bytes: inout [UInt8]) {
        var days = microseconds / 86_400_000_000
        var rest = microseconds % 86_400_000_000
        if rest < 0 {
            rest += 86_400_000_000
            days -= 1
        }
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        func digits(_ value: Int64, _ count: Int) {
            var divisor: Int64 = 1
            for _ in 1..<count { divisor *= 10 }
            while divisor > 0 {
                bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
        }
        let seconds = rest / 1_000_000
        digits(year, 4)
        bytes.append(UInt8(ascii: "-"))
        digits(month, 2)
        bytes.append(UInt8(ascii: "-"))
        digits(day, 2)
        bytes.append(UInt8(ascii: "T"))
        digits(seconds / 3600, 2)
        bytes.append(UInt8(ascii: ":"))
        digits(seconds / 60 % 60, 2)
        bytes.append(UInt8(ascii: ":"))
        digits(seconds % 60, 2)
        bytes.append(UInt8(ascii: "."))
        digits(rest % 1_000_000, 6)
        bytes.append(UInt8(ascii: "Z"))
    }

    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    init(microseconds: Int64) { self.microseconds = microseconds }

    /// Reads exactly the form ``append(to:)`` writes.
    init?(_ text: ArraySlice<UInt8>) {
        guard text.count == Self.byteCount else { return nil }
        let start = text.startIndex
        for (offset, separator) in [
            (4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (26, "Z"),
        ]
            as [(Int, Unicode.Scalar)]
        {
            guard text[start + offset] == UInt8(ascii: separator) else { return nil }
        }
        func number(_ offset: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for byte in text[start + offset..<start + offset + count] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            let fraction = number(20, 6), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        microseconds = ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + fraction
    }

    // Days are counted in eras of 400 years, each of which begins on a 1 March, so that a leap day comes last.

    private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
