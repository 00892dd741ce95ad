// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// Facts about conversations and users.
extension Fold {
    mutating func apply(_ read: ConversationRead, _ origin: Origin) throws {
        guard let reader = read.reader else { return }
        let insert = try facts.statement("INSERT OR IGNORE INTO conversation_reads VALUES(?, ?, ?, ?, ?, ?)")
        insert.put(try read.conversation.map { try names.number(of: $0) } ?? 0)
        insert.put(origin.app)
        insert.put(try names.number(of: reader))
        insert.put(origin.time != 0 ? origin.time : origin.capturedAt)
        insert.put(try read.message.map { try names.key(of: $0) } ?? 0)
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ operation: GroupOperation, _ origin: Origin) throws {
        // An operation on the app as a whole has none.
        let conversation = try operation.conversation.map { try names.number(of: $0) } ?? 0
        let user = try names.number(of: operation.by)
        let insert = try facts.statement(
            """
            INSERT OR IGNORE INTO operations(conversation, app, time, change, operation, user, members, member_count,
                text, name, expires, succeeded, shown, seq)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.put(conversation)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(operation.change.rawValue)
        insert.put(operation.operation)
        insert.put(user)
        insert.put(text: StoredList.encode(operation.members.map(\.rawValue)))
        // A size of zero is told too, so "not told" is -1 here.
        insert.put(operation.memberCount ?? -1)
        insert.put(operation.text ?? "")
        insert.put(operation.name ?? "")
        insert.put(operation.expires?.microseconds ?? 0)
        insert.put(operation.succeeded)
        insert.put(origin.time != 0 ? origin.time : origin.capturedAt)
        insert.put(origin.sequence)
        try insert.run()
        guard operation.succeeded, conversation != 0 else { return }
        try applyMembership(operation, conversation, origin)
        if let name = operation.name { try title(name, of: conversation, origin) }
    }

    private mutating func applyMembership(
        _ operation: GroupOperation, _ conversation: Int64, _ origin: Origin
    ) throws {
        let came: Bool
        var users = operation.members
        switch operation.change {
        case .joined: came = true
        case .created:
            came = true
            if let owner = operation.by { users.append(owner) }
        case .left, .kicked: came = false
        default: return
        }
        for user in users {
            let insert = try facts.statement("INSERT OR IGNORE INTO memberships VALUES(?, ?, ?, ?, ?, ?, ?)")
            insert.put(conversation)
            insert.put(origin.app)
            insert.put(try names.number(of: user))
            insert.put(origin.time)
            insert.put(came)
            insert.put(operation.change.rawValue)
            insert.put(origin.sequence)
            try insert.run()
        }
    }

    private func title(_ title: String, of conversation: Int64, _ origin: Origin) throws {
        guard !title.isEmpty else { return }
        try tell(title, of: conversation, in: "titles", origin)
    }

    /// Notes that something had a name, in `titles` or `display_names`.
    ///
    /// Every message may carry its sender's name, so a row stands for a day of telling: of a name, when it was first and
    /// when it was last told in it. What a name was at an instant is told by the newest of these that is not after it;
    /// exact unless the name went to and fro five times within one day.
    func tell(_ name: String, of number: Int64, in table: String, _ origin: Origin) throws {
        let insert = try facts.statement(
            """
            INSERT INTO \(table) VALUES(?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)
            WHERE excluded.first < first OR excluded.last > last
            """)
        insert.put(number)
        insert.put(origin.app)
        insert.put(name)
        insert.put(origin.time / 86_400_000_000)
        insert.put(origin.time)
        insert.put(origin.time)
        try insert.run()
    }

    mutating func apply(_ change: ThreadChange, _ origin: Origin) throws {
        let conversation = try names.number(of: ConversationID(kind: .thread, key: change.id))
        let insert = try facts.statement("INSERT OR IGNORE INTO threads VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(conversation)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(change.operation)
        insert.put(try names.number(of: change.by))
        insert.put(change.reference.parentMessage?.rawValue ?? "")
        insert.put(change.reference.parentGroup ?? "")
        insert.put(change.reference.name ?? "")
        insert.put(change.messageCount ?? -1)
        insert.put(origin.sequence)
        try insert.run()
        if let name = change.reference.name { try title(name, of: conversation, origin) }
    }

    mutating func apply(_ change: ContactChange, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO contacts VALUES(?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.app)
        insert.put(try names.number(of: change.from))
        insert.put(try names.number(of: change.to))
        insert.put(origin.time)
        insert.put(change.operation)
        insert.put(change.text ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ change: LoginChange, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO logins VALUES(?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.app)
        insert.put(try names.number(of: change.user))
        insert.put(origin.time)
        insert.put(change.isOnline)
        insert.put(change.reason)
        insert.put(change.device ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ presences: [Presence], _ origin: Origin) throws {
        for presence in presences {
            let insert = try facts.statement("INSERT OR IGNORE INTO presences VALUES(?, ?, ?, ?, ?, ?)")
            insert.put(origin.app)
            insert.put(try names.number(of: presence.user))
            insert.put(origin.time)
            insert.put(presence.text)
            insert.put(text: StoredList.encode(presence.devices))
            insert.put(origin.sequence)
            try insert.run()
        }
    }

    func sessionEvent(_ kind: String, _ name: String, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO session_events VALUES(?, ?, ?, ?, ?)")
        insert.put(origin.session)
        insert.put(origin.time)
        insert.put(kind)
        insert.put(name)
        insert.put(origin.sequence)
        try insert.run()
    }
}
