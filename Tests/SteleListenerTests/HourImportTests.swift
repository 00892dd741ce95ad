// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTestSupport
import Testing

@testable import SteleListener

@Suite("History files by their hours")
struct HourImportTests {
    /// 2026-11-20T12:00:00Z, which is 20 o'clock in China.
    private static let start: Int64 = 1_795_176_000_000

    private static func lines(_ count: Int, from start: Int64 = start) -> String {
        (0..<count).map { number in
            #"{"msg_id":"\#(900 + number)","timestamp":\#(start + Int64(number) * 1000),"chat_type":"chat","#
                + #""payload":{"from":"alice","to":"bob","bodies":[{"type":"txt","msg":"第\#(number)"}]}}"#
                + "\n"
        }.joined()
    }

    /// What the log says of hours after an import.
    private static func hours(
        _ files: [(name: String, text: String)], app: String? = "org#shop", times: Int = 1,
        hour: KnownHour? = nil
    ) async throws -> (counts: [Int], hours: [HistoryHour]) {
        try await withTemporaryDirectory { folder in
            let paths = try files.map { try $0.text.write(to: folder, $0.name) }
            let bench = try Bench(folder)
            let importer = Importer(listener: bench.listener, archive: bench.archive)
            var summary = ImportSummary()
            for _ in 0..<times {
                summary = try await importer.run(paths, app: app.map { AppKey($0) }, hour: hour)
            }
            try await bench.close()
            let found = try bench.lines.compactMap { line -> HistoryHour? in
                let record = try Record(line: JSONDocument(text: line))
                guard record.surface == .history else { return nil }
                return HistoryHour(try JSONDocument(record.payload).root)
            }
            return ([summary.read, summary.recorded, summary.duplicates, summary.rejected], found)
        }
    }

    @Test(
        "a file named by its hour is kept as taken in whole, by the clock that its lines fit",
        arguments: [
            ("2026112020.jsonl", 480), ("2026112012.jsonl", 0), ("history-2026112020.json", 480),
        ])
    func named(_ name: String, zone: Int) async throws {
        let (counts, hours) = try await Self.hours([(name, Self.lines(5))])
        // The record is no line of the file.
        #expect(counts == [5, 5, 0, 0])
        let hour = try #require(hours.first)
        #expect(hours.count == 1 && hour.outcome == .whole && hour.source == .file && hour.zone == zone)
        #expect(hour.lines == 5 && hour.app == AppKey("org#shop"))
        #expect(hour.first == Instant(milliseconds: Self.start) && hour.sha256?.count == 64)
        #expect(hour.start(assuming: nil) == Instant(milliseconds: Self.start))
    }

    @Test("the same file again is the same record")
    func twice() async throws {
        let (counts, hours) = try await Self.hours([("2026112020.jsonl", Self.lines(5))], times: 2)
        #expect(counts == [5, 0, 5, 0] && hours.count == 1)
    }

    @Test(
        "ten digits that are no hour, lines of another hour and lines that are no history are no hour's file",
        arguments: [
            ("2026113220.jsonl", lines(3)), ("2026112021.jsonl", lines(3)), ("a.jsonl", lines(3)),
            (
                "2026112020.jsonl",
                #"{"callId":"a#b_1","msg_id":"1","eventType":"chat","chat_type":"chat","timestamp":1}"#
            ),
            ("2026112020.jsonl", ""), ("2026112020-2026112021.jsonl", lines(3)),
        ])
    func others(_ name: String, _ text: String) async throws {
        #expect(try await Self.hours([(name, text)]).hours == [])
    }

    @Test("a file with a bad line is kept as cut, with the lines that are good")
    func cut() async throws {
        let (counts, hours) = try await Self.hours([("2026112020.jsonl", Self.lines(4) + "{\"cut")])
        #expect(counts == [5, 4, 0, 1])
        #expect(hours.map(\.outcome) == [.cut] && hours.first?.lines == 4)
    }

    @Test("whoever imports may say which hour it is, also of a file without lines")
    func told() async throws {
        let hour = try #require(HourKey("2026112020"))
        let known = KnownHour(hour, source: .file, zone: 480)
        let empty = try await Self.hours([("quiet.jsonl", "")], hour: known).hours
        #expect(empty.map(\.outcome) == [.whole] && empty.first?.lines == 0 && empty.first?.zone == 480)
        #expect(try await Self.hours([("x.jsonl", Self.lines(2))], hour: known).hours.first?.hour == hour)
    }

    @Test("a record is read as it was written, and its bytes are the same for the same facts")
    func payload() throws {
        var hour = HistoryHour(
            app: AppKey("a\"#b"), hour: try #require(HourKey("2024022923")), outcome: .early, source: .api)
        hour.add(Instant(milliseconds: 7))
        hour.add(Instant(milliseconds: 5))
        hour.add(nil)
        hour.zone = 0
        hour.sha256 = "ab"
        let read = try #require(HistoryHour(try JSONDocument(hour.payload).root))
        #expect(read == hour && read.payload == hour.payload && read.lines == 3)
        #expect(hour.hour.advanced(by: 1).description == "2024030100")
        #expect(HourKey("2023022923") == nil && HourKey("20240229230") == nil && HourKey("202402292x") == nil)
        for key in ["1970010100", "1999123123", "2026112020", "2400022900"] {
            let hour = try #require(HourKey(key))
            #expect(HourKey(of: hour.start(zoneMinutes: 480), zoneMinutes: 480) == hour)
            #expect(hour.description == key)
        }
    }
}
