// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// The same events in two logs and in SQLite, for the sections that read.
struct Stores {
    /// As a writer leaves it with the default options: few segments, the last of them active.
    let live: StoredLog
    /// Cut into small segments, so that all but the last are sealed.
    let sealed: StoredLog
    /// Everything in the database file; this connection keeps its write-ahead log, which is empty, in place.
    let sqlite: SQLitePeer
    let count: Int

    private static let smallSegment = 4 * 1024 * 1024

    /// Fills the stores with commits of 64 events.
    init(_ bench: Bench) async throws {
        var append = LogAppend(isAlone: true)
        live = try await StoredLog(append, bench, "live")
        append.segmentByteCount = Self.smallSegment
        sealed = try await StoredLog(append, bench, "sealed")
        sqlite = try SQLitePeer(path: bench.place("peer.sqlite").path(percentEncoded: false))
        _ = try sqlite.run(bench.events, .events(bench.events.count), batch: 64)
        try sqlite.moveLogIntoDatabase()
        count = bench.events.count
    }

    var sqliteFile: URL { URL(filePath: sqlite.path) }
}

/// A log that was written and closed.
struct StoredLog {
    let archive: Archive
    /// In order.
    let segments: [URL]

    init(_ append: LogAppend, _ bench: Bench, _ name: String) async throws {
        let folder = bench.place(name)
        _ = try await append.run(bench.events, .events(bench.events.count), in: folder)
        try self.init(Archive.open(folder))
    }

    init(_ archive: Archive) throws {
        self.archive = archive
        segments = try Files.all(in: archive.logURL).filter { $0.lastPathComponent.hasSuffix(".jsonl.gz") }
    }

    /// Every file a reader may open.
    var files: [URL] { get throws { try Files.all(in: archive.url) } }

    /// Segments as they were first written, or those that were compressed again after sealing: their first
    /// member's header says which (byte 8, gzip's word on the effort taken: 2 is the most).
    func segments(recompressed: Bool) throws -> [URL] {
        try segments.filter { url in
            let file = try LocalFileSystem().open(url.path(percentEncoded: false), .read)
            var header = [UInt8](repeating: 0, count: 10)
            _ = try header.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
            return (header[8] == 2) == recompressed
        }
    }
}
