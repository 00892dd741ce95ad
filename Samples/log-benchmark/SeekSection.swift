// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Seeking to one record, beside SQLite's row by key.
///
/// Cold: before each seek the cached pages of the store's files are dropped, and the store is opened anew: a reader
/// of ours, a connection of SQLite's (its page cache is the connection's). Warm: one reader, one connection with a
/// prepared statement, the files cached.
struct Seek: Section {
    static let configuration = CommandConfiguration(
        abstract: "Seek to a record by sequence and by time, beside SQLite's row by key.")
    @OptionGroup var settings: Settings

    @Option(help: "Measure only the log, once: warm seeks in the live log for this long.")
    var seconds: Double?

    func measure(_ bench: Bench) async throws {
        guard let seconds else { return try await Self.measure(bench) }
        let stores = try await bench.stores()
        let reader = try LogReader(stores.live.archive)
        var random = SeededRandom(seed: bench.seed)
        let start = ContinuousClock.now
        var count = 0.0
        while start.secondsAgo < seconds {
            _ = try Self.line(random.below(stores.count), reader)
            count += 1
        }
        try bench.report.add(Row("seek, warm", unit: "µs", runs: [start.secondsAgo / count * 1e6]))
    }

    /// Seeks of one run.
    private static let coldSeeks = 100
    private static let warmSeeks = 1000

    static func measure(_ bench: Bench) async throws {
        let stores = try await bench.stores()
        for (log, place) in [(stores.live, "active segment"), (stores.sealed, "sealed segments")] {
            try measureCold(log, stores, "seek, cold, \(place)", bench)
            try measureWarm(log, stores, "seek, warm, \(place)", bench)
            try measureByTime(log, stores, "seek by time, cold, \(place)", bench)
        }
    }

    private static func measureCold(_ log: StoredLog, _ stores: Stores, _ what: String, _ bench: Bench) throws
    {
        let files = try log.files
        var disk = (ours: 0, theirs: 0)
        let runs = try turns(bench, count: coldSeeks, below: stores.count) { key in
            try Files.dropCache(files)
            let before = Files.bytesRead ?? 0
            let ours = try timed { _ = try line(key, LogReader(log.archive)) }
            let between = Files.bytesRead ?? 0
            let theirs = try coldRow(key, stores)
            disk.ours += between - before
            disk.theirs += (Files.bytesRead ?? 0) - between
            return (ours, theirs)
        }
        let count = bench.runs * coldSeeks * 1024
        try report(
            runs, what, beside: "SQLite row by key, cold", goal: .atMost(3),
            note:
                "read from the disk for each: ours \(disk.ours / count) KiB, SQLite \(disk.theirs / count) KiB",
            bench)
    }

    private static func measureWarm(_ log: StoredLog, _ stores: Stores, _ what: String, _ bench: Bench) throws
    {
        try Files.warm(log.segments + [stores.sqliteFile])
        let reader = try LogReader(log.archive)
        let runs = try turns(bench, count: warmSeeks, below: stores.count) { key in
            (try timed { _ = try line(key, reader) }, try timed { _ = try stores.sqlite.read(key + 1) })
        }
        try report(runs, what, beside: "SQLite row by key, warm", goal: nil, note: nil, bench)
    }

    private static func measureByTime(_ log: StoredLog, _ stores: Stores, _ what: String, _ bench: Bench)
        throws
    {
        let files = try log.files
        let warm = try LogReader(log.archive)
        let runs = try turns(bench, count: coldSeeks / 4, below: stores.count) { key in
            let time = try LineTime.microseconds(line(key, warm))
            try Files.dropCache(files)
            var found: LogLines?
            let ours = try timed {
                let reader = try LogReader(log.archive)
                found = try lines(Int(try reader.sequence(atOrAfter: time).rawValue), reader)
            }
            guard let found, try LineTime.microseconds(found[0]) == time else {
                throw Files.Failure(description: "the seek by time led to another time than record \(key)'s")
            }
            return (ours, try coldRow(key, stores))
        }
        try report(
            runs, what, beside: "SQLite row by key, cold", goal: nil,
            note: "SQLite's table has no index on time: its row by key, for orientation", bench)
    }

    /// The same random keys' figures, ours and the peer's by turns.
    private static func turns(
        _ bench: Bench, count: Int, below bound: Int,
        _ seek: (Int) throws -> (ours: Double, theirs: Double)
    ) throws -> [[(ours: Double, theirs: Double)]] {
        var random = SeededRandom(seed: bench.seed)
        return try (0..<bench.runs).map { _ in try (0..<count).map { _ in try seek(random.below(bound)) } }
    }

    private static func report(
        _ runs: [[(ours: Double, theirs: Double)]], _ what: String, beside peer: String, goal: Row.Goal?,
        note: String?, _ bench: Bench
    ) throws {
        for percent in [50.0, 99] {
            let figures = runs.map { run in
                (
                    ours: run.map(\.ours).sorted().percentile(percent) * 1e6,
                    theirs: run.map(\.theirs).sorted().percentile(percent) * 1e6
                )
            }
            try bench.report.add(
                Row(
                    "\(what), p\(Int(percent))", unit: "µs", beside: peer, runs: figures,
                    goal: percent == 50 ? goal : nil, note: percent == 50 ? note : nil))
        }
    }

    private static func coldRow(_ key: Int, _ stores: Stores) throws -> Double {
        try Files.dropCache([stores.sqliteFile])
        return try timed { _ = try SQLitePeer(path: stores.sqlite.path, .read).read(key + 1) }
    }

    private static func line(_ key: Int, _ reader: LogReader) throws -> ArraySlice<UInt8> {
        try lines(key, reader)[0]
    }

    /// Lines from the record with this sequence on.
    private static func lines(_ key: Int, _ reader: LogReader) throws -> LogLines {
        var cursor = try reader.cursor(from: SequenceNumber(UInt64(key)))
        guard case .lines(let found)? = try cursor.next(), found.first.rawValue == UInt64(key) else {
            throw Files.Failure(description: "record \(key) cannot be read")
        }
        return found
    }
}

/// Reads a line's capture time, as anybody else would.
enum LineTime {
    /// Microseconds since 1970 from `…"at":"2026-11-23T02:40:00.123456Z"…`.
    static func microseconds(_ line: ArraySlice<UInt8>) throws -> Int64 {
        let text = String(decoding: line.prefix(100), as: UTF8.self)
        guard let match = text.firstMatch(of: /"at":"([^."]*)\.(\d{6})Z"/), let fraction = Int64(match.2),
            let date = try? Date(String(match.1) + "Z", strategy: .iso8601)
        else { throw Files.Failure(description: "this line shows no capture time: \(text)") }
        return Int64(date.timeIntervalSince1970) * 1_000_000 + fraction
    }
}
