// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// What most people would build instead: SQLite's own JSON functions fill tables, and FTS5's trigram tokenizer is the
/// search that finds Chinese.
///
/// Fair to it: the library's own C interface, prepared statements, lines bound without a copy, the pragmas our own rebuild
/// uses, one transaction, keys in ascending order, indexes and the full-text index made at the end. It reads plain lines, where
/// ours unpacks the log; it keeps neither sightings nor versions nor quarantine, and cannot find words of fewer than three
/// characters.
final class JSONPeer {
    private var database: OpaquePointer?
    private var message: OpaquePointer?
    private var fact: OpaquePointer?

    struct Failure: Error { let message: String }

    init(path: String) throws {
        try check(
            sqlite3_open_v2(
                path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil))
        try run(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA cache_size = -48000; PRAGMA temp_store = MEMORY;
            CREATE TABLE messages(
                id INTEGER PRIMARY KEY, app TEXT, conversation TEXT, sender TEXT, recipient TEXT, time INTEGER,
                type TEXT, text TEXT, body TEXT, ext TEXT);
            CREATE TABLE facts(
                id INTEGER PRIMARY KEY, kind TEXT, target INTEGER, user TEXT, time INTEGER, payload TEXT);
            BEGIN;
            """)
        try prepare(
            """
            INSERT OR IGNORE INTO messages
            SELECT e->>'msg_id', e->>'appkey',
                ifnull(e->>'group_id', min(e->>'from', e->>'to') || ':' || max(e->>'from', e->>'to')),
                e->>'from', e->>'to', e->>'timestamp', e->>'$.payload.bodies[0].type',
                e->>'$.payload.bodies[0].msg', e->'$.payload.bodies[0]', e->'$.payload.ext'
            FROM (SELECT ?1 AS e) WHERE e->>'chat_type' IN ('chat', 'groupchat')
            """, &message)
        try prepare(
            """
            INSERT OR IGNORE INTO facts
            SELECT e->>'msg_id', e->>'chat_type', ifnull(e->>'$.payload.ack_message_id', e->>'recall_id'),
                e->>'from', e->>'timestamp', e->'payload'
            FROM (SELECT ?1 AS e) WHERE e->>'chat_type' NOT IN ('chat', 'groupchat')
            """, &fact)
    }

    deinit {
        sqlite3_finalize(message)
        sqlite3_finalize(fact)
        sqlite3_close(database)
    }

    func add(_ line: ArraySlice<UInt8>) throws {
        if try !insert(line, with: message) { _ = try insert(line, with: fact) }
    }

    /// Ends the load: indexes, conversations and the search.
    func finish() throws {
        try run(
            """
            CREATE INDEX by_conversation ON messages(conversation, time, id);
            CREATE TABLE conversations AS
            SELECT conversation, sender, count(*) AS messages, min(time) AS first, max(time) AS last
            FROM messages GROUP BY conversation, sender;
            CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0, tokenize='trigram');
            INSERT INTO search(rowid, text) SELECT id, text FROM messages WHERE text IS NOT NULL ORDER BY id;
            COMMIT;
            """)
    }

    /// Whether a row was inserted.
    private func insert(_ line: ArraySlice<UInt8>, with statement: OpaquePointer?) throws -> Bool {
        let result = line.withUnsafeBytes { text in
            // Without a copy: the line outlives the step.
            sqlite3_bind_text(statement, 1, text.baseAddress, Int32(text.count), nil)
            return sqlite3_step(statement)
        }
        guard result == SQLITE_DONE else { throw failure }
        sqlite3_reset(statement)
        return sqlite3_changes(database) > 0
    }

    private func prepare(_ sql: String, _ statement: inout OpaquePointer?) throws {
        try check(sqlite3_prepare_v2(database, sql, -1, &statement, nil))
    }

    private func run(_ sql: String) throws { try check(sqlite3_exec(database, sql, nil, nil, nil)) }
    private func check(_ code: Int32) throws { if code != SQLITE_OK { throw failure } }
    private var failure: Failure { Failure(message: String(cString: sqlite3_errmsg(database))) }
}
