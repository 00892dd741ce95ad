// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation

/// The store most people would pick instead: one table in SQLite, write-ahead log, `synchronous=FULL`.
final class SQLitePeer {
    private var database: OpaquePointer?
    private var insert: OpaquePointer?
    private var select: OpaquePointer?
    let path: String

    struct Failure: Error { let message: String }

    init(path: String) throws {
        self.path = path
        try check(sqlite3_open(path, &database))
        try run("PRAGMA journal_mode=WAL")
        try run("PRAGMA synchronous=FULL")
        try run(
            "CREATE TABLE IF NOT EXISTS event(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL)"
        )
        try check(sqlite3_prepare_v2(database, "INSERT INTO event(at, line) VALUES(?, ?)", -1, &insert, nil))
        try check(sqlite3_prepare_v2(database, "SELECT line FROM event WHERE seq = ?", -1, &select, nil))
    }

    deinit {
        sqlite3_finalize(insert)
        sqlite3_finalize(select)
        sqlite3_close(database)
    }

    /// Inserts lines in one durable transaction.
    func append(_ lines: ArraySlice<[UInt8]>) throws {
        try run("BEGIN IMMEDIATE")
        for line in lines {
            sqlite3_bind_int64(insert, 1, 1_700_000_000_000_000)
            // Static: the line outlives the step, which is over before this loop turns.
            _ = line.withUnsafeBytes { sqlite3_bind_text(insert, 2, $0.baseAddress, Int32($0.count), nil) }
            guard sqlite3_step(insert) == SQLITE_DONE else { throw failure }
            sqlite3_reset(insert)
        }
        try run("COMMIT")
    }

    /// Bytes of the row with this key.
    func read(_ key: Int) throws -> Int {
        sqlite3_bind_int64(select, 1, Int64(key))
        defer { sqlite3_reset(select) }
        guard sqlite3_step(select) == SQLITE_ROW else { throw failure }
        return Int(sqlite3_column_bytes(select, 0))
    }

    private func run(_ sql: String) throws { try check(sqlite3_exec(database, sql, nil, nil, nil)) }
    private func check(_ code: Int32) throws { if code != SQLITE_OK { throw failure } }
    private var failure: Failure { Failure(message: String(cString: sqlite3_errmsg(database))) }
}
