// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A message of which something told, and no post-send callback did.
struct MissedMessage {
    /// When it was sent, in microseconds.
    ///
    /// Of a message that no record shows: when its id says so, or about when, by the ids round it.
    var time: Int64
    var key: Int64
    /// What showed the message itself; empty when nothing did.
    var sources: SourceSet
    /// What else told of it, by name.
    var facts: [String]

    /// Whether the platform's own record of the hour shows it.
    var isInHistory: Bool { sources.contains(.history) }
    /// Whether any record shows what it says.
    var isSeen: Bool { !sources.isDisjoint(with: [.history, .tap, .msync, .offline]) }
}

extension ViewsReader {
    /// The messages of an hour that were sent, and that no post-send callback told of; in order of time.
    ///
    /// Targeted messages (定向消息) are not among them: whether the platform calls back about those, it does not say.
    func messagesWithoutCallback(_ scope: AppScope, in hour: UTCHour) throws -> [MissedMessage] {
        try messages(
            scope, in: hour,
            where: """
                standing = \(MessageState.Standing.sent.rawValue)
                AND flags & \(MessageState.Flags.bits(.postSend) | MessageState.Flags.targeted.rawValue) = 0
                """)
    }

    /// The messages of an hour that a pre-send callback announced, and of which nothing tells what became of them.
    func unresolvedAttempts(_ scope: AppScope, in hour: UTCHour) throws -> [MissedMessage] {
        try messages(
            scope, in: hour,
            where: """
                standing = \(MessageState.Standing.attempted.rawValue)
                AND NOT EXISTS (SELECT 1 FROM keyword_alerts AS t WHERE t.target = m.target)
                AND NOT EXISTS (SELECT 1 FROM moderations AS t WHERE t.target = m.target)
                AND NOT EXISTS (SELECT 1 FROM refusals AS t WHERE t.target = m.target)
                """)
    }

    private func messages(
        _ scope: AppScope, in hour: UTCHour, where condition: String
    ) throws -> [MissedMessage] {
        let rows = try messages("m.flags", of: scope, from: hour.start, to: hour.end, where: condition)
        return try rows.all { row in
            MissedMessage(
                time: row.int(0), key: row.int(1),
                sources: MessageState.Flags(rawValue: row.int(2)).sources, facts: [])
        }
    }

    /// The ids of some messages, by their rows' numbers.
    func messageIDs(_ keys: [Int64]) throws -> [MessageID] {
        let seen = try statement("SELECT id FROM messages WHERE n = ?")
        let named = try statement("SELECT id FROM message_ids WHERE n = ?")
        return try keys.compactMap { key in
            if key > 0 { return MessageID(String(key)) }
            for find in [seen, named] {
                find.put(key)
                if let id = try find.first({ $0.text(0) }) { return MessageID(id) }
            }
            return nil
        }
    }

    // MARK: Messages that no record shows

    /// Messages of an app that something was told about and that no record shows, in order of time.
    ///
    /// Not among them: messages that were turned away, which no callback would tell of; and those that a conversation's
    /// read mark names, for which message that is, is not documented.
    func unseenMessages(_ scope: AppScope) throws -> [MissedMessage] {
        let rows = try statement(
            Self.facts.map { fact in
                """
                SELECT target, \(fact.time) AS time, '\(fact.name)' AS name FROM \(fact.table) AS t
                WHERE target <> 0 AND app IN (\(scope.list)) \(fact.condition)
                AND NOT EXISTS (SELECT 1 FROM messages WHERE n = t.target)
                """
            }.joined(separator: " UNION ALL ") + " ORDER BY 1")
        defer { rows.reset() }
        var missed: [MissedMessage] = []
        while try rows.step() {
            let (key, time, name) = (rows.int(0), rows.int(1), rows.text(2))
            if let last = missed.indices.last, missed[last].key == key {
                if !missed[last].facts.contains(name) { missed[last].facts.append(name) }
                // The earliest fact is the nearest to the message.
                if key < 0, time != 0 { missed[last].time = min(missed[last].time, time) }
            } else {
                let own = key > 0 ? MessageID.instant(ofKey: key).microseconds : time
                missed.append(MissedMessage(time: own, key: key, sources: [], facts: [name]))
            }
        }
        for index in missed.indices where missed[index].key < 0 {
            missed[index].time = try estimatedTime(of: missed[index].key) ?? missed[index].time
        }
        return missed.sorted { ($0.time, $0.key) < ($1.time, $1.key) }
    }

    /// A table of facts about messages.
    private struct FactTable {
        let table: String
        let name: String
        /// The column that tells when, or 0.
        var time = "time"
        var condition = ""
    }

    private static let facts = [
        FactTable(table: "recalls", name: "recall"),
        FactTable(
            table: "receipts", name: "delivery receipt", condition: "AND kind = \(ReceiptKind.delivered)"),
        FactTable(table: "receipts", name: "read receipt", condition: "AND kind = \(ReceiptKind.read)"),
        FactTable(table: "read_counts", name: "group read count", time: "0"),
        FactTable(table: "reactions", name: "reaction"),
        FactTable(table: "pins", name: "pin"),
        FactTable(table: "keyword_alerts", name: "keyword alert", condition: "AND status <> 'refuse'"),
        FactTable(table: "moderations", name: "moderation", condition: "AND result <> 'REJECT'"),
        FactTable(table: "pushes", name: "push"),
    ]

    /// About when a message was sent whose id tells no time: ids are given in order, so it was between its neighbours.
    ///
    /// Only ids that end in digits of one length are asked, and only where the neighbours agree with the order.
    private func estimatedTime(of key: Int64) throws -> Int64? {
        let find = try statement("SELECT id FROM message_ids WHERE n = ?")
        find.put(key)
        guard let id = try find.first({ $0.text(0) }) else { return nil }
        let stem = String(id.reversed().drop { $0.isASCII && $0.isNumber }.reversed())
        func neighbour(_ sql: String) throws -> Int64? {
            let rows = try statement(sql)
            rows.put(id)
            rows.put(id.utf8.count)
            let found = try rows.first { (id: $0.text(0), time: $0.int(1)) }
            guard let found, found.id.hasPrefix(stem),
                found.id.dropFirst(stem.count).allSatisfy({ $0.isASCII && $0.isNumber })
            else { return nil }
            return found.time
        }
        let select =
            "SELECT i.id, m.time FROM message_ids AS i JOIN messages AS m ON m.n = i.n WHERE i.id"
        guard stem.utf8.count < id.utf8.count,
            let before = try neighbour("\(select) < ? AND length(i.id) = ? ORDER BY i.id DESC LIMIT 1"),
            let after = try neighbour("\(select) > ? AND length(i.id) = ? ORDER BY i.id LIMIT 1"),
            before <= after
        else { return nil }
        return before + (after - before) / 2
    }
}

extension MessageID {
    /// The lowest number that an id given at an instant, or later, can have.
    static func lowestKey(at instant: Instant) -> Int64 {
        let milliseconds = max(0, instant.milliseconds - 1_417_564_800_000)
        return (milliseconds / 1000) << 32 | (milliseconds % 1000) << 22
    }
}
