// SPDX-License-Identifier: Apache-2.0

extension Instant {
    /// How much of a second a written instant shows.
    public enum Fraction: Hashable, Sendable { case milliseconds, microseconds }

    /// Reads an RFC 3339 timestamp such as `2026-11-23T02:40:00.123456Z` or `2026-11-23T10:40:00+08:00`.
    ///
    /// Digits beyond the microsecond are dropped. A leap second counts as the first moment of the next minute.
    /// Nil for anything that is not such a timestamp, a day the calendar does not have among it.
    public init?(rfc3339 text: String) { self.init(rfc3339: Array(text.utf8)[...]) }

    /// Reads the ASCII bytes of an RFC 3339 timestamp.
    public init?(rfc3339 bytes: ArraySlice<UInt8>) {
        var reader = TimestampReader(rest: bytes)
        guard let year = reader.number(digits: 4), reader.take("-"),
            let month = reader.number(digits: 2), (1...12).contains(month), reader.take("-"),
            let day = reader.number(digits: 2), day >= 1, day <= CivilDate.days(in: month, of: year),
            reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(digits: 2), hour < 24, reader.take(":"),
            let minute = reader.number(digits: 2), minute < 60, reader.take(":"),
            let second = reader.number(digits: 2), second <= 60,
            let fraction = reader.fraction(),
            let offset = reader.offsetMinutes(), reader.rest.isEmpty
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Appends the instant as RFC 3339 in UTC, as in `2026-11-23T02:40:00.123456Z`.
    ///
    /// An instant outside the years 0 to 9999, which RFC 3339 cannot write, becomes the nearest it can.
    public func appendRFC3339(to output: inout [UInt8], fraction: Fraction = .microseconds) {
        let writable = min(max(microseconds, Self.firstWritable), Self.lastWritable)
        let (seconds, micros) = writable.flooredDivision(by: 1_000_000)
        let (days, time) = seconds.flooredDivision(by: 86_400)
        let date = CivilDate(daysSince1970: days)
        output.append(number: date.year, digits: 4)
        output.append(UInt8(ascii: "-"))
        output.append(number: date.month, digits: 2)
        output.append(UInt8(ascii: "-"))
        output.append(number: date.day, digits: 2)
        output.append(UInt8(ascii: "T"))
        output.append(number: time / 3600, digits: 2)
        output.append(UInt8(ascii: ":"))
        output.append(number: time / 60 % 60, digits: 2)
        output.append(UInt8(ascii: ":"))
        output.append(number: time % 60, digits: 2)
        output.append(UInt8(ascii: "."))
        switch fraction {
        case .milliseconds: output.append(number: micros / 1000, digits: 3)
        case .microseconds: output.append(number: micros, digits: 6)
        }
        output.append(UInt8(ascii: "Z"))
    }

    /// The instant as RFC 3339 in UTC with the fraction given.
    public func rfc3339(_ fraction: Fraction) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        appendRFC3339(to: &bytes, fraction: fraction)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z.
    private static let firstWritable: Int64 = -62_167_219_200_000_000
    private static let lastWritable: Int64 = 253_402_300_799_999_999
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, with microseconds.
    public var description: String { rfc3339(.microseconds) }
}

/// A day of the Gregorian calendar, extended to all years.
struct CivilDate: Equatable {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    // Years are counted from March here, so that the leap day is a year's last and months follow one formula;
    // 400 years (146,097 days) repeat exactly.

    init(daysSince1970 days: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Takes a timestamp apart from the front.
private struct TimestampReader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        guard rest.count >= digits else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(digits) {
            guard let digit = byte.digitValue else { return nil }
            value = value * 10 + digit
        }
        rest.removeFirst(digits)
        return value
    }

    /// The microseconds after a point; 0 when there is no point, nil when no digit follows it.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while let digit = rest.first?.digitValue {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
            rest.removeFirst()
        }
        guard digits > 0 else { return nil }
        for _ in 0..<max(0, 6 - digits) { value *= 10 }
        return value
    }

    /// Minutes east of UTC.
    mutating func offsetMinutes() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(digits: 2), hours < 24, take(":"),
            let minutes = number(digits: 2), minutes < 60
        else { return nil }
        return isWest ? -(hours * 60 + minutes) : hours * 60 + minutes
    }
}

extension UInt8 {
    fileprivate var digitValue: Int64? {
        self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? Int64(self - UInt8(ascii: "0")) : nil
    }
}

extension [UInt8] {
    /// Appends the last `digits` decimal digits of `number`, which is not negative.
    mutating func append(number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
