// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation

/// The store most people would pick instead: one table in SQLite, write-ahead log, `synchronous=FULL`.
///
/// Fair to it: the library's own C interface, prepared statements, lines bound without a copy, one thread (SQLite
/// has one writer), its default page size and WAL checkpoints. No index but its key; a log's other duties (hash
/// tree, check sums of its lines) are not asked of it.
final class SQLitePeer {
    private var database: OpaquePointer?
    private var insert: OpaquePointer?
    private var select: OpaquePointer?
    let path: String

    struct Failure: Error { let message: String }

    /// What to open: the database that is written, or one more connection that only reads.
    enum Mode {
        case write
        case read
    }

    init(path: String, _ mode: Mode = .write) throws {
        self.path = path
        let flags = mode == .write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        // One thread at a time uses a connection here: SQLite need not guard it.
        try check(sqlite3_open_v2(path, &database, flags | SQLITE_OPEN_NOMUTEX, nil))
        if mode == .write {
            try run("PRAGMA journal_mode=WAL")
            try run("PRAGMA synchronous=FULL")
            try run(
                "CREATE TABLE IF NOT EXISTS event(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL)"
            )
            try prepare("INSERT INTO event(at, line) VALUES(?, ?)", &insert)
        }
        try prepare("SELECT line FROM event WHERE seq = ?", &select)
    }

    deinit {
        sqlite3_finalize(insert)
        sqlite3_finalize(select)
        sqlite3_close(database)
    }

    /// Appends in durable transactions of `batch` events.
    ///
    /// - Returns: Events a second.
    func run(_ events: EventList, _ extent: LogAppend.Extent, batch: Int) throws -> Double {
        let start = ContinuousClock.now
        var next = 0
        while true {
            var end = next + batch
            switch extent {
            case .events(let count):
                guard next < count else { return Double(next) / start.secondsAgo }
                end = min(end, count)
            case .seconds(let limit):
                guard start.secondsAgo < limit else { return Double(next) / start.secondsAgo }
            }
            try append(events, next..<end)
            next = end
        }
    }

    /// Inserts events in one durable transaction.
    private func append(_ events: EventList, _ range: Range<Int>) throws {
        try run("BEGIN IMMEDIATE")
        for index in range {
            sqlite3_bind_int64(insert, 1, 1_700_000_000_000_000)
            // Without a copy: the line outlives the step.
            let result = events[index].withUnsafeBytes { line in
                sqlite3_bind_text(insert, 2, line.baseAddress, Int32(line.count), nil)
                return sqlite3_step(insert)
            }
            guard result == SQLITE_DONE else { throw failure }
            sqlite3_reset(insert)
        }
        try run("COMMIT")
    }

    /// Bytes of the row with this key; the first row has key 1.
    func read(_ key: Int) throws -> Int {
        sqlite3_bind_int64(select, 1, Int64(key))
        defer { sqlite3_reset(select) }
        guard sqlite3_step(select) == SQLITE_ROW, sqlite3_column_text(select, 0) != nil else { throw failure }
        return Int(sqlite3_column_bytes(select, 0))
    }

    /// Moves everything from the write-ahead log into the database file and empties it.
    func moveLogIntoDatabase() throws { try run("PRAGMA wal_checkpoint(TRUNCATE)") }

    private func prepare(_ sql: String, _ statement: inout OpaquePointer?) throws {
        try check(sqlite3_prepare_v2(database, sql, -1, &statement, nil))
    }

    private func run(_ sql: String) throws { try check(sqlite3_exec(database, sql, nil, nil, nil)) }
    private func check(_ code: Int32) throws { if code != SQLITE_OK { throw failure } }
    private var failure: Failure { Failure(message: String(cString: sqlite3_errmsg(database))) }
}
