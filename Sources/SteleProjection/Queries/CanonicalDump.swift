// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Views {
    /// Every row of the views as a line of text, names in place of numbers, sorted: for telling whether two views are the same.
    ///
    /// With sequences, two folds of one log are equal; without sequences and capture times, so are
    /// folds of logs with the same records in any order, any of them repeated.
    package func canonicalDump(withSequences: Bool) throws -> [String] {
        try pool().write { database in
            var lines: Set<String> = []
            for table in DumpTable.all {
                let rows = try SQLStatement(database, table.sql(withSequences: withSequences))
                while try rows.step() { lines.insert(rows.text(0)) }
            }
            for index in DumpTable.indexes {
                try database.execute(sql: DumpTable.openWords(index))
                let rows = try SQLStatement(database, DumpTable.words(index))
                while try rows.step() { lines.insert(rows.text(0)) }
                try database.execute(sql: DumpTable.closeWords)
            }
            return lines.sorted()
        }
    }
}

/// How a table is dumped.
struct DumpTable {
    let name: String
    /// What does not depend on the order of arrival.
    let columns: String
    /// What does.
    var arrival = "t.seq"
    /// Where the rows are, when that is not just the table.
    var source: String?

    func sql(withSequences: Bool) -> String {
        let arrival = withSequences && !arrival.isEmpty ? ", " + arrival : ""
        return "SELECT json_array('\(name)', \(columns)\(arrival)) FROM \(source ?? name) AS t"
    }

    // MARK: - Words of the search indexes

    static let indexes = ["search", "edit_search"]
    static let closeWords = "DROP TABLE temp.words"

    static func openWords(_ index: String) -> String {
        "CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', '\(index)', 'instance')"
    }

    static func words(_ index: String) -> String {
        let owner =
            index == "search"
            ? "(SELECT json_array(\(target), \(app)) FROM messages AS t WHERE n = doc)"
            : "(SELECT json_array(\(target), text) FROM edits AS t WHERE n = doc)"
        return "SELECT json_array('\(index)', term, \"offset\", \(owner)) FROM temp.words"
    }

    // MARK: - Columns

    static let target =
        "CASE WHEN t.target > 0 THEN CAST(t.target AS TEXT) ELSE (SELECT id FROM message_ids WHERE n = t.target) END"
    static let app = "(SELECT name FROM apps WHERE n = t.app)"
    private static let sender = "(SELECT name FROM users WHERE n = t.sender)"
    private static let user = "(SELECT name FROM users WHERE n = t.user)"
    private static let conversation =
        "(SELECT json_array(family, key, decided) FROM conversations WHERE n = t.conversation)"
    private static let session = "(SELECT name FROM sessions WHERE n = t.session)"
    private static let message = """
        \(target), \(app), \(conversation), (SELECT name FROM users WHERE n = t.sender), t.recipient, t.type, t.text,
        hex(t.detail), t.ext, t.time, t.stated, t.content_time, t.standing, t.flags, t.ranks
        """
    private static let fact = "\(target), \(app)"
    private static let firstSighting = "t.seq, t.at, t.how, \(session)"

