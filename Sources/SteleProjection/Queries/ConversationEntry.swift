// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// A conversation as the views know it.
package struct ConversationEntry: Hashable, Sendable {
    package let id: ConversationID
    /// Nil when no record named the app.
    package let app: AppKey?
    /// The name to print: the id, prefixed by `APPKEY/` where the archive holds more than one app.
    package let name: String
    /// A group's, room's or thread's own title, the newest that was told.
    package var title: String?
    /// Who wrote, and who was told to be a member at any time, in byte order; of a single chat its two users.
    package var participants: [UserID] = []
    /// Messages, commands (透传) not counted.
    package var messageCount: Int
    package var commandCount: Int
    package var first: Instant?
    /// Targeted messages (定向消息) do not move it.
    package var last: Instant?

    let number: Int64
    /// The app's number; nil when messages of any app belong to it, as in an archive of at most one.
    let appNumber: Int64?
}

extension ViewsReader {
    /// Every conversation that has messages or that something happened in: the last active first.
    package func conversations() throws -> [ConversationEntry] {
        var entries = try self.entries(of: nil)
        let titles = try self.titles(of: nil)
        let participants = try self.participants(of: nil)
        for index in entries.indices {
            let place = ConversationPlace(entries[index])
            entries[index].title = titles[place]
            entries[index].participants = try sorted(participants[place] ?? [], in: entries[index])
        }
        return Self.lastActiveFirst(entries)
    }

    static func lastActiveFirst(_ entries: [ConversationEntry]) -> [ConversationEntry] {
        entries.sorted { one, other in
            if one.last != other.last {
                return (one.last?.microseconds ?? .min) > (other.last?.microseconds ?? .min)
            }
            return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }
    }

    /// One conversation; nil when there is none with this id in this app.
    ///
    /// No app stands for the messages of none, or, in an archive of at most one, of any.
    package func conversation(_ id: ConversationID, app: AppKey?) throws -> ConversationEntry? {
        let find = try statement("SELECT n FROM conversations WHERE family = ? AND key = ?")
        find.put(id.kind == .chat ? 0 : 1 as Int64)
        find.put(id.key)
        guard let number = try find.first({ $0.int(0) }) else { return nil }
        let severalApps = try hasSeveralApps()
        // With one app or none, a name with that app's key and one without it are the same.
        if !severalApps, let app, try !apps().contains(app) { return nil }
        let found = try entries(of: number)
        guard var entry = found.first(where: { !severalApps || $0.app == app }), entry.id.kind == id.kind
        else {
            return nil
        }
        entry.title = try titles(of: number)[ConversationPlace(entry)]
        entry.participants = try sorted(participants(of: number)[ConversationPlace(entry)] ?? [], in: entry)
        return entry
    }

    /// The conversation a message is in.
    package func conversation(of message: MessageEntry) throws -> ConversationEntry? {
        guard let id = message.conversation else { return nil }
        return try conversation(id, app: message.app)
    }

    // MARK: Parts

    private func entries(of conversation: Int64?) throws -> [ConversationEntry] {
        let severalApps = try hasSeveralApps()
        let onlyApp = severalApps ? nil : try apps().first
        let condition = Self.condition(conversation)
        let rows = try statement(
            """
            SELECT c.n, c.family, c.key, c.decided, t.app, sum(t.messages), sum(t.commands), min(t.first), max(t.last)
            FROM (
                SELECT conversation, app, messages, commands, first, last FROM tallies \(condition)
                UNION ALL SELECT conversation, app, 0, 0, NULL, NULL FROM operations \(condition)
                UNION ALL SELECT conversation, app, 0, 0, NULL, NULL FROM threads \(condition)) AS t
            JOIN conversations AS c ON c.n = t.conversation
            GROUP BY c.n, \(severalApps ? "t.app" : "1 = 1")
            """)
        if let conversation { rows.put(conversation) }
        return try rows.all { row in
            let kind = Self.kind(family: row.int(1), decided: row.int(3))
            let id = ConversationID(kind: kind, key: row.text(2))
            let appNumber = row.int(4)
            let app = severalApps ? try self.app(appNumber) : onlyApp
            return ConversationEntry(
                id: id, app: app, name: severalApps ? Self.name(id, app) : id.description,
                messageCount: Int(row.int(5)), commandCount: Int(row.int(6)),
                first: row.intIfAny(7).map(Instant.init(microseconds:)),
                last: row.intIfAny(8).map(Instant.init(microseconds:)),
                number: row.int(0), appNumber: severalApps ? appNumber : nil)
        }
    }

    /// A group that any record calls a room is a room, and a thread before all.
    static func kind(family: Int64, decided: Int64) -> ConversationKind {
        if family == 0 { return .chat }
        return decided & 4 != 0 ? .thread : decided & 2 != 0 ? .room : .group
    }

    static func name(_ id: ConversationID, _ app: AppKey?) -> String {
        app.map { "\($0)/\(id)" } ?? id.description
    }

    private func titles(of conversation: Int64?) throws -> [ConversationPlace: String] {
        let rows = try statement(
            "SELECT conversation, app, title FROM titles \(Self.condition(conversation)) ORDER BY last, title"
        )
        if let conversation { rows.put(conversation) }
        let severalApps = try hasSeveralApps()
        var titles: [ConversationPlace: String] = [:]
        while try rows.step() {
            titles[ConversationPlace(number: rows.int(0), app: severalApps ? rows.int(1) : nil)] = rows.text(
                2)
        }
        return titles
    }

    private func participants(of conversation: Int64?) throws -> [ConversationPlace: Set<Int64>] {
        let condition = Self.condition(conversation)
        let rows = try statement(
            """
            SELECT conversation, app, sender FROM tallies \(condition)
            UNION SELECT conversation, app, user FROM audience \(condition)
            UNION SELECT conversation, app, user FROM memberships \(condition)
                \(condition.isEmpty ? "WHERE" : "AND") change IN (\(MembershipWalk.provingChanges))
            """)
        if let conversation { rows.put(conversation) }
        let severalApps = try hasSeveralApps()
        var users: [ConversationPlace: Set<Int64>] = [:]
        while try rows.step() {
            let place = ConversationPlace(number: rows.int(0), app: severalApps ? rows.int(1) : nil)
            if rows.int(2) != 0 { users[place, default: []].insert(rows.int(2)) }
        }
        return users
    }

    /// One text for every conversation, so that its statement is prepared once.
    private static func condition(_ conversation: Int64?) -> String {
        conversation == nil ? "" : "WHERE conversation = ?1"
    }
}

/// A conversation within an app, by numbers.
struct ConversationPlace: Hashable {
    var number: Int64
    var app: Int64?

    init(number: Int64, app: Int64?) {
        self.number = number
        self.app = app
    }

    init(_ entry: ConversationEntry) { self.init(number: entry.number, app: entry.appNumber) }
}

extension ViewsReader {
    /// The participants' names; a single chat's users are known by its own.
    func sorted(_ numbers: Set<Int64>, in entry: ConversationEntry) throws -> [UserID] {
        var users = Set(try numbers.compactMap(user))
        users.formUnion(entry.id.users)
        return users.sorted()
    }
}
