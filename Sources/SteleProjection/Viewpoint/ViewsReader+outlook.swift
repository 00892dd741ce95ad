// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

extension ViewsReader {
    /// How a conversation looks from somewhere; nil from the archive's own place, where everything is seen.
    package func outlook(on conversation: ConversationEntry, from viewpoint: Viewpoint) throws -> Outlook? {
        guard viewpoint != .archive else { return nil }
        guard let viewer = viewpoint.viewer else { return Outlook(viewpoint, on: conversation.id.kind) }
        return Outlook(viewpoint, on: conversation.id.kind, try attendance(of: viewer, in: conversation))
    }

    /// What is seen of some messages of one conversation, in their order: few queries, however many the messages.
    package func visibilities(of messages: [MessageEntry], _ outlook: Outlook) throws -> [Visibility] {
        var facts = messages.map { message in
            var facts = Outlook.MessageFacts(time: message.time, sender: message.from)
            facts.standing = message.standing
            facts.isCommand = message.isCommand
            return facts
        }
        guard let viewer = outlook.viewpoint.viewer else { return facts.map(outlook.visibility) }
        let page = FactPage(messages, self)
        try page.forEach("t.user, t.time, t.seq", in: "recalls") { index, row in
            facts[index].recalls.append(
                FactStamp(
                    time: row.int(3).instantIfTold, sequence: UInt64(row.int(4)), by: try user(row.int(2))))
        }
        if messages.contains(where: \.isTargeted) {
            for index in messages.indices where messages[index].isTargeted { facts[index].receivers = [] }
            try page.forEach("t.user", in: "receivers") { index, row in
                if let user = try user(row.int(2)) { facts[index].receivers?.append(user) }
            }
        }
        if let number = try number(of: viewer.rawValue, .users) {
            // Whom a message waited for, it reached; so it did whoever read it.
            for table in ["receipts", "offline"] {
                try page.forEach("t.user", in: table, "AND t.user = \(number)") { index, _ in
                    facts[index].isProven = true
                }
            }
            for index in messages.indices where messages[index].isOnlineOnly {
                facts[index].offlineSince = try offline(number, at: messages[index])
            }
        }
        return facts.map(outlook.visibility)
    }

    /// Since when no device of a user had been online as a message was sent; nil when one was, or none is known.
    private func offline(_ user: Int64, at message: MessageEntry) throws -> Instant? {
        let rows = try statement(
            """
            SELECT online, max(time) FROM logins WHERE (?1 = 0 OR app IN (0, ?1)) AND user = ?2 AND time BETWEEN 1 AND ?3
            GROUP BY device
            """)
        rows.put(message.appNumber)
        rows.put(user)
        rows.put(message.time.microseconds)
        let devices = try rows.all { (isOnline: $0.int(0) == 1, time: Instant(microseconds: $0.int(1))) }
        return devices.contains(where: \.isOnline) ? nil : devices.map(\.time).max()
    }

    /// Whether any record tells of a user.
    package func knows(_ user: UserID) throws -> Bool {
        if try number(of: user.rawValue, .users) != nil { return true }
        // Somebody who only received, in single chats, stands in their names alone.
        let find = try statement(
            """
            SELECT 1 FROM conversations WHERE family = 0
                AND (substr(key, 1, length(?1) + 1) = ?1 || ':' OR substr(key, -length(?1) - 1) = ':' || ?1) LIMIT 1
            """)
        find.put(user.rawValue)
        return try find.first { _ in true } ?? false
    }

    /// The membership by which messages reached a user: in a thread that tells of no members, that of its group, whose members
    /// can open it.
    private func attendance(of viewer: UserID, in conversation: ConversationEntry) throws -> Membership {
        let own = try membership(of: viewer, in: conversation)
        guard conversation.id.kind == .thread, own.isUnknown,
            let group = try group(ofThread: conversation)
        else { return own }
        return try membership(of: viewer, in: group)
    }

    private func group(ofThread thread: ConversationEntry) throws -> ConversationEntry? {
        let find = try statement(
            """
            SELECT parent_group FROM threads WHERE conversation = ? AND parent_group <> '' ORDER BY parent_group LIMIT 1
            """)
        find.put(thread.number)
        let key = try find.first { $0.text(0) }
        return try key.flatMap { try conversation(ConversationID(kind: .group, key: $0), app: thread.app) }
    }
}

extension ConversationID {
    /// The two users of a single chat; nobody for any other conversation.
    var users: [UserID] {
        kind == .chat ? key.split(separator: ":", maxSplits: 1).map { UserID(String($0)) } : []
    }
}
