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
    private static let appends = 200
    private static let turns = 5

    static func measure(_ bench: Bench) async throws {
        let writer = try LogWriter.open(try Archive.create(bench.place("single")))
        var plain: [(ours: Double, theirs: Double)] = []
        var ahead: [(ours: Double, theirs: Double)] = []
        var times: (ours: [Double], plain: [Double], ahead: [Double]) = ([], [], [])
        for _ in 0..<bench.runs {
            var run: (ours: [Double], plain: [Double], ahead: [Double]) = ([], [], [])
            for _ in 0..<turns {
                for index in 0..<appends {
                    let start = ContinuousClock.now
                    _ = try await writer.append(bench.events.batch(index..<index + 1))
                    run.ours.append(start.secondsAgo)
                }
                run.plain += try BareDisk().run(count: appends, in: bench.place("bare"))
                run.ahead += try BareDisk(isAllocatedAhead: true).run(
                    count: appends, in: bench.place("ahead"))
            }
            plain.append((rate(run.ours), rate(run.plain)))
            ahead.append((rate(run.ours), rate(run.ahead)))
            times.ours += run.ours
            times.plain += run.plain
            times.ahead += run.ahead
        }
        try await writer.close()
        try bench.report.add(
            Row(
                "one event in flight", unit: "events/s", beside: "4 KiB append + fdatasync", runs: plain,
                goal: .atLeast(1),
                note: "p50/p99 µs: ours \(shown(times.ours)), bare \(shown(times.plain))"))
        try bench.report.add(
            Row(
                "one event in flight", unit: "events/s", beside: "the same, blocks allocated ahead",
                runs: ahead, note: "p50/p99 µs: bare \(shown(times.ahead))"))
        try bench.report.add(
            Row("fdatasync after 4 KiB, p50", unit: "µs", runs: [times.plain.sorted().percentile(50) * 1e6]))
    }

    private static func rate(_ times: [Double]) -> Double { Double(times.count) / times.reduce(0, +) }

    private static func shown(_ times: [Double]) -> String {
        let sorted = times.sorted()
        return "\(Int(sorted.percentile(50) * 1e6))/\(Int(sorted.percentile(99) * 1e6))"
    }
}
