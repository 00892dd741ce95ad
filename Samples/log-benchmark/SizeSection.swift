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
        let row = try Double(Files.byteCount([stores.sqliteFile])) / Double(stores.count)
        try measure(
            try stores.live.segments(recompressed: false), beside: 1, goal: .atMost(1.06), row,
            "bytes, live, 64 a commit, \(LogAppend.codec)", bench)
        try measure(
            try stores.sealed.segments(recompressed: true), beside: 6, goal: .atMost(1.03), row,
            "bytes, sealed and compressed again", bench)
    }

    /// Measures segments beside gzip, and beside SQLite with its bytes for each `row`.
    private static func measure(
        _ segments: [URL], beside level: Int, goal: Row.Goal, _ row: Double, _ what: String, _ bench: Bench
    ) throws {
        guard !segments.isEmpty else {
            try bench.report.skip(what, "the log has no such segment")
            return
        }
        let lines = try Double(Files.number("gzip -dc \"$@\" | wc -l", segments))
        let ours = try Double(Files.byteCount(segments)) / lines
        let theirs = try Double(Files.number("gzip -dc \"$@\" | gzip -\(level) -c | wc -c", segments)) / lines
        let bare =
            try Double(Files.number("gzip -\(level) -c \"$@\" | wc -c", [bench.source]))
            / Double(bench.events.count)
        try bench.report.add(
            Row(
                what, unit: "B/event", beside: "gzip -\(level) of the same lines", runs: [(ours, theirs)],
                goal: goal))
        try bench.report.add(
            Row(
                what, unit: "B/event", beside: "gzip -\(level) of the bare events", runs: [(ours, bare)],
                note: "a line of the log also holds number, time and surface, and a commit its check sum"))
        try bench.report.add(
            Row(
                what, unit: "B/event", beside: "SQLite's file, no index", runs: [(ours, row)],
                goal: .atMost(0.23)))
    }
}
