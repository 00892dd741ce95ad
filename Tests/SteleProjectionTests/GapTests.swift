// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import Testing

/// What is missing is named, and nothing else.
struct GapTests {
    /// A few hours of an app: every message, and the callbacks that told of them.
    private struct Traffic {
        struct Message {
            let id: String
            let time: Int64
            let from: String
            let to: String
        }

        static let start: Int64 = 1_763_600_400_000  // 2025-11-20T01:00:00Z

        private(set) var messages: [Message] = []
        /// Post-send callbacks by the time at which the platform made them.
        private(set) var callbacks: [(time: Int64, message: String, payload: String)] = []

        init(seed: UInt64, messages count: Int, millisecondsBetween gap: Int) {
            var random = SeededGenerator(seed: seed)
            let users = ["alice", "bob", "carol", "大卫", "eve"]
            var clock = Self.start
            for number in 0..<count {
                clock += Int64(random.int(in: 1..<(2 * gap)))
                let from = users[number % users.count]
                let to = users[(number + 1 + random.int(in: 0..<4)) % users.count]
                let message = Message(
                    id: Payload.id(at: clock, number % 4), time: clock, from: from,
                    to: to == from ? "frank" : to)
                messages.append(message)
                callbacks.append(
                    (
                        clock, message.id,
                        Payload.text("第\(number)条", id: message.id, at: clock, from: from, to: message.to)
                    ))
                // Everybody reads within twenty minutes.
                let read = clock + Int64(random.int(in: 1000..<1_200_000))
                callbacks.append(
                    (read, "", Payload.read(message.id, at: read, by: message.to, to: from)))
            }
        }

        /// What arrived, when some callbacks did not.
        func delivered(without dropped: Set<String>, suspended: Range<Int64>) -> [Delivery] {
            callbacks.filter { !suspended.contains($0.time) && !dropped.contains($0.message) }
                .map { .callback($0.payload) }
        }

        /// The history of every hour, as lines, by the hour's key in China's time.
        var history: [(hour: HourKey, lines: [Delivery])] {
            Dictionary(grouping: messages) {
                HourKey(of: Instant(milliseconds: $0.time), zoneMinutes: 480)
            }.sorted { $0.key < $1.key }.map { hour, messages in
                (
                    hour,
                    messages.map {
                        .history(
                            Payload.history("第", id: $0.id, at: $0.time, from: $0.from, to: $0.to),
                            app: AppKey(Payload.app))
                    }
                )
            }
        }
    }

    private static func record(
        of hour: HourKey, _ lines: [Delivery], _ outcome: HistoryHour.Outcome = .whole
    ) -> Delivery {
        var record = HistoryHour(app: AppKey(Payload.app), hour: hour, outcome: outcome, source: .file)
        for line in lines {
            let time = line.payload.firstMatch(of: /"timestamp":(\d+)/).flatMap { Int64($0.1) }
            record.add(time.map { Instant(milliseconds: $0) })
        }
        record.zone = record.zoneByLines
        return .history(String(decoding: record.payload, as: UTF8.self), app: AppKey(Payload.app))
    }

    private static func gaps(
        _ views: Views, _ change: (inout GapOptions) -> Void = { _ in }
    ) throws -> [Gap] {
        // A month later: the platform keeps none of it any more, so hours as such are no gaps.
        var options = GapOptions(now: Instant(milliseconds: Traffic.start + 30 * 86_400_000))
        change(&options)
        return try views.read { try $0.gaps(options) }
    }

    @Test(
        "one dropped callback and a suspension of five minutes are named, nothing else is, and history closes both",
        arguments: [1, 2] as [UInt64])
    func droppedAndSuspended(seed: UInt64) async throws {
        let traffic = Traffic(seed: seed, messages: 5200, millisecondsBetween: 2500)
        #expect(traffic.callbacks.count > 10_000)
        let dropped = traffic.messages[Int(700 + seed)]
        let begin = traffic.messages[2600].time + 1
        let suspended = begin..<(begin + 300_000)
        let lost = traffic.messages.filter { suspended.contains($0.time) }
        #expect(lost.count > 60)
        let arrived = traffic.delivered(without: [dropped.id], suspended: suspended)
        try await withTemporaryDirectory { folder async throws in
            let log = try await TestLog(folder, arrived)
            let gaps = try Self.gaps(try log.views())
            try #require(gaps.count == 2, "seed \(seed): \(gaps.map { ($0.kind, $0.from, $0.count) })")
            let (missed, suspension) = (gaps[0], gaps[1])

            #expect(missed.kind == .missedCallback && missed.isOpen)
            #expect(missed.messages.map(\.rawValue) == [dropped.id])
            #expect(missed.from == Instant(milliseconds: dropped.time) && missed.count == 1)
            #expect(missed.evidence.map(\.source) == ["read receipt"])
            #expect(missed.ask.contains(.history(HourKey(of: missed.from, zoneMinutes: 480), zone: 480)))

            let end = try #require(suspension.to)
            let expected = try #require(suspension.expected)
            #expect(suspension.kind == .suspension && suspension.isOpen)
            // Whole seconds, the ones in which the last callback before it and the first one after it told something.
            #expect(abs(suspension.from.milliseconds - suspended.lowerBound) < 5000)
            #expect(abs(end.milliseconds - suspended.upperBound) < 5000)
            #expect(suspension.count > lost.count / 2 && suspension.count <= lost.count)
            #expect(expected < 1e-6)
            #expect(Set(suspension.messages.map(\.rawValue)).isSubset(of: lost.map(\.id)))

            // Lines that nobody recorded as an hour's file: they agree with the callbacks.
            let history = traffic.history
            #expect(history.count >= 4)
            try await log.append(history.flatMap(\.lines))
            try Self.expectClosed(try log.views(), lost, by: .agreement, seed)
            try await log.append(history.map { Self.record(of: $0.hour, $0.lines) })
            try Self.expectClosed(try log.views(), lost, by: .hours, seed)
        }
    }

