// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Writes batches into the full-text indexes of one connection.
///
/// An index takes rows in ascending order into one segment; a row out of order ends the segment. So a batch is sorted first.
final class SearchIndex {
    private let inserts: [SearchTable: SQLStatement]
    private let deletes: [SearchTable: SQLStatement]
    private var words: [UInt8] = []

    init(_ database: Database) throws {
        var inserts: [SearchTable: SQLStatement] = [:]
        var deletes: [SearchTable: SQLStatement] = [:]
        for table in SearchTable.allCases {
            let name = table.rawValue
            inserts[table] = try SQLStatement(database, "INSERT INTO \(name)(rowid, text) VALUES(?, ?)")
            deletes[table] = try SQLStatement(
                database, "INSERT INTO \(name)(\(name), rowid, text) VALUES('delete', ?, ?)")
        }
        self.inserts = inserts
        self.deletes = deletes
    }

    func write(_ batch: consuming SearchBatch, to table: SearchTable) throws {
        try write(&batch.removals, of: batch.texts, with: deletes[table])
        try write(&batch.additions, of: batch.texts, with: inserts[table])
    }

    private func write(
        _ rows: inout [SearchBatch.Row], of texts: [UInt8], with statement: SQLStatement?
    ) throws {
        guard let statement else { return }
        rows.sort { $0.key < $1.key }
        try texts.withUnsafeBufferPointer { texts in
            for row in rows {
                words.removeAll(keepingCapacity: true)
                SearchText.appendWords(of: UnsafeBufferPointer(rebasing: texts[row.text]), to: &words)
                if words.isEmpty { continue }
                statement.put(row.key)
                statement.put(text: words)
                try statement.run()
            }
        }
    }
}
