// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// One event in flight: each is appended when the one before it is durable, beside the bare disk.
struct Single: Section {
    static let configuration = CommandConfiguration(
        abstract: "One event in flight, beside 4 KiB appends and syncs of the bare disk.")
    @OptionGroup var settings: Settings

    @Option(help: "Measure only the log, once, for this long.")
    var seconds: Double?

    func measure(_ bench: Bench) async throws {
        guard let seconds else { return try await Self.measure(bench) }
        let append = LogAppend(callers: 1, batch: 1)
        let rate = try await append.run(bench.events, .seconds(seconds), in: bench.place("single"))
        try bench.report.add(Row("one event in flight", unit: "events/s", runs: [rate]))
    }

    /// Appends of one turn, and turns of one run: the disk's mood changes within a second.
    private static let appends = 50
    private static let turns = 20

    /// Seconds of each append.
    private struct Times {
        var ours: [Double] = []
        var plain: [Double] = []
        var ahead: [Double] = []

        static func += (left: inout Times, right: Times) {
            left.ours += right.ours
            left.plain += right.plain
            left.ahead += right.ahead
        }
    }

    static func measure(_ bench: Bench) async throws {
        let writer = try LogWriter.open(try Archive.create(bench.place("single")))
        let plain = try BareDisk(bench.place("plain"))
        let ahead = try BareDisk(bench.place("ahead"), hasRoom: true)
        var runs: [Times] = []
        var all = Times()
        // The first turn makes the files, which the others need not.
        for turn in 0...(bench.runs * turns) {
            var times = Times()
            for index in 0..<appends {
                let batch = bench.events.batch(index..<index + 1)
                let start = ContinuousClock.now
                _ = try await writer.append(batch)
                times.ours.append(start.secondsAgo)
            }
            times.plain = try plain.append(appends)
            times.ahead = try ahead.append(appends)
            guard turn > 0 else { continue }
            if (turn - 1) % turns == 0 { runs.append(Times()) }
            runs[runs.count - 1] += times
            all += times
        }
        try await writer.close()
        try bench.report.add(
            Row(
                "one event in flight, \(LogAppend.codec)", unit: "events/s",
                beside: "4 KiB append + fdatasync",
                runs: runs.map { (rate($0.ours), rate($0.plain)) }, goal: .atLeast(1),
                note: "p50/p99 µs: ours \(shown(all.ours)), bare \(shown(all.plain))"))
        try bench.report.add(
            Row(
                "one event in flight, \(LogAppend.codec)", unit: "events/s",
                beside: "the same, with room kept for the file",
                runs: runs.map { (rate($0.ours), rate($0.ahead)) },
                note: "p50/p99 µs: bare \(shown(all.ahead))"))
        try bench.report.add(
            Row(
                "4 KiB append + fdatasync, p50", unit: "µs",
                runs: runs.map { $0.plain.sorted().percentile(50) * 1e6 }))
    }

    private static func rate(_ times: [Double]) -> Double { Double(times.count) / times.reduce(0, +) }

    private static func shown(_ times: [Double]) -> String {
        let sorted = times.sorted()
        return "\(Int(sorted.percentile(50) * 1e6))/\(Int(sorted.percentile(99) * 1e6))"
    }
}
