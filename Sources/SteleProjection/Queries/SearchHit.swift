// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// A message that was found, and where in it.
package struct SearchHit: Sendable {
    package let message: MessageEntry
    /// Out of the content that was found: what was first sent, or a later edit.
    package let snippet: SearchSnippet
    package let isInEdit: Bool
}

/// What to look for, and where.
package struct SearchRequest: Sendable {
    /// As typed: words separated by white space must all be there; nothing in it is query syntax.
    package var text: String
    package var conversation: ConversationEntry?
    package var sender: UserID?
    /// The first instant wanted.
    package var from: Instant?
    /// The first instant no longer wanted.
    package var to: Instant?
    package var limit: Int

    package init(
        _ text: String, conversation: ConversationEntry? = nil, sender: UserID? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int = 20
    ) {
        self.text = text
        self.conversation = conversation
        self.sender = sender
        self.from = from
        self.to = to
        self.limit = limit
    }

    /// A piece of a body with the words marked; nil unless all of them are in it.
    package func snippet(of body: Body) -> SearchSnippet? {
        let texts = StoredBody(body).searchable
        let query = SearchQuery(text)
        return query.isFound(in: texts) ? query.snippet(of: texts) : nil
    }
}

extension ViewsReader {
    /// Messages whose content, first or edited, has the words in it: the newest first.
    ///
    /// Any run of Chinese, Japanese or Korean characters is found, from one character on; other words are found whole, in any
    /// case and width. A text without a single letter, digit, such character or emoji finds nothing.
    package func search(_ request: SearchRequest) throws -> [SearchHit] {
        let query = SearchQuery(request.text)
        guard !query.isEmpty, request.limit > 0, let filter = try SearchFilter(request, self) else {
            return []
        }
        var hits: [SearchHit] = []
        // Ids of the platform's layout are the rows' numbers and grow with time: the index gives them newest first without
        // looking at the others. The rest, and edits, are few and sorted by time.
        hits += try find(
            "FROM search AS s CROSS JOIN messages AS m ON m.n = s.rowid WHERE search MATCH ? AND s.rowid > 0",
            "ORDER BY s.rowid DESC", query, filter, request.limit)
        if try hasRows("message_ids") {
            hits += try find(
                "FROM search AS s CROSS JOIN messages AS m ON m.n = s.rowid WHERE search MATCH ? AND s.rowid < 0",
                "ORDER BY m.time DESC, m.id DESC", query, filter, request.limit)
        }
        if try hasRows("edits") {
            hits += try find(
                """
                FROM edit_search AS s CROSS JOIN edits AS e ON e.n = s.rowid
                CROSS JOIN messages AS m ON (m.n = e.target OR m.n IN (SELECT n FROM alternates WHERE target = e.target))
                    AND (e.app = m.app OR e.app = 0 OR m.app = 0)
                WHERE edit_search MATCH ?
                """,
                "ORDER BY m.time DESC, m.id DESC", query, filter, request.limit, isEdit: true)
        }
        var seen: Set<Int64> = []
        return Array(
            hits.sorted { one, other in
                (other.message.time, other.message.id) < (one.message.time, one.message.id)
            }
            .filter { seen.insert($0.message.key).inserted }
            .prefix(request.limit))
    }

    private func find(
        _ source: String, _ order: String, _ query: SearchQuery, _ filter: SearchFilter, _ limit: Int,
        isEdit: Bool = false
    ) throws -> [SearchHit] {
        let edited = isEdit ? "e.type, e.text, e.detail" : "NULL, NULL, NULL"
        let rows = try statement(
            """
            SELECT m.*, (SELECT family FROM conversations WHERE n = m.conversation),
                (SELECT key FROM conversations WHERE n = m.conversation),
                (SELECT decided FROM conversations WHERE n = m.conversation), \(edited)
            \(source) \(filter.condition) \(order) LIMIT ?
            """)
        rows.put(query.expression)
        filter.bind(rows)
        rows.put(limit)
        return try rows.all { row in
            let message = try entry(row)
            let found =
                isEdit
                ? StoredBody(type: row.text(24), text: row.text(25), detail: row.blob(26))
                : StoredBody(message.body)
            return SearchHit(
                message: message, snippet: query.snippet(of: found.searchable), isInEdit: isEdit)
        }
    }
}

/// The conditions of a search beside its words, as SQL.
private struct SearchFilter {
    let condition: String
    let bind: (SQLStatement) -> Void

    /// Nil when nothing can meet them: a sender nobody has seen.
    init?(_ request: SearchRequest, _ reader: ViewsReader) throws {
        var condition = ""
        var values: [Int64] = []
        if let conversation = request.conversation {
            condition += " AND m.conversation = ?"
            values.append(conversation.number)
            if let app = conversation.appNumber {
                condition += " AND m.app = ?"
                values.append(app)
            }
        }
        if let sender = request.sender {
            guard let number = try reader.number(of: sender.rawValue, .users) else { return nil }
            condition += " AND m.sender = ?"
            values.append(number)
        }
        if let from = request.from {
            condition += " AND m.time >= ?"
            values.append(from.microseconds)
        }
        if let to = request.to {
            condition += " AND m.time < ?"
            values.append(to.microseconds)
        }
        self.condition = condition
        bind = { statement in for value in values { statement.put(value) } }
    }
}
