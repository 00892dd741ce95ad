// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@testable import SteleEvents

struct InstantTests {
    @Test(
        "reads and writes RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00.000000Z", 0), ("1970-01-01T00:00:00.000001Z", 1),
            ("1969-12-31T23:59:59.999999Z", -1), ("2000-02-29T12:00:00.500000Z", 951_825_600_500_000),
            ("2026-11-23T02:40:00.123456Z", 1_795_401_600_123_456),
            ("2014-12-03T00:00:00.000000Z", 1_417_564_800_000_000),
            ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)])
    func roundTrip(text: String, microseconds: Int64) {
        #expect(Instant(rfc3339: text)?.microseconds == microseconds)
        #expect(Instant(microseconds: microseconds).description == text)
    }

    @Test(
        "reads the forms RFC 3339 allows",
        arguments: [
            ("2026-11-23T10:40:00+08:00", "2026-11-23T02:40:00.000000Z"),
            ("2026-11-22T21:10:00.5-05:30", "2026-11-23T02:40:00.500000Z"),
            ("2026-11-23t02:40:00z", "2026-11-23T02:40:00.000000Z"),
            ("2026-11-23 02:40:00Z", "2026-11-23T02:40:00.000000Z"),
            ("2026-11-23T02:40:00.1234567891Z", "2026-11-23T02:40:00.123456Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
            ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000000Z"),
        ])
    func forms(text: String, same: String) { #expect(Instant(rfc3339: text)?.description == same) }

    @Test(
        "refuses what is no timestamp",
        arguments: [
            "", "2026", "2026-11-23", "2026-11-23T02:40Z", "2026-11-23T02:40:00", "2026-11-23T02:40:00.Z",
            "2026-11-23T02:40:00.1", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T02:60:00Z", "2026-11-23T02:40:61Z", "2026-11-23T02:40:00+24:00",
            "2026-11-23T02:40:00+08:60",
            "2026-11-23T02:40:00+0800", "2026-11-23T02:40:00Z ", " 2026-11-23T02:40:00Z",
            "26-11-23T02:40:00Z",
            "2026-11-23T02:40:00ZZ", "２026-11-23T02:40:00Z", "-026-11-23T02:40:00Z",
        ])
    func refuses(text: String) { #expect(Instant(rfc3339: text) == nil) }

    @Test("agrees with the calendar of Foundation", arguments: 0..<8 as Range<UInt64>)
    func calendar(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var gregorian = Calendar(identifier: .iso8601)
        gregorian.timeZone = try #require(TimeZone(identifier: "UTC"))
        for _ in 0..<500 {
            // From 1600 on, where the two calendars are the same.
            let seconds = Int64(random.int(in: -11_676_096_000..<253_402_300_799))
            let parts = gregorian.dateComponents(
                [.year, .month, .day, .hour, .minute, .second],
                from: Date(timeIntervalSince1970: Double(seconds)))
            func two(_ number: Int?) -> String { String((number ?? 0) + 100).suffix(2).description }
            let year = String((parts.year ?? 0) + 10000).suffix(4)
            let text =
                "\(year)-\(two(parts.month))-\(two(parts.day))T\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)).000000Z"
            #expect(Instant(microseconds: seconds * 1_000_000).description == text, "seed \(seed)")
            #expect(Instant(rfc3339: text)?.microseconds == seconds * 1_000_000, "seed \(seed)")
        }
    }

    @Test("a day of every length of time comes back")
    func days() {
        for days in stride(from: Int64(-4_000_000), to: 4_000_000, by: 97) {
            let date = CivilDate(daysSince1970: days)
            #expect(date.daysSince1970 == days)
            #expect((1...CivilDate.days(in: date.month, of: date.year)).contains(date.day))
        }
    }

    @Test("what RFC 3339 cannot write becomes the nearest it can")
    func clamps() {
        #expect(Instant(microseconds: .max).description == "9999-12-31T23:59:59.999999Z")
        #expect(Instant(microseconds: .min).description == "0000-01-01T00:00:00.000000Z")
        #expect(Instant(milliseconds: .max).microseconds == .max)
        #expect(Instant(milliseconds: .min).microseconds == .min)
        #expect(Instant(milliseconds: -1).rfc3339(.milliseconds) == "1969-12-31T23:59:59.999Z")
        #expect(Instant(microseconds: -1).milliseconds == -1)
    }

    @Test("an id of the usual layout tells its time, and no other")
    func messageIDs() {
        #expect(
            MessageID("1415001212717107156").instant?.rfc3339(.milliseconds) == "2025-05-12T03:27:23.131Z")
        for id in [
            "8924312242322", "5I02W-16-8278a", "1F4MX6iSdI7VFnN7Hm0vrcr3Uwr", "", "XXXX", "10212123848595",
        ] {
            #expect(MessageID(id).instant == nil)
        }
    }
}
