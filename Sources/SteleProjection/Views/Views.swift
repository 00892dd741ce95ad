// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB
package import SteleLog
import Synchronization

/// The views of an archive: rows that the fold keeps in SQLite, always to be had again from the log.
///
/// Opening never folds; a ``Projector`` does. Any number of processes may read while one folds. When a rebuild replaces
/// the file, the next read goes to the new one; reads and snapshots under way finish on the file they began with.
package final class Views: Sendable {
    let file: ViewsFile
    private let state: Mutex<Opened?>

    private struct Opened {
        let name: String
        let pool: DatabasePool
    }

    /// The views of `archive`, or the place for them.
    package convenience init(_ archive: Archive) throws { try self.init(at: archive.viewsURL) }

    /// Views at a place of their own, such as ``Projector/rebuild(_:through:into:progress:)`` makes.
    package init(at url: URL) throws {
        file = ViewsFile(link: url)
        state = Mutex(nil)
    }

    /// Opens the views of `archive`, made empty if there are none.
    package static func open(_ archive: Archive) throws -> Views {
        let views = try Views(archive)
        if views.file.current == nil {
            let lock = try ViewsLock(beside: views.file.link)
            try withExtendedLifetime(lock) {
                if views.file.current == nil { try views.makeEmpty() }
            }
        }
        return views
    }

    /// The next sequence to be folded: every record below it is in the views.
    package func appliedEnd() throws -> SequenceNumber { try read { try $0.appliedEnd() } }

    /// The last record folded, nil for none.
    package func appliedSequence() throws -> SequenceNumber? {
        let end = try appliedEnd().rawValue
        return end == 0 ? nil : SequenceNumber(end - 1)
    }

    /// Asks the views; all that `body` asks is answered from one state of them.
    package func read<Value>(_ body: (ViewsReader) throws -> Value) throws -> Value {
        let pool = try pool()
        return try pool.read { database in
            try Self.checkVersion(database, file)
            return try body(ViewsReader(database: database))
        }
    }

    /// One state of the views for as long as it is held, whatever is folded meanwhile.
    package func snapshot() throws -> ViewsSnapshot {
        let snapshot = try pool().makeSnapshot()
        try snapshot.read { try Self.checkVersion($0, file) }
        return ViewsSnapshot(snapshot)
    }

    /// Whether the rows are of this program's making; else they must be rebuilt.
    func isCurrentVersion() throws -> Bool {
        guard file.current != nil else { return false }
        return try pool().read { try Self.version($0) == Schema.version }
    }

    // MARK: Files and connections

    /// The connections to the file the link points to now.
    func pool() throws -> DatabasePool {
        try state.withLock { opened in
            guard let name = file.current else {
                opened = nil
                throw ViewsError(
                    .inputOutput, subject: file.link.path, what: "there are no views",
                    remedy: "Run 'stele rebuild' to make them from the log.")
            }
            if let opened, opened.name == name { return opened.pool }
            let pool = try DatabasePool(
                path: file.url(name).path, configuration: Self.configuration(isBulk: false))
            opened = Opened(name: name, pool: pool)
            return pool
        }
    }

    /// Makes an empty file with all tables and points the link to it.
    func makeEmpty() throws {
        let name = try file.next()
        let pool = try DatabasePool(
            path: file.url(name).path, configuration: Self.configuration(isBulk: false))
        try pool.write { database in
            try Self.createTables(database)
            try database.execute(sql: Schema.indexes)
        }
        try pool.close()
        try file.point(to: name)
    }

    static func createTables(_ database: Database) throws {
        try database.execute(sql: Schema.tables)
        try database.execute(
            sql: "INSERT INTO meta VALUES(?, ?), (?, 0)",
            arguments: [MetaName.schema, Schema.version, MetaName.applied])
    }

    /// How connections are set up; `isBulk` for a file that is thrown away if anything goes wrong: no journal, no syncs.
    static func configuration(isBulk: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            if isBulk {
                // What is sorted for an index grows with the views: in a temporary file, not in memory.
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                        PRAGMA cache_size = -24000; PRAGMA temp_store = FILE;
                        """)
            } else {
                try database.execute(sql: "PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY")
            }
        }
        return configuration
    }

    private static func checkVersion(_ database: Database, _ file: ViewsFile) throws {
        guard try version(database) != Schema.version else { return }
        throw ViewsError(
            .otherVersion, subject: file.link.path, what: "these views were made by another version of Stele",
            remedy: "Run 'stele rebuild' to make them anew from the log.")
    }

    static func version(_ database: Database) throws -> Int64? {
        guard try database.tableExists("meta") else { return nil }
        return try Int64.fetchOne(
            database, sql: "SELECT value FROM meta WHERE name = ?", arguments: [MetaName.schema])
    }
}

/// One state of the views, held until it is released.
package final class ViewsSnapshot: Sendable {
    private let snapshot: DatabaseSnapshot

    init(_ snapshot: DatabaseSnapshot) { self.snapshot = snapshot }

    package func read<Value>(_ body: (ViewsReader) throws -> Value) throws -> Value {
        try snapshot.read { try body(ViewsReader(database: $0)) }
    }
}
