// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Checking everything: sums, sequence and tree, beside `gzip -t`, which checks sums only.
///
/// Ours runs in this process on two threads; `gzip -t` is a process, whose start (some milliseconds) counts. The
/// files are the same and cached.
struct Verify: Section {
    static let configuration = CommandConfiguration(
        abstract: "Verify the whole log, beside gzip -t of the same files.")
    @OptionGroup var settings: Settings

    @Option(help: "Measure only the log, once: verify it over and over for this long.")
    var seconds: Double?

    @Option(
        help: ArgumentHelp("Measure only this archive, once; --seconds long if told so.", valueName: "path"))
    var archive: String?

    @Option(help: "Threads, with --seconds or --archive.")
    var threads = 2

    func measure(_ bench: Bench) async throws {
        guard seconds != nil || archive != nil else { return try await Self.measure(bench) }
        let log: StoredLog
        if let archive {
            log = try StoredLog(Archive.open(URL(filePath: archive, directoryHint: .isDirectory)))
        } else {
            log = try await bench.stores().live
        }
        let megabytes = try Self.megabytes(log)
        let start = ContinuousClock.now
        var count = 0.0
        repeat {
            try Self.verify(log, threads: threads)
            count += 1
        } while start.secondsAgo < seconds ?? 0
        try bench.report.add(
            Row("verify, \(threads) threads", unit: "MB/s", runs: [megabytes * count / start.secondsAgo]))
    }

    static func measure(_ bench: Bench) async throws {
        let stores = try await bench.stores()
        try measure(stores.live, "verify everything, 2 threads", goal: .atLeast(2.5), bench)
        try measure(stores.sealed, "the same in small sealed segments", goal: .atLeast(2.5), bench)
    }

    private static func measure(_ log: StoredLog, _ what: String, goal: Row.Goal, _ bench: Bench) throws {
        let megabytes = try megabytes(log)
        try Files.warm(log.segments)
        var gzip: [(ours: Double, theirs: Double)] = []
        var count: [(ours: Double, theirs: Double)] = []
        for _ in 0..<bench.runs {
            let ours = try megabytes / timed { try verify(log, threads: 2) }
            gzip.append((ours, try megabytes / timed { try Files.shell("gzip -t \"$@\"", log.segments) }))
            count.append(
                (ours, try megabytes / timed { try Files.shell("gzip -dc \"$@\" | wc -l", log.segments) }))
        }
        try bench.report.add(Row(what, unit: "MB/s", beside: "gzip -t", runs: gzip, goal: goal))
        try bench.report.add(Row(what, unit: "MB/s", beside: "zcat | wc -l", runs: count))
    }

    /// Millions of bytes of uncompressed lines.
    private static func megabytes(_ log: StoredLog) throws -> Double {
        try Double(Files.number("gzip -dc \"$@\" | wc -c", log.segments)) / 1e6
    }

    private static func verify(_ log: StoredLog, threads: Int) throws {
        let outcome = try LogVerifier(log.archive, threadCount: threads).run()
        guard outcome.isIntact else {
            throw Files.Failure(description: "the log just written is damaged: \(outcome.problems)")
        }
    }
}
