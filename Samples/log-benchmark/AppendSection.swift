// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Durable appends, beside SQLite.
struct Append: Section {
    static let configuration = CommandConfiguration(
        abstract: "Durable appends beside SQLite; or the log alone, for a profile.",
        discussion: """
            With --seconds only the log is measured, in one shape, over and over for that long:
              perf record -g log-benchmark append EVENTS --seconds 10 --callers 8 --batch 64
            """)
    @OptionGroup var settings: Settings

    @Option(help: "Measure only the log, once, for this long.")
    var seconds: Double?

    @Option(help: "Measure only the log, once, with this many events, the file's over and over.")
    var count: Int?

    @Option(help: ArgumentHelp("Leave the archive here, with --seconds or --count.", valueName: "path"))
    var into: String?

    @Option(help: "Measure SQLite instead, with --seconds or --count.")
    var peer: Peer = .log

    @Option(help: "Callers with --seconds or --count, each with one batch on its way.")
    var callers = 8

    @Option(help: "Events of a batch with --seconds or --count.")
    var batch = 64

    @Flag(help: "With --seconds or --count: a commit holds whatever waits, not one batch alone.")
    var grouped = false

    enum Peer: String, ExpressibleByArgument, CaseIterable { case log, sqlite }

    func validate() throws {
        guard callers >= 1, batch >= 1 else { throw ValidationError("--callers and --batch are 1 or more.") }
    }

    func measure(_ bench: Bench) async throws {
        guard let extent = seconds.map(LogAppend.Extent.seconds) ?? count.map(LogAppend.Extent.events) else {
            return try await Self.measure(bench)
        }
        let rate: Double
        switch peer {
        case .log:
            let append = LogAppend(callers: callers, batch: batch, isAlone: !grouped)
            rate = try await append.run(
                bench.events, extent,
                in: into.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? bench.place("log"))
        case .sqlite:
            let path = bench.place("peer.sqlite").path(percentEncoded: false)
            rate = try SQLitePeer(path: path).run(bench.events, extent, batch: batch)
        }
        let manner = grouped ? "group commit" : "\(batch) a commit"
        let codec = peer == .log ? LogAppend.codec : "SQLite"
        try bench.report.add(
            Row("append, \(manner), \(callers) × \(batch), \(codec)", unit: "events/s", runs: [rate]))
    }

    /// One shape of appending and what SQLite does instead.
    private struct Shape {
        var what: String
        var append: LogAppend
        var peerBatch: Int
        var goal: Row.Goal?
        /// The part of the events that is enough: small commits take long.
        var share = 1.0
    }

    static func measure(_ bench: Bench) async throws {
        let shapes = [
            Shape(
                what: "append, 64 a commit, 8 × 64", append: LogAppend(isAlone: true), peerBatch: 64,
                goal: LogAppend.goal),
            Shape(what: "append, group commit, 8 × 64", append: LogAppend(), peerBatch: 64),
            Shape(
                what: "append, group commit, 64 × 1", append: LogAppend(callers: 64, batch: 1),
                peerBatch: 1, share: 0.1),
        ]
        for shape in shapes {
            let count = max(1, Int(Double(bench.events.count) * shape.share))
            var runs: [(ours: Double, theirs: Double)] = []
            var perCommit = 0.0
            for _ in 0..<bench.runs {
                let folder = bench.place("append")
                let ours = try await shape.append.run(bench.events, .events(count), in: folder)
                perCommit = try eventsPerCommit(in: folder, count, shape.append)
                let peer = bench.place("append.sqlite").path(percentEncoded: false)
                let theirs = try SQLitePeer(path: peer)
                    .run(bench.events, .events(count), batch: shape.peerBatch)
                runs.append((ours, theirs))
                try FileManager.default.removeItem(at: folder)
                for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: peer + suffix)
                {
                    try FileManager.default.removeItem(atPath: peer + suffix)
                }
            }
            try bench.report.add(
                Row(
                    "\(shape.what), \(LogAppend.codec)", unit: "events/s",
                    beside: "SQLite FULL, \(shape.peerBatch) a transaction", runs: runs, goal: shape.goal,
                    note:
                        "events in a commit of ours, on average: \(perCommit.formatted(.number.precision(.fractionLength(0))))"
                ))
        }
    }

    /// How large the commits were, by the log's own lines.
    private static func eventsPerCommit(in folder: URL, _ count: Int, _ append: LogAppend) throws -> Double {
        let commits = try Files.number(
            #"gzip -dc "$@" | grep -c '^{"seq":[0-9]*,"at":"[^"]*","commit":'"#,
            Files.all(in: Archive.open(folder).logURL))
        let wanted = (count + append.batch - 1) / append.batch
        guard !append.isAlone || commits == wanted else {
            throw Files.Failure(
                description: "\(commits) commits hold \(count) events, and \(wanted) were asked for")
        }
        return Double(count) / Double(commits)
    }
}
