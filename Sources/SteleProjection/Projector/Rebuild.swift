// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SteleLog

/// Builds views in a new file and points the link to it.
///
/// Nobody reads the file before it is whole, so it needs no journal: few transactions, indexes at the end, one sync. A crash
/// leaves the old views, and a file that the next rebuild removes.
struct Rebuild {
    let archive: Archive
    let file: ViewsFile
    /// The last record to fold; nil for all.
    let through: SequenceNumber?

    /// Called with ``ViewsLock`` held.
    func run(_ progress: (SequenceNumber) -> Void) throws {
        try file.removeAll(but: file.current)
        let name = try file.next()
        let path = file.url(name).path
        do {
            try load(path, progress)
            // The first connection that writes ahead makes it so for all later ones.
            try DatabasePool(path: path, configuration: Views.configuration(isBulk: false)).close()
            try sync(path)
            try file.point(to: name)
        } catch {
            try? FileManager.default.removeItem(atPath: path)  // Half built: of no use to anybody.
            throw error
        }
    }

    private func load(_ path: String, _ progress: (SequenceNumber) -> Void) throws {
        let queue = try DatabaseQueue(path: path, configuration: Views.configuration(isBulk: true))
        let limit = through.map { $0.advanced(by: 1) }
        let batches = ReadAhead(try LogReader(archive), from: .zero, before: limit)
        defer { batches.abandon() }
        let search = SearchBuilder(beside: path)
        defer { search.abandon() }
        try queue.write { database in
            try Views.createTables(database)
            var fold = try Fold(database, search: search)
            var end = SequenceNumber.zero
            while let batch = try batches.nextBatch() {
                for input in batch.inputs { try fold.apply(input) }
                try fold.relieve()
                end = batch.end
                progress(end)
            }
            // The last texts first: they are indexed while the rows are sorted.
            try fold.relieve(all: true)
            try database.execute(sql: Schema.indexes)
            try fold.flush(recounts: true)
            try fold.setApplied(end)
        }
        try queue.writeWithoutTransaction { try search.finish(into: $0) }
        try queue.close()
    }

    private func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    private func failure(_ path: String) -> ViewsError {
        ViewsError(
            .inputOutput, subject: path, what: "cannot be synced: \(String(cString: strerror(errno)))",
            remedy: "Check the disk, then run 'stele rebuild' again.")
    }
}
