// SPDX-License-Identifier: Apache-2.0

import GRDB
import SteleLog

/// A fold into views that are in use: one transaction a batch.
struct LiveFold {
    private let pool: DatabasePool
    private var fold: Fold?

    init(_ pool: DatabasePool) { self.pool = pool }

    func appliedEnd() throws -> SequenceNumber {
        try pool.read { try ViewsReader(database: $0).appliedEnd() }
    }

    mutating func apply(_ batch: FoldBatch) throws {
        do {
            try pool.write { database in
                var fold = try self.fold ?? Fold(database)
                for input in batch.inputs { try fold.apply(input) }
                try fold.flush(recounts: true)
                try fold.setApplied(batch.end)
                self.fold = fold
            }
        } catch {
            // The rows are as before the batch; the fold's maps are not.
            fold = nil
            throw error
        }
    }
}

extension Fold {
    func setApplied(_ end: SequenceNumber) throws {
        let update = try facts.statement("UPDATE meta SET value = ? WHERE name = '\(MetaName.applied)'")
        update.put(Int64(end.rawValue))
        try update.run()
    }
}
