// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// A message's own row, names resolved: what it was first sent as.
///
/// What happened to it later is in its ``MessageDetails``.
package struct MessageEntry: Hashable, Sendable {
    package let id: MessageID
    /// Nil when no record could tell: a single chat seen from a client whose user is not known.
    package let conversation: ConversationID?
    package let app: AppKey?
    package let from: UserID?
    package let to: String
    /// By the platform's clock: the id's own where it agrees with the stated time, within ten minutes.
    package let time: Instant
    /// As the best surface stated it.
    package let statedTime: Instant?
    /// Whether a message of a later time was captured before it, in the same conversation and app.
    package let isOutOfOrder: Bool
    /// The content first sent; of a message known by its edits alone, one of theirs.
    package let body: Body
    /// JSON text; nil when there is none.
    package let ext: String?
    /// Whether any record showed the content first sent.
    package let hasOriginal: Bool
    package let standing: Standing
    package let priority: Message.Priority?
    package let isBroadcast: Bool
    package let isOnlineOnly: Bool
    package let wantsGroupReceipt: Bool
    package let isContentReplaced: Bool
    package let isTargeted: Bool
    /// The first record that showed it.
    package let firstSighting: SightingEntry

    package enum Standing: Hashable, Sendable { case sent, attempted, refused }

    let key: Int64
    let target: Int64
    let appNumber: Int64
    let sender: Int64
    let isInThread: Bool

    /// Commands (透传) are no messages of a conversation.
    package var isCommand: Bool { if case .command = body { true } else { false } }
}

/// That a record showed a message.
package struct SightingEntry: Hashable, Sendable {
    package let sequence: UInt64
    package let surface: Surface
    package let flow: Flow
    package let isPreSend: Bool
    package let session: String?
    package let capturedAt: Instant
}

/// A place between the messages of a conversation: after one of them.
///
/// Never a time alone: many messages may share one.
package struct MessagePosition: Hashable, Sendable {
    package let time: Instant
    package let id: MessageID

    package init(time: Instant, id: MessageID) {
        self.time = time
        self.id = id
    }

    package init(_ message: MessageEntry) { self.init(time: message.time, id: message.id) }
}

extension ViewsReader {
    /// Messages of a conversation in the order of their time and id, from a place on.
    ///
    /// `position` is the message before the first wanted, nil to begin at the start; `from` the first instant wanted, `to` the
    /// first no longer wanted.
    package func messages(
        in conversation: ConversationEntry, after position: MessagePosition? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> [MessageEntry] {
        let (condition, bind) = Self.bounds(conversation, from, to)
        let place = position == nil ? "" : "AND (m.time, m.id) > (?, ?)"
        let rows = try statement(
            "SELECT m.*, c.family, c.key, c.decided FROM messages AS m, conversations AS c "
                + "WHERE \(condition) \(place) AND c.n = m.conversation ORDER BY m.time, m.id LIMIT ?")
        bind(rows)
        if let position { Self.bind(position, to: rows) }
        rows.put(limit)
        return try rows.all(entry)
    }

    /// The newest messages of a conversation, in the order of their time and id.
    ///
    /// `position` is the message after the last wanted; nil to begin at the end.
    package func newestMessages(
        in conversation: ConversationEntry, before position: MessagePosition? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> [MessageEntry] {
        let (condition, bind) = Self.bounds(conversation, from, to)
        let place = position == nil ? "" : "AND (m.time, m.id) < (?, ?)"
        let rows = try statement(
            "SELECT m.*, c.family, c.key, c.decided FROM messages AS m, conversations AS c "
                + "WHERE \(condition) \(place) AND c.n = m.conversation ORDER BY m.time DESC, m.id DESC LIMIT ?"
        )
        bind(rows)
        if let position { Self.bind(position, to: rows) }
        rows.put(limit)
        return try rows.all(entry).reversed()
    }

    /// Every message with an id: one, or one of each app that gave it.
    package func messages(withID id: MessageID) throws -> [MessageEntry] {
        guard let key = try key(of: id) else { return [] }
        let rows = try statement(
            """
            SELECT m.*, c.family, c.key, c.decided FROM messages AS m LEFT JOIN conversations AS c
            ON c.n = m.conversation
            WHERE m.n = ?1 OR m.n IN (SELECT n FROM alternates WHERE target = ?1)
            """)
        rows.put(key)
        return try rows.all(entry).sorted { ($0.app?.rawValue ?? "") < ($1.app?.rawValue ?? "") }
    }

    private static func bounds(
        _ conversation: ConversationEntry, _ from: Instant?, _ to: Instant?
    ) -> (String, (SQLStatement) -> Void) {
        var condition = "m.conversation = ?"
        if conversation.appNumber != nil { condition += " AND m.app = ?" }
        if from != nil { condition += " AND m.time >= ?" }
        if to != nil { condition += " AND m.time < ?" }
        return (
            condition,
            { statement in
                statement.put(conversation.number)
                if let app = conversation.appNumber { statement.put(app) }
                if let from { statement.put(from.microseconds) }
                if let to { statement.put(to.microseconds) }
            }
        )
    }

    private static func bind(_ position: MessagePosition, to statement: SQLStatement) {
        statement.put(position.time.microseconds)
        if let number = position.id.numericKey {
            statement.put(number)
        } else {
            statement.put(position.id.rawValue)
        }
    }

    /// Reads a row of `messages` and, after it, of its conversation: family, key and what is decided.
    func entry(_ row: SQLStatement) throws -> MessageEntry {
        let state = MessageState(row: row)
        let conversation =
            row.isNull(21)
            ? nil
            : ConversationID(kind: Self.kind(family: row.int(21), decided: row.int(23)), key: row.text(22))
        return MessageEntry(
            id: state.id, conversation: conversation, app: try app(state.app), from: try user(state.sender),
            to: state.recipient, time: Instant(microseconds: state.time),
            statedTime: state.stated.instantIfTold, isOutOfOrder: state.how & How.late != 0,
            body: state.body.body, ext: state.ext, hasOriginal: state.hasOriginal,
            standing: MessageEntry.Standing(state.standing), priority: state.flags.priority,
            isBroadcast: state.flags.contains(.broadcast), isOnlineOnly: state.flags.contains(.onlineOnly),
            wantsGroupReceipt: state.flags.contains(.wantsGroupReceipt),
            isContentReplaced: state.flags.contains(.contentReplaced),
            isTargeted: state.flags.contains(.targeted),
            firstSighting: try sighting(state.sequence, state.how, state.session, state.capturedAt),
            key: state.key, target: state.target, appNumber: state.app, sender: state.sender,
            isInThread: state.flags.contains(.inThread))
    }

    func sighting(_ sequence: Int64, _ how: Int64, _ session: Int64, _ at: Int64) throws -> SightingEntry {
        SightingEntry(
            sequence: UInt64(sequence), surface: How.surface(how), flow: How.flow(how),
            isPreSend: How.isPreSend(how), session: try name(session, .sessions),
            capturedAt: Instant(microseconds: at))
    }
}

extension MessageEntry.Standing {
    init(_ standing: MessageState.Standing) {
        self =
            switch standing {
            case .sent: .sent
            case .refused: .refused
            case .attempted: .attempted
            }
    }
}

extension MessageState.Flags {
    var priority: Message.Priority? {
        contains(.high) ? .high : contains(.normal) ? .normal : contains(.low) ? .low : nil
    }
}
