// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What a member may do in a group or room.
package enum GroupRole: String, Hashable, Sendable { case owner, admin, member }

/// When a user was in a conversation, and as what: all that the archive can tell.
package struct Membership: Hashable, Sendable {
    /// In order, and apart: no two share an instant.
    package var stays: [MembershipSpan] = []
    /// Mutes and lists, in the order of their beginning; several may hold at once.
    package var restrictions: [Restriction] = []

    /// Nothing in the archive puts the user into the conversation or out of it.
    package var isUnknown: Bool { stays.isEmpty }

    /// The stay that an instant falls into; nil when the user was not a member then.
    package func stay(at instant: Instant) -> MembershipSpan? { stays.first { $0.contains(instant) } }

    package func role(at instant: Instant) -> GroupRole? {
        stay(at: instant)?.roles.last { $0.from.map { $0 <= instant } ?? true }?.role
    }
}

/// One stay in a conversation: from its first instant up to, and without, the instant of leaving.
package struct MembershipSpan: Hashable, Sendable {
    /// Nil when the user was a member already when the archive first tells of them.
    package let from: Instant?
    /// Nil for a stay that no record ends.
    package let to: Instant?
    /// How it began; nil when no record tells, and the user wrote or was named as a member.
    package let came: GroupOperation.Change?
    package let cameBy: UserID?
    /// How it ended: left, kicked, blocked, or the conversation was destroyed.
    package let went: GroupOperation.Change?
    package let wentBy: UserID?
    /// One after the other, from the stay's beginning to its end.
    package let roles: [RoleSpan]

    package func contains(_ instant: Instant) -> Bool {
        (from.map { $0 <= instant } ?? true) && (to.map { instant < $0 } ?? true)
    }
}

/// A role held within a stay.
package struct RoleSpan: Hashable, Sendable {
    package let role: GroupRole
    /// Nil for a role held since before the archive tells.
    package let from: Instant?
    package let to: Instant?
}

/// Something a member was put on or under, for a time.
package struct Restriction: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// May not write.
        case muted
        /// Is on the block list: may not come back.
        case blocked
        /// Is on the allow list: may write while all others are muted.
        case allowed
        /// Has turned the group's messages off for themselves (屏蔽群).
        case shielded
    }

    package let kind: Kind
    /// Nil when it held before the archive tells.
    package let from: Instant?
    /// When it ended or, told beforehand, will end; nil when no record tells.
    package let to: Instant?
    package let by: UserID?
}

/// A member, now or once.
package struct MemberEntry: Hashable, Sendable {
    package let user: UserID
    package let membership: Membership
    /// Of the member (群成员属性), JSON text as last told.
    package let attributes: String?
}

extension ViewsReader {
    /// When a user was in a conversation.
    ///
    /// The two users of a single chat are always in it. In a group, room or thread a stay begins with a record that says so,
    /// or before all records when the user wrote, was written to or was named as a member without one. A stay that
    /// records begin and do not end goes on.
    package func membership(of user: UserID, in conversation: ConversationEntry) throws -> Membership {
        guard conversation.id.kind != .chat else {
            let users = conversation.id.key.split(separator: ":", maxSplits: 1).map { UserID(String($0)) }
            return users.contains(user) ? Membership(stays: [.always]) : Membership()
        }
        guard let number = try number(of: user.rawValue, .users) else { return Membership() }
        return try member(number, user, in: conversation).membership
    }

    /// Everybody who is or was in a group, room or thread, or was asked in, in byte order of their names.
    package func members(
        in conversation: ConversationEntry, _ body: (MemberEntry) throws -> Void
    ) throws {
        guard conversation.id.kind != .chat else {
            for user in conversation.participants {
                try body(
                    MemberEntry(user: user, membership: Membership(stays: [.always]), attributes: nil))
            }
            return
        }
        let app = conversation.appNumber == nil ? "" : "AND app IN (0, ?2)"
        let rows = try statement(
            """
            SELECT u.n, u.name FROM (
                SELECT user FROM memberships WHERE conversation = ?1 \(app)
                UNION SELECT user FROM audience WHERE conversation = ?1 \(app)
                UNION SELECT sender FROM tallies WHERE conversation = ?1 \(app) AND messages > 0
            ) AS t JOIN users AS u ON u.n = t.user ORDER BY u.name
            """)
        rows.put(conversation.number)
        if let app = conversation.appNumber { rows.put(app) }
        defer { rows.reset() }
        while try rows.step() {
            try body(try member(rows.int(0), UserID(rows.text(1)), in: conversation))
        }
    }

