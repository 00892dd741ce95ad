// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Opening a log whose writer was killed in the middle of a write, beside SQLite's with its write-ahead log.
struct Recover: Section {
    static let configuration = CommandConfiguration(
        abstract: "Open a log that ends in a torn commit, beside SQLite with its write-ahead log.")
    @OptionGroup var settings: Settings

    func measure(_ bench: Bench) async throws { try await Self.measure(bench) }

    static func measure(_ bench: Bench) async throws {
        let count = bench.events.count
        let torn = bench.place("torn")
        let expected = try await tear(torn, bench)
        let peer = bench.place("peer.sqlite")
        let open = try SQLitePeer(path: peer.path(percentEncoded: false))
        _ = try open.run(bench.events, .events(count), batch: 64)
        var runs: [(ours: Double, theirs: Double)] = []
        for _ in 0..<bench.runs {
            let archive = try Archive.open(try copy(torn, bench))
            var writer: LogWriter?
            let ours = try timed { writer = try LogWriter.open(archive) }
            guard let writer, writer.recovery != nil, Int(writer.durableEnd.rawValue) == expected else {
                throw Files.Failure(description: "the torn log was not taken back to record \(expected)")
            }
            try await writer.close()
            let database = bench.place("copy.sqlite").path(percentEncoded: false)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: peer.path(percentEncoded: false) + suffix, toPath: database + suffix)
            }
            let theirs = try timed { _ = try SQLitePeer(path: database).read(count) }
            runs.append((ours * 1000, theirs * 1000))
        }
        try bench.report.add(
            Row(
                "open \(count) records with a torn tail", unit: "ms", beside: "SQLite with its WAL",
                runs: runs,
                note:
                    "in this process: what a killed writer left is read back and cut, and appending can go on"
            ))
    }

    /// Leaves a log as a kill in the middle of its last commit does.
    ///
    /// - Returns: How many records stand before the torn commit.
    private static func tear(_ folder: URL, _ bench: Bench) async throws -> Int {
        let archive = try Archive.create(folder)
        let lock = URL(filePath: archive.lockPath)
        let writer = try LogWriter.open(archive, options: LogAppend(isAlone: true).options)
        try await LogAppend(isAlone: true).append(bench.events, .events(bench.events.count), to: writer)
        let records = Int(writer.durableEnd.rawValue)
        guard let segment = try Files.all(in: archive.logURL).last else {
            throw Files.Failure(description: "the log has no segment")
        }
        let before = (file: try Data(contentsOf: segment), lock: try Data(contentsOf: lock))
        _ = try await writer.append(bench.events.batch(0..<64))
        // The writer is dropped without closing: it stops as a killed process does.
        let after = (file: try Data(contentsOf: segment), lock: try Data(contentsOf: lock))
        let (start, end) = (try durableBytes(before.lock), try durableBytes(after.lock))
        guard start < end else {
            throw Files.Failure(description: "the last commit began a new segment: choose another --events")
        }
        // Half of the commit reached the disk, and nobody was told of it.
        let middle = (start + end) / 2
        try (after.file.prefix(middle) + before.file.dropFirst(middle)).write(to: segment)
        try before.lock.write(to: lock)
        return records
    }

    /// Bytes of the active segment that are durable, as the writer's `lock` says:
    /// `durable SEQUENCE in SEGMENT to BYTES sum …`.
    private static func durableBytes(_ lock: Data) throws -> Int {
        let words = String(decoding: lock, as: UTF8.self).split(separator: " ")
        guard words.count > 5, words[4] == "to", let bytes = Int(words[5]) else {
            throw Files.Failure(description: "the lock does not say how much of the log is durable")
        }
        return bytes
    }

    private static func copy(_ folder: URL, _ bench: Bench) throws -> URL {
        let copy = bench.place("torn-copy")
        try FileManager.default.copyItem(at: folder, to: copy)
        return copy
    }
}
