// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Builds the full-text indexes of a rebuild on a thread of its own, in a file of its own, and puts them into the views.
///
/// ```
/// fold ── batches ─▶ views-8.sqlite-search ─┐ pages of the indexes, copied in the end
///   └───── rows ───▶ views-8.sqlite ◀───────┘
/// ```
///
/// A connection is one thread's, and indexing takes a third of a rebuild: with one connection, a second processor would wait for the
/// first. What an index is made of are rows of tables, which can be copied as they are.
///
/// - Invariant: At most one batch waits.
final class SearchBuilder: @unchecked Sendable {
    // Unchecked: `condition` guards every property below it.
    private let condition = NSCondition()
    private var waiting: (table: SearchTable, batch: SearchBatch)?
    private var isComplete = false
    private var result: Result<Void, any Error>?

    private let path: String

    /// Starts building in a new file beside the views at `path`.
    init(beside path: String) {
        self.path = path + "-search"
        let thread = Thread { [self] in
            let result = Result { try build() }
            condition.withLock {
                self.result = result
                condition.broadcast()
            }
        }
        thread.name = "stele.search-builder"
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Hands over what is to be indexed.
    ///
    /// - Throws: Why the indexes cannot be written.
    func write(_ batch: SearchBatch, to table: SearchTable) throws {
        condition.lock()
        defer { condition.unlock() }
        while waiting != nil, result == nil { condition.wait() }
        // Before the end only a failure has a result.
        if let result { return try result.get() }
        waiting = (table, batch)
        condition.broadcast()
    }

    /// Waits until everything is indexed, and copies it into the empty indexes of `database`.
    func finish(into database: Database) throws {
        defer { remove() }
        try complete()
        try database.execute(sql: "ATTACH ? AS built", arguments: [path])
        try database.inTransaction {
            for name in try parts(database) {
                try database.execute(
                    sql: "DELETE FROM main.\(name); INSERT INTO main.\(name) SELECT * FROM built.\(name)")
            }
            return .commit
        }
        try database.execute(sql: "DETACH built")
    }

    /// Stops, and removes the file.
    func abandon() {
        // Why it failed matters to nobody any more.
        try? complete()
        remove()
    }

    private func complete() throws {
        condition.lock()
        defer { condition.unlock() }
        isComplete = true
        condition.broadcast()
        while result == nil { condition.wait() }
        try result?.get()
    }

    /// The tables an index is made of; its settings stay those of the views.
    private func parts(_ database: Database) throws -> [String] {
        try SearchTable.allCases.flatMap { table in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM built.sqlite_schema WHERE type = 'table' AND name GLOB ? AND name <> ?
                    """, arguments: ["\(table.rawValue)_*", "\(table.rawValue)_config"])
        }
    }

    private func remove() {
        // Derived, and named so that the next rebuild removes what this one cannot.
        try? FileManager.default.removeItem(atPath: path)
    }

    // MARK: - On the thread

    private func build() throws {
        let queue = try DatabaseQueue(path: path, configuration: Views.configuration(isBulk: true))
        try queue.write { database in
            try database.execute(sql: "PRAGMA cache_size = -8000; \(Schema.searchTables)")
            for table in SearchTable.allCases {
                try database.execute(
                    sql: """
                        INSERT INTO \(table.rawValue)(\(table.rawValue), rank)
                        VALUES('automerge', 0), ('hashsize', \(16 << 20))
                        """)
            }
            let index = try SearchIndex(database)
            while let (table, batch) = next() { try index.write(batch, to: table) }
        }
        try queue.close()
    }

    private func next() -> (table: SearchTable, batch: SearchBatch)? {
        condition.lock()
        defer { condition.unlock() }
        while waiting == nil, !isComplete { condition.wait() }
        defer {
            waiting = nil
            condition.broadcast()
        }
        return waiting
    }
}