    private func member(
        _ number: Int64, _ user: UserID, in conversation: ConversationEntry
    ) throws -> MemberEntry {
        var facts = try memberFacts(number, in: conversation)
        let attributes = facts.last { $0.change == .attributes }?.text
        let written = try tally(of: number, in: conversation)
        if let first = try written.flatMap({ try firstMessage(of: number, in: conversation, from: $0.first) })
        {
            facts.append(.wrote(first))
        }
        if let reached = try reached(number, in: conversation) { facts.append(.reached(reached)) }
        var walk = MembershipWalk(facts, of: user)
        // Who wrote after leaving has come back, though no record tells of it.
        if let last = written?.last {
            let returns = try walk.absences(before: last).compactMap { absence in
                try firstMessage(of: number, in: conversation, from: absence.from, to: absence.to)
            }
            if !returns.isEmpty { walk = MembershipWalk(facts + returns.map(MemberFact.wrote), of: user) }
        }
        return MemberEntry(user: user, membership: walk.membership, attributes: attributes)
    }

    /// In the order of their times, and what was done to everybody among them.
    private func memberFacts(_ user: Int64, in conversation: ConversationEntry) throws -> [MemberFact] {
        let app = conversation.appNumber == nil ? "" : "AND app IN (0, ?3)"
        let rows = try statement(
            """
            SELECT user, shown, change, operation, actor, until, text, session,
                EXISTS (SELECT 1 FROM session_users AS s WHERE s.session = m.session AND s.user = ?2)
            FROM memberships AS m WHERE conversation = ?1 AND user IN (0, ?2) \(app) ORDER BY shown, change, text
            """)
        rows.put(conversation.number)
        rows.put(user)
        if let app = conversation.appNumber { rows.put(app) }
        let found = try rows.all { row -> MemberFact? in
            guard let change = GroupOperation.Change(rawValue: row.text(2)) else { return nil }
            let concernsAll = row.int(0) == 0
            // A client tells of its own user without a name.
            if concernsAll, !MembershipWalk.concernsAll(change), row.int(8) == 0 { return nil }
            return MemberFact(
                time: row.int(1), change: change, isOwn: !concernsAll || !MembershipWalk.concernsAll(change),
                by: try self.user(row.int(4)), until: row.int(5).instantIfTold, text: row.text(6),
                teller: MemberFact.Teller(operation: row.text(3), session: row.int(7)))
        }
        return found.compactMap(\.self)
    }

    private func tally(
        of user: Int64, in conversation: ConversationEntry
    ) throws -> (first: Int64, last: Int64)? {
        let app = conversation.appNumber == nil ? "" : "AND app = ?3"
        let rows = try statement(
            """
            SELECT min(first), ifnull(max(last), max(first)) FROM tallies
            WHERE conversation = ?1 AND sender = ?2 \(app)
            """)
        rows.put(conversation.number)
        rows.put(user)
        if let app = conversation.appNumber { rows.put(app) }
        return try rows.first { $0.isNull(0) ? nil : ($0.int(0), $0.int(1)) } ?? nil
    }

    private func reached(_ user: Int64, in conversation: ConversationEntry) throws -> Int64? {
        let app = conversation.appNumber == nil ? "" : "AND app IN (0, ?3)"
        let rows = try statement(
            "SELECT min(first) FROM audience WHERE conversation = ?1 AND user = ?2 \(app)")
        rows.put(conversation.number)
        rows.put(user)
        if let app = conversation.appNumber { rows.put(app) }
        return try rows.first { $0.intIfAny(0) } ?? nil
    }

    /// When a user's first message that was sent in a span of time was sent.
    ///
    /// Reads the conversation from `from` on, so `from` is best an instant shortly before it.
    private func firstMessage(
        of user: Int64, in conversation: ConversationEntry, from: Int64, to: Int64 = .max
    ) throws -> Int64? {
        let app = conversation.appNumber == nil ? "" : "AND app = ?5"
        let rows = try statement(
            """
            SELECT time FROM messages WHERE conversation = ?1 AND time >= ?2 AND time < ?3 AND sender = ?4
                AND standing = \(MessageState.Standing.sent.rawValue) \(app)
            ORDER BY time LIMIT 1
            """)
        rows.put(conversation.number)
        rows.put(from)
        rows.put(to)
        rows.put(user)
        if let app = conversation.appNumber { rows.put(app) }
        return try rows.first { $0.int(0) }
    }
}

extension MembershipSpan {
    /// Of those who are in a conversation by its nature.
    fileprivate static let always = MembershipSpan(
        from: nil, to: nil, came: nil, cameBy: nil, went: nil, wentBy: nil,
        roles: [RoleSpan(role: .member, from: nil, to: nil)])
}
