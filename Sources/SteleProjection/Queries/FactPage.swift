// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Some messages, and the way to the facts about them: one query a table, however many the messages.
struct FactPage {
    private let messages: [MessageEntry]
    private let reader: ViewsReader
    /// Which messages of the page a fact about a number concerns: several apps may have given one id.
    private let places: [Int64: [Int]]
    /// The numbers, as a JSON array for SQLite to read.
    private let targets: [UInt8]

    init(_ messages: [MessageEntry], _ reader: ViewsReader) {
        self.messages = messages
        self.reader = reader
        let places = Dictionary(grouping: messages.indices) { messages[$0].target }
        self.places = places
        // Each once, or its facts would come twice.
        targets = Array("[\(places.keys.map(String.init).joined(separator: ","))]".utf8)
    }

    /// Calls `take` with the place and the row of every fact of a table about a message of the page.
    ///
    /// Columns begin with the target and the app; a fact that names no app concerns the messages of every app, and a
    /// message that is in no app takes every fact. `suffix` is what follows the condition on the target.
    func forEach(
        _ columns: String, in table: String, _ suffix: String = "", _ take: (Int, SQLStatement) throws -> Void
    ) throws {
        guard try reader.hasRows(table) else { return }
        let rows = try reader.statement(
            """
            SELECT t.target, t.app, \(columns) FROM json_each(?) AS wanted CROSS JOIN \(table) AS t
            WHERE t.target = wanted.value \(suffix)
            """)
        rows.put(text: targets)
        defer { rows.reset() }
        while try rows.step() {
            let app = rows.int(1)
            for index in places[rows.int(0)] ?? [] {
                let own = messages[index].appNumber
                if app == 0 || own == 0 || app == own { try take(index, rows) }
            }
        }
    }
}
