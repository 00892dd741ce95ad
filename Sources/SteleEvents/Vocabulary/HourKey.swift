// SPDX-License-Identifier: Apache-2.0

/// An hour as the platform names it in requests and file names: `yyyyMMddHH`, by China's clock or by UTC.
public struct HourKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Hours since 1970 on the wall that the key was read from.
    private let hours: Int64

    /// Microseconds.
    public static let length: Int64 = 3_600_000_000
    /// China's clock on domestic clusters, UTC elsewhere: the two readings of a key, in minutes east of Greenwich.
    public static let documentedZones = [480, 0]

    /// Reads ten digits that are a date and an hour.
    public init?(_ text: String) {
        guard text.utf8.count == 10, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let digits = text.utf8.map { Int64($0 - 0x30) }
        func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
        let date = CivilDate(year: number(0..<4), month: number(4..<6), day: number(6..<8))
        guard date.year >= 1970, (1...12).contains(date.month), date.day >= 1,
            date.day <= CivilDate.days(in: date.month, of: date.year), number(8..<10) < 24
        else { return nil }
        hours = date.daysSince1970 * 24 + number(8..<10)
    }

    /// The hour that `instant` is in, on a clock so many minutes east of Greenwich.
    public init(of instant: Instant, zoneMinutes: Int) {
        let wall = instant.microseconds + Int64(zoneMinutes) * 60_000_000
        hours = wall.flooredDivision(by: Self.length).quotient
    }

    /// When it begins, read from a clock so many minutes east of Greenwich.
    public func start(zoneMinutes: Int) -> Instant {
        Instant(microseconds: hours * Self.length - Int64(zoneMinutes) * 60_000_000)
    }

    /// The hour so many hours later.
    public func advanced(by count: Int) -> HourKey { HourKey(hours: hours + Int64(count)) }

    private init(hours: Int64) { self.hours = hours }

    public static func < (left: Self, right: Self) -> Bool { left.hours < right.hours }

    public var description: String {
        let (days, hour) = hours.flooredDivision(by: 24)
        let date = CivilDate(daysSince1970: days)
        var output: [UInt8] = []
        output.append(number: date.year, digits: 4)
        for part in [date.month, date.day, hour] { output.append(number: part, digits: 2) }
        return String(decoding: output, as: UTF8.self)
    }
}
