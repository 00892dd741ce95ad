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
        insert.put(origin.shown)
        insert.put(try read.message.map { try names.key(of: $0) } ?? 0)
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ change: ContactChange, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO contacts VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.app)
        insert.put(try names.number(of: change.from))
        insert.put(try names.number(of: change.to))
        insert.put(origin.time)
        insert.put(change.operation)
        insert.put(change.text ?? "")
        insert.put(change.failure ?? "")
        insert.put(origin.shown)
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ change: LoginChange, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO logins VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.app)
        insert.put(try names.number(of: change.user))
        insert.put(origin.time)
        insert.put(change.isOnline)
        insert.put(change.reason)
        insert.put(change.device ?? "")
        insert.put(change.system ?? "")
        insert.put(change.version ?? "")
        insert.put(origin.shown)
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ presences: [Presence], _ origin: Origin) throws {
        for presence in presences {
            let insert = try facts.statement(
                "INSERT OR IGNORE INTO presences VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
            insert.put(origin.app)
            insert.put(try names.number(of: presence.user))
            insert.put(origin.time)
            insert.put(presence.text)
            insert.put(text: StoredList.encode(presence.devices))
            insert.put(presence.lastSeen?.microseconds ?? 0)
            insert.put(presence.expires?.microseconds ?? 0)
            insert.put(origin.shown)
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
