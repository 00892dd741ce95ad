// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// Operations on groups and rooms, and what they mean for each member.
extension Fold {
    mutating func apply(_ operation: GroupOperation, _ origin: Origin) throws {
        // An operation on the app as a whole has none.
        let conversation = try operation.conversation.map { try names.number(of: $0) } ?? 0
        let insert = try facts.statement(
            """
            INSERT OR IGNORE INTO operations(conversation, app, time, change, operation, user, members, member_count,
                text, name, expires, owner, former_owner, admins, details, succeeded, failure, shown, seq)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.put(conversation)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(operation.change.rawValue)
        insert.put(operation.operation)
        insert.put(try names.number(of: operation.by))
        insert.put(text: StoredList.encode(operation.members.map(\.rawValue)))
        // A size of zero is told too, so "not told" is -1 here.
        insert.put(operation.memberCount ?? -1)
        insert.put(operation.text ?? "")
        insert.put(operation.name ?? "")
        insert.put(operation.expires?.microseconds ?? 0)
        insert.put(try names.number(of: operation.owner))
        insert.put(try names.number(of: operation.formerOwner))
        insert.put(text: StoredList.encode(operation.admins.map(\.rawValue)))
        insert.put(operation.details ?? "")
        insert.put(operation.succeeded)
        insert.put(operation.failure ?? "")
        insert.put(origin.shown)
        insert.put(origin.sequence)
        try insert.run()
        guard operation.succeeded, conversation != 0 else { return }
        try applyMembership(operation, conversation, origin)
        if let name = operation.name { try title(name, of: conversation, origin) }
    }

    private mutating func applyMembership(
        _ operation: GroupOperation, _ conversation: Int64, _ origin: Origin
    ) throws {
        let by = try names.number(of: operation.by)
        func fact(_ user: Int64, _ text: String = "") -> MemberFact {
            MemberFact(
                conversation: conversation, user: user, change: operation.change,
                operation: operation.operation, by: by, until: operation.expires?.microseconds ?? 0,
                text: text)
        }
        switch operation.change {
        case .created:
            var roles: [UserID: String] = [:]
            for member in operation.members { roles[member] = "" }
            for admin in operation.admins { roles[admin] = GroupRole.admin.rawValue }
            if let owner = operation.owner { roles[owner] = GroupRole.owner.rawValue }
            for (user, role) in roles { try put(fact(try names.number(of: user), role), origin) }
        case .destroyed, .allMuted, .allUnmuted, .disabled, .enabled:
            try put(fact(0), origin)
            // Of a group that was dissolved, the members who left with it.
            for user in operation.members { try put(fact(try names.number(of: user)), origin) }
        case .ownerChanged:
            // A client that is told nothing but "changed" tells nothing of anybody's role.
            guard let owner = operation.owner else { return }
            // Whoever was the owner until now learns it from the first row: it is not always told who that was.
            for user in [0, try names.number(of: owner), try names.number(of: operation.formerOwner)] {
                try put(fact(user, owner.rawValue), origin)
            }
        case .joined, .left, .kicked, .accepted, .invited, .applied, .declined, .adminAdded, .adminRemoved,
            .muted, .unmuted, .blocked, .unblocked, .allowed, .disallowed, .shielded, .unshielded:
            for user in operation.members { try put(fact(try names.number(of: user)), origin) }
            if operation.members.isEmpty, origin.session != 0 { try put(fact(0), origin) }
        case .attributes:
            for user in operation.members {
                try put(fact(try names.number(of: user), operation.text ?? ""), origin)
            }
        case .announcement, .announcementDeleted, .infoUpdated, .fileAdded, .fileRemoved, .other: return
        }
    }

    /// A row of `memberships`.
    private struct MemberFact {
        var conversation: Int64
        var user: Int64
        var change: GroupOperation.Change
        var operation: String
        var by: Int64
        var until: Int64
        var text: String
    }

    private func put(_ fact: MemberFact, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO memberships VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(fact.conversation)
        insert.put(origin.app)
        insert.put(fact.user)
        insert.put(origin.time)
        insert.put(fact.change.rawValue)
        insert.put(fact.operation)
        insert.put(fact.by)
        insert.put(fact.until)
        insert.put(fact.text)
        insert.put(origin.session)
        insert.put(origin.shown)
        insert.put(origin.sequence)
        try insert.run()
    }

    // MARK: Threads

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
        if let operation = GroupOperation(change) { try apply(operation, origin) }
    }

    // MARK: Names

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
}

extension GroupOperation {
    /// What a change of a thread did to it as to any group; nil for one that only tells of a message.
    fileprivate init?(_ thread: ThreadChange) {
        let change: Change
        switch thread.operation {
        case "create": change = .created
        case "destroy", "delete": change = .destroyed
        case "userRemove": change = .kicked
        // The SDK says `update` of a new message too.
        case "update" where thread.lastMessage == nil && thread.messageCount == nil: change = .infoUpdated
        default: return nil
        }
        self.init(
            conversation: ConversationID(kind: .thread, key: thread.id), change: change,
            operation: thread.operation, by: thread.by, members: thread.member.map { [$0] } ?? [])
        name = thread.reference.name
        if change == .created { owner = thread.by }
    }
}
