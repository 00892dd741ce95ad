// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// Bytes on disk, beside gzip over the very same lines and beside SQLite.
///
/// Nothing is taken twice: bytes do not depend on the machine's mood.
struct Size: Section {
    static let configuration = CommandConfiguration(
        abstract: "Bytes an event, beside gzip of the same lines and beside SQLite's file.")
    @OptionGroup var settings: Settings

    func measure(_ bench: Bench) async throws { try await Self.measure(bench) }

    static func measure(_ bench: Bench) async throws {
        let stores = try await bench.stores()
        try measure(
            try stores.live.segments(recompressed: false), beside: 1, goal: .atMost(1.06),
            "bytes, live, 64 a commit, \(LogAppend.codec)", bench)
        try measure(
            try stores.sealed.segments(recompressed: true), beside: 6, goal: .atMost(1.03),
            "bytes, sealed and compressed again", bench)
        let whole = try Files.byteCount(stores.live.segments)
        let peer = try Files.byteCount([stores.sqliteFile])
        try bench.report.add(
            Row(
                "bytes, whole log, 64 a commit", unit: "B/event", beside: "SQLite's file, without index",
                runs: [(Double(whole) / Double(stores.count), Double(peer) / Double(stores.count))],
                goal: .atMost(0.23)))
        for level in [1, 6] {
            let alone = try Files.number("gzip -\(level) -c \"$@\" | wc -c", [bench.source])
            try bench.report.add(
                Row(
                    "bytes, whole log, 64 a commit", unit: "B/event",
                    beside: "gzip -\(level) of the bare events",
                    runs: [(Double(whole) / Double(stores.count), Double(alone) / Double(stores.count))],
                    note: "the log's lines also hold number, time, surface and each commit's check sum"))
        }
    }

    private static func measure(
        _ segments: [URL], beside level: Int, goal: Row.Goal, _ what: String, _ bench: Bench
    ) throws {
        guard !segments.isEmpty else {
            try bench.report.skip(what, "the log has no such segment")
            return
        }
        let lines = try Double(Files.number("gzip -dc \"$@\" | wc -l", segments))
        let ours = try Double(Files.byteCount(segments))
        let theirs = try Double(Files.number("gzip -dc \"$@\" | gzip -\(level) -c | wc -c", segments))
        try bench.report.add(
            Row(
                what, unit: "B/event", beside: "gzip -\(level) of the same lines",
                runs: [(ours / lines, theirs / lines)], goal: goal))
    }
}
