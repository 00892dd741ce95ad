// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleLog

/// What the views hold, in numbers.
package struct ViewsStatus: Hashable, Sendable {
    /// The last record folded; nil for none.
    package let applied: SequenceNumber?
    /// Records that no decoder understands.
    package let quarantined: Int
    /// Facts about messages that were never seen: they wait for them.
    package let held: Int
    package let conversations: Int
    /// Commands (透传) not counted; nor messages whose conversation no record could tell.
    package let messages: Int
    package let commands: Int
}

/// A record that no decoder understands, or a part of the log that cannot be read.
package struct QuarantineEntry: Hashable, Sendable {
    package let sequence: UInt64
    package let reason: String
    /// Nil when the line itself could not be read.
    package let capturedAt: Instant?
    package let surface: Surface?
}

extension ViewsReader {
    package func status() throws -> ViewsStatus {
        let end = try appliedEnd().rawValue
        let held = [
            "recalls", "receipts", "read_counts", "reactions", "pins", "keyword_alerts", "moderations",
            "pushes",
        ]
        .map { "SELECT target FROM \($0) WHERE target <> 0" }.joined(separator: " UNION ALL ")
        func count(_ sql: String) throws -> Int { Int(try statement(sql).first { $0.int(0) } ?? 0) }
        return ViewsStatus(
            applied: end == 0 ? nil : SequenceNumber(end - 1),
            quarantined: try count("SELECT count(*) FROM quarantine"),
            held: try count(
                "SELECT count(*) FROM (\(held)) AS t WHERE NOT EXISTS (SELECT 1 FROM messages WHERE n = t.target)"
            ),
            conversations: try count(
                "SELECT count(*) FROM (SELECT DISTINCT conversation, "
                    + (try hasSeveralApps() ? "app" : "0") + " FROM tallies)"),
            messages: try count("SELECT ifnull(sum(messages), 0) FROM tallies"),
            commands: try count("SELECT ifnull(sum(commands), 0) FROM tallies"))
    }

    /// How many messages there are of each type, `cmd` included: reads every message.
    package func messagesByType() throws -> [String: Int] {
        let rows = try statement("SELECT type, count(*) FROM messages GROUP BY type")
        var counts: [String: Int] = [:]
        while try rows.step() { counts[rows.text(0)] = Int(rows.int(1)) }
        return counts
    }

    /// Quarantined records in the order of their sequences.
    ///
    /// `sequence` is the record after which to begin; nil for the first.
    package func quarantine(after sequence: UInt64? = nil, limit: Int) throws -> [QuarantineEntry] {
        let rows = try statement(
            "SELECT seq, reason, at, how FROM quarantine WHERE seq > ? ORDER BY seq LIMIT ?")
        rows.put(sequence.map { Int64($0) } ?? -1)
        rows.put(limit)
        return try rows.all { row in
            let at = row.int(2).instantIfTold
            return QuarantineEntry(
                sequence: UInt64(row.int(0)), reason: row.text(1), capturedAt: at,
                surface: at == nil ? nil : How.surface(row.int(3)))
        }
    }
}