    private static func expectClosed(
        _ views: Views, _ lost: [Traffic.Message], by closing: Gap.Closing, _ seed: UInt64
    ) throws {
        let gaps = try Self.gaps(views)
        #expect(gaps.map(\.kind) == [.missedCallback, .suspension], "seed \(seed)")
        #expect(gaps.map(\.closing) == [.shown, closing])
        #expect(gaps.map(\.count) == [1, lost.count] && gaps.map(\.open) == [0, 0])
    }

    @Test("the hours that nothing happened in need no other hour's file")
    func onlyItsHours() async throws {
        let traffic = Traffic(seed: 5, messages: 3000, millisecondsBetween: 2500)
        let begin = traffic.messages[800].time + 1
        let arrived = traffic.delivered(without: [], suspended: begin..<(begin + 420_000))
        let touched = Set(
            [begin, begin + 420_000].map { HourKey(of: Instant(milliseconds: $0), zoneMinutes: 480) })
        let imported = traffic.history.filter { touched.contains($0.hour) }.flatMap { hour, lines in
            lines + [Self.record(of: hour, lines)]
        }
        try await withViews(of: arrived + imported) { views, _ throws in
            let gaps = try Self.gaps(views)
            #expect(gaps.map(\.closing) == [.hours])
        }
        // A file that was cut short closes nothing, though all of its lines agree.
        let cut = traffic.history.filter { touched.contains($0.hour) }.flatMap { hour, lines in
            lines.dropLast(40) + [Self.record(of: hour, Array(lines.dropLast(40)), .cut)]
        }
        try await withViews(of: arrived + cut) { views, _ throws in
            let gaps = try Self.gaps(views)
            #expect(gaps.contains { $0.kind == .suspension && $0.isOpen })
        }
    }

    @Test("pauses of people who chat now and then are no suspension", arguments: 1...4 as ClosedRange<UInt64>)
    func pauses(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var clock = Traffic.start
        var deliveries: [Delivery] = []
        for number in 0..<40 {
            for line in 0..<random.int(in: 5..<40) {
                clock += Int64(random.int(in: 1000..<20_000))
                deliveries.append(
                    .callback(
                        Payload.text(
                            "\(number).\(line)", id: Payload.id(at: clock), at: clock, from: "alice",
                            to: "bob")))
            }
            clock += Int64(random.int(in: 200_000..<1_200_000))
        }
        try await withViews(of: deliveries) { views, _ throws in
            let gaps = try Self.gaps(views)
            #expect(gaps == [], "seed \(seed)")
        }
    }

    @Test("quiet nights and busy days are no suspension")
    func days() async throws {
        var random = SeededGenerator(seed: 11)
        var deliveries: [Delivery] = []
        var clock = Traffic.start
        while clock < Traffic.start + 2 * 86_400_000 {
            let hour = (clock / 3_600_000) % 24
            // Milliseconds to the next message: from twenty seconds at noon to an hour at night.
            let usual = [3600, 3600, 3600, 3600, 1800, 600, 120, 60, 30, 20, 20, 20][
                Int(hour < 12 ? hour : 23 - hour)]
            clock += Int64(Double(usual) * -log(Double(random.int(in: 1..<10_000)) / 10_000) * 1000)
            deliveries.append(
                .callback(
                    Payload.text("x", id: Payload.id(at: clock), at: clock, from: "alice", to: "bob")))
        }
        try await withViews(of: deliveries) { views, _ throws in
            let gaps = try Self.gaps(views)
            #expect(gaps == [])
        }
    }
}
