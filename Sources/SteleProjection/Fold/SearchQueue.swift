// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Gathers what is to be indexed and hands it over sorted.
///
/// The full-text index takes rows in ascending order into one segment; a row out of order ends the segment. So a batch is
/// sorted first.
struct SearchQueue {
    private struct Row {
        var key: Int64
        var words: Range<Int>
    }

    private var additions: [Row] = []
    private var removals: [Row] = []
    /// The folded texts of both, one after the other.
    private var words: [UInt8] = []
    private let insert: SQLStatement
    private let delete: SQLStatement

    init(_ database: Database, table: String) throws {
        insert = try SQLStatement(database, "INSERT INTO \(table)(rowid, text) VALUES(?, ?)")
        delete = try SQLStatement(
            database, "INSERT INTO \(table)(\(table), rowid, text) VALUES('delete', ?, ?)")
    }

    /// Whether the texts fill enough memory to be indexed.
    var isFull: Bool { words.count >= 16 << 20 }

    mutating func add(_ key: Int64, _ body: StoredBody) {
        if let row = row(key, body) { additions.append(row) }
    }

    /// Replaces what was added for `key` with exactly the body `old`.
    mutating func change(_ key: Int64, from old: StoredBody, to new: StoredBody) {
        if old.searchable == new.searchable { return }
        if let waiting = additions.lastIndex(where: { $0.key == key }) {
            additions.remove(at: waiting)
        } else if let row = row(key, old) {
            removals.append(row)
        }
        add(key, new)
    }

    mutating func flush() throws {
        try write(&removals, with: delete)
        try write(&additions, with: insert)
        words.removeAll(keepingCapacity: true)
    }

    private func write(_ rows: inout [Row], with statement: SQLStatement) throws {
        rows.sort { $0.key < $1.key }
        for row in rows {
            statement.put(row.key)
            statement.put(text: words[row.words])
            try statement.run()
        }
        rows.removeAll(keepingCapacity: true)
    }

    /// Nil for a body without words.
    private mutating func row(_ key: Int64, _ body: StoredBody) -> Row? {
        let start = words.count
        // The common case first, without the list of texts.
        if body.type == "txt", body.detail.isEmpty {
            SearchText.appendWords(of: body.text, to: &words)
        } else {
            for text in body.searchable { SearchText.appendWords(of: text, to: &words) }
        }
        return words.count > start ? Row(key: key, words: start..<words.count) : nil
    }
}