    static let all: [DumpTable] = [
        DumpTable(name: "messages", columns: message, arrival: firstSighting),
        // Kept in case another app gives the same id, whether or not one ever does.
        DumpTable(name: "appless", columns: message, arrival: firstSighting),
        // Which of a message's sightings came first, and stands in its own row, depends on the arrival; the set does not.
        DumpTable(
            name: "sightings", columns: "\(target), t.how, \(session)", arrival: "t.seq, t.at",
            source: """
                (SELECT target, seq, at, how, session FROM sightings
                 UNION SELECT target, seq, at, how & ~\(How.late), session FROM messages)
                """),
        DumpTable(name: "receivers", columns: "\(fact), \(user)", arrival: ""),
        DumpTable(name: "offline", columns: "\(fact), \(user)", arrival: ""),
        DumpTable(name: "refusals", columns: "\(fact), t.time, t.code, t.reason"),
        DumpTable(
            name: "thread_references", columns: "\(fact), t.parent_message, t.parent_group, t.name",
            arrival: ""),
        DumpTable(
            name: "edits",
            columns: """
                \(fact), t.count, t.time, (SELECT name FROM users WHERE n = t.editor), t.rank, t.type, t.text,
                hex(t.detail), t.ext
                """),
        DumpTable(name: "recalls", columns: "\(fact), \(user), t.time, t.notice"),
        DumpTable(name: "receipts", columns: "\(fact), t.kind, \(user), t.time, t.content"),
        DumpTable(name: "read_counts", columns: "\(fact), t.count, t.time", arrival: ""),
        DumpTable(name: "reactions", columns: "\(fact), t.time, t.state"),
        DumpTable(name: "pins", columns: "\(fact), t.time, t.pinned, \(user), \(conversation)"),
        DumpTable(
            name: "attempts", columns: "\(fact), t.time, t.type, t.text, hex(t.detail), t.ext"),
        DumpTable(
            name: "keyword_alerts",
            columns: "\(fact), t.time, t.status, t.reason, t.words, \(sender), t.recipient"),
        DumpTable(
            name: "moderations",
            columns: """
                \(fact), t.time, t.result, t.provider, t.risk, t.type, t.text, t.url, \(sender), t.recipient
                """),
        DumpTable(
            name: "pushes",
            columns: """
                \(fact), \(user), t.time, t.status, t.channel, t.detail, t.device, t.notifier, t.answer
                """),
        DumpTable(name: "conversation_reads", columns: "\(conversation), \(fact), \(user), t.time"),
        DumpTable(
            name: "operations",
            columns: """
                \(conversation), \(app), t.time, t.change, t.operation, \(user), t.members, t.member_count, t.text,
                t.name, t.expires, (SELECT name FROM users WHERE n = t.owner),
                (SELECT name FROM users WHERE n = t.former_owner), t.admins, t.details, t.succeeded, t.failure
                """, arrival: "t.shown, t.seq"),
        DumpTable(
            name: "memberships",
            columns: """
                \(conversation), \(app), \(user), t.time, t.change, t.operation,
                (SELECT name FROM users WHERE n = t.actor), t.until, t.text, \(session)
                """, arrival: "t.shown, t.seq"),
        DumpTable(
            name: "audience", columns: "\(conversation), \(app), \(user), t.first, t.last", arrival: ""),
        DumpTable(name: "arrivals", columns: "\(conversation), \(app)", arrival: "t.time"),
        DumpTable(name: "titles", columns: "\(conversation), \(app), t.title, t.first, t.last", arrival: ""),
        DumpTable(
            name: "threads",
            columns: """
                \(conversation), \(app), t.time, t.operation, \(user), t.parent_message, t.parent_group, t.name,
                t.messages
                """),
        DumpTable(name: "display_names", columns: "\(user), \(app), t.name, t.first, t.last", arrival: ""),
        DumpTable(
            name: "contacts",
            columns: """
                \(app), \(sender), (SELECT name FROM users WHERE n = t.recipient), t.time, t.operation, t.text, t.failure
                """, arrival: "t.shown, t.seq"),
        DumpTable(
            name: "logins",
            columns: "\(app), \(user), t.time, t.online, t.reason, t.device, t.system, t.version",
            arrival: "t.shown, t.seq"),
        DumpTable(
            name: "presences",
            columns: "\(app), \(user), t.time, t.text, t.devices, t.last_seen, t.expires",
            arrival: "t.shown, t.seq"),
        DumpTable(
            name: "calls",
            columns: "\(session), t.reference, t.name, t.local_id, t.time, \(app), hex(t.message)"),
        DumpTable(
            name: "call_outcomes",
            columns: """
                \(session), t.reference, t.resolved, t.local_id, t.message_id, t.code, t.reason, t.time, \(app),
                hex(t.message)
                """),
        DumpTable(name: "acceptances", columns: "\(session), t.local_id, t.message_id"),
        DumpTable(name: "session_users", columns: "\(session), \(user)", arrival: ""),
        DumpTable(name: "session_events", columns: "\(session), t.time, t.kind, t.name"),
        DumpTable(
            name: "attachments",
            columns: "t.uuid, t.part, t.began, t.outcome, t.sha256, t.bytes, t.again, t.why",
            arrival: "t.at, t.seq"),
        DumpTable(name: "fetching", columns: "t.began, t.is_on, t.kinds"),
        DumpTable(name: "bundle_files", columns: "t.uuid, hex(t.bytes)"),
        DumpTable(
            name: "tallies",
            columns: """
                \(conversation), \(app), (SELECT name FROM users WHERE n = t.sender), t.messages, t.commands, t.first,
                t.last
                """, arrival: ""),
        DumpTable(
            name: "coverage", columns: "\(app), t.hour, t.sources, t.standing, t.messages", arrival: ""),
        DumpTable(name: "pulses", columns: "\(app), t.minute, t.seconds", arrival: ""),
        DumpTable(
            name: "history_hours",
            columns: """
                \(app), t.hour, t.zone, t.outcome, t.source, t.lines, t.first, t.last, t.sha256
                """),
        DumpTable(name: "quarantine", columns: "t.reason", arrival: "t.seq, t.at, t.how"),
        DumpTable(name: "meta", columns: "t.name", arrival: "t.value"),
    ]
}
