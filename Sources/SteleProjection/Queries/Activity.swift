// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Something a user did or that was done to them, besides writing.
package struct ActivityEntry: Hashable, Sendable {
    package let time: Instant
    package let app: AppKey?
    package let sequence: UInt64
    package let deed: Deed

    package enum Deed: Hashable, Sendable {
        case login(LoginChange)
        case presence(Presence)
        case contact(ContactChange)
        case push(PushResult)
        /// Came into a conversation, went, got a role, was muted …; `name` as `stele conversations` prints it.
        case member(
            change: GroupOperation.Change, in: ConversationID, name: String, by: UserID?, until: Instant?)
        /// What one of the user's clients went through: connected, offline ….
        case client(session: String, kind: String, what: String)
    }
}

extension ActivityEntry {
    /// Whether another report within some seconds told the same: both callback formats and every member's client do.
    fileprivate func retells(_ other: ActivityEntry) -> Bool {
        switch (deed, other.deed) {
        case (.member(let change, let place, _, _, _), .member(let known, let knownPlace, _, _, _)):
            change == known && place == knownPlace
        default: false
        }
    }
}

extension ViewsReader {
    /// What a user did and what was done to them, by time, every entry handed to `body`.
    ///
    /// `from` is the first instant wanted, `to` the first no longer wanted. An entry of which no record tells the time stands
    /// where it was captured.
    package func activity(
        of user: UserID, from: Instant? = nil, to: Instant? = nil, _ body: (ActivityEntry) throws -> Void
    ) throws {
        guard let number = try number(of: user.rawValue, .users) else { return }
        let apps = "(SELECT 0 UNION ALL SELECT n FROM apps)"
        let severalApps = try hasSeveralApps()
        let rows = try statement(
            """
            SELECT * FROM (
                SELECT shown AS at, 1 AS kind, app, seq, user AS one, 0 AS other, online AS number, reason AS a, device AS b,
                    system AS c, version AS d, 0 AS until, 0 AS place
                FROM logins WHERE app IN \(apps) AND user = ?1
                UNION ALL
                SELECT shown, 2, app, seq, user, 0, last_seen, text, devices, '', '', expires, 0
                FROM presences WHERE app IN \(apps) AND user = ?1
                UNION ALL
                SELECT shown, 3, app, seq, sender, recipient, 0, operation, text, failure, '', 0, 0
                FROM contacts WHERE (app IN \(apps) AND sender = ?1) OR recipient = ?1
                UNION ALL
                SELECT time, 4, app, seq, user, 0, target, status, channel, detail, device, 0, 0
                FROM pushes WHERE user = ?1
                UNION ALL
                SELECT shown, 5, app, seq, user, actor, 0, change, operation, text, '', until, conversation
                FROM memberships WHERE user = ?1
                UNION ALL
                SELECT e.time, 6, 0, e.seq, 0, 0, 0, s.name, e.kind, e.name, '', 0, 0
                FROM session_users AS u JOIN session_events AS e ON e.session = u.session
                JOIN sessions AS s ON s.n = u.session WHERE u.user = ?1 AND e.kind = 'connection'
            ) WHERE at >= ?2 AND at < ?3 ORDER BY at, kind, seq, a, b
            """)
        rows.put(number)
        rows.put(from?.microseconds ?? .min)
        rows.put(to?.microseconds ?? .max)
        defer { rows.reset() }
        var recent: [ActivityEntry] = []
        while try rows.step() {
            guard let deed = try deed(rows, severalApps: severalApps) else { continue }
            let entry = ActivityEntry(
                time: Instant(microseconds: rows.int(0)), app: try app(rows.int(2)),
                sequence: UInt64(rows.int(3)), deed: deed)
            recent.removeAll { entry.time.microseconds - $0.time.microseconds > 5_000_000 }
            if recent.contains(where: { entry.retells($0) }) { continue }
            recent.append(entry)
            try body(entry)
        }
    }

    private func deed(_ row: SQLStatement, severalApps: Bool) throws -> ActivityEntry.Deed? {
        let one = try user(row.int(4))
        let other = try user(row.int(5))
        switch row.int(1) {
        case 1:
            guard let one else { return nil }
            var change = LoginChange(
                user: one, isOnline: row.int(6) == 1, reason: row.text(7), device: row.filledText(8))
            change.system = row.filledText(9)
            change.version = row.filledText(10)
            return .login(change)
        case 2:
            guard let one else { return nil }
            var presence = Presence(
                user: one, text: row.text(7), devices: try StoredList.devices(row.text(8)))
            presence.lastSeen = row.int(6).instantIfTold
            presence.expires = row.int(11).instantIfTold
            return .presence(presence)
        case 3:
            var change = ContactChange(
                operation: row.text(7), from: one, to: other, text: row.filledText(8))
            change.failure = row.filledText(9)
            return .contact(change)
        case 4:
            var push = PushResult(
                target: try messageID(row.int(6)), user: one, status: row.text(7),
                channel: row.filledText(8), detail: row.filledText(9))
            push.device = row.filledText(10)
            return .push(push)
        case 5:
            guard let change = GroupOperation.Change(rawValue: row.text(7)),
                let conversation = try conversationID(row.int(12))
            else { return nil }
            let app = severalApps ? try self.app(row.int(2)) : nil
            return .member(
                change: change, in: conversation, name: Self.name(conversation, app), by: other,
                until: row.int(11).instantIfTold)
        default: return .client(session: row.text(7), kind: row.text(8), what: row.text(9))
        }
    }

    /// The id that a message's number stands for; nil for 0.
    private func messageID(_ key: Int64) throws -> MessageID? {
        guard key != 0 else { return nil }
        if key > 0 { return MessageID(String(key)) }
        let find = try statement("SELECT id FROM message_ids WHERE n = ?")
        find.put(key)
        return try find.first { $0.filledText(0) }?.map { MessageID($0) }
    }

    private func conversationID(_ number: Int64) throws -> ConversationID? {
        let find = try statement("SELECT family, decided, key FROM conversations WHERE n = ?")
        find.put(number)
        return try find.first { row in
            ConversationID(kind: Self.kind(family: row.int(0), decided: row.int(1)), key: row.text(2))
        }
    }
}
