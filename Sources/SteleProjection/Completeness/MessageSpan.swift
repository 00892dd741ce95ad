// SPDX-License-Identifier: Apache-2.0

import SteleEvents

extension ViewsReader {
    /// The messages of some apps in a span of time, in the order of their time and number.
    ///
    /// - Parameters:
    ///   - columns: Further columns of `messages`, which is called `m`.
    ///   - scope: The apps.
    ///   - from: The first instant of the span.
    ///   - to: The first instant behind it.
    ///   - condition: What else must hold, as SQL without parameters.
    /// - Returns: Rows of time, number and `columns`, to be stepped through and reset.
    /// - Throws: What SQLite says.
    func messages(
        _ columns: String, of scope: AppScope, from: Instant, to: Instant, where condition: String = "true"
    ) throws -> SQLStatement {
        // Numbers are times but for a few, which an index of their own finds.
        let select = "SELECT m.time, m.n, \(columns) FROM messages AS m"
        let own = "app IN (\(scope.list)) AND time >= ? AND time < ? AND \(condition)"
        let rows = try statement(
            """
            \(select) WHERE n >= ? AND n < ? AND NOT \(Schema.hasTimeOfItsOwn) AND \(own)
            UNION ALL \(select) WHERE \(Schema.hasTimeOfItsOwn) AND \(own) ORDER BY 1, 2
            """)
        rows.put(MessageID.lowestKey(at: from))
        rows.put(MessageID.lowestKey(at: to))
        for _ in 0..<2 {
            rows.put(from.microseconds)
            rows.put(to.microseconds)
        }
        return rows
    }
}
