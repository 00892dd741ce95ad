// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// Facts about messages, kept under the message's number whether it was seen or not.
extension Fold {
    mutating func apply(_ recall: Recall, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO recalls VALUES(?, ?, ?, ?, ?, ?)")
        insert.put(try names.key(of: recall.target))
        insert.put(origin.app)
        insert.put(try names.number(of: recall.by))
        insert.put(origin.time)
        insert.put(recall.notice ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ receipt: ReadReceipt, _ origin: Origin) throws {
        if let reader = receipt.reader {
            try self.receipt(
                receipt.target, kind: ReceiptKind.read, reader, content: receipt.content ?? "", origin)
            if receipt.isGroup, !receipt.to.isEmpty {
                // A room has no read receipts; still it is for others to say what this is.
                let place = ConversationID(kind: .group, key: receipt.to)
                audience.add(
                    try names.number(of: reader), to: try names.number(of: place, isDecided: false),
                    app: origin.app, at: origin.time)
            }
        }
        for count in receipt.counts { try readCount(count, origin) }
    }

    mutating func apply(_ receipt: DeliveryReceipt, _ origin: Origin) throws {
        guard let receiver = receipt.receiver else { return }
        try self.receipt(receipt.target, kind: ReceiptKind.delivered, receiver, content: "", origin)
    }

    /// One row a user: the earliest time that any record told, and the first content in byte order.
    private mutating func receipt(
        _ id: MessageID, kind: Int64, _ user: UserID, content: String, _ origin: Origin
    ) throws {
        let insert = try facts.statement(
            """
            INSERT INTO receipts VALUES(?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET
                time = CASE WHEN time = 0 OR (excluded.time <> 0 AND excluded.time < time)
                            THEN excluded.time ELSE time END,
                content = CASE WHEN content = '' OR (excluded.content <> '' AND excluded.content < content)
                               THEN excluded.content ELSE content END
            """)
        insert.put(try names.key(of: id))
        insert.put(origin.app)
        insert.put(kind)
        insert.put(try names.number(of: user))
        insert.put(origin.time)
        insert.put(content)
        insert.put(origin.sequence)
        try insert.run()
    }

    /// Counts only grow; of each, when it was told first.
    mutating func readCount(_ count: GroupReadCount, _ origin: Origin) throws {
        let insert = try facts.statement(
            """
            INSERT INTO read_counts VALUES(?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET time = excluded.time
                WHERE time = 0 OR (excluded.time <> 0 AND excluded.time < time)
            """)
        insert.put(try names.key(of: count.message))
        insert.put(origin.app)
        insert.put(count.count)
        insert.put(origin.time)
        try insert.run()
    }

    mutating func apply(_ state: ReactionState, _ origin: Origin) throws {
        try react(try names.key(of: state.target), state.reactions, origin)
    }

    /// Each event tells a whole state; which of them counts is chosen on reading.
    func react(_ target: Int64, _ reactions: [Reaction], _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO reactions VALUES(?, ?, ?, ?, ?)")
        insert.put(target)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(text: StoredList.encode(reactions))
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ change: PinChange, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO pins VALUES(?, ?, ?, ?, ?, ?, ?)")
        insert.put(try names.key(of: change.target))
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(change.isPinned)
        insert.put(try names.number(of: change.by))
        insert.put(try change.conversation.map { try names.number(of: $0, isDecided: false) } ?? 0)
        insert.put(origin.sequence)
        try insert.run()
    }
}

/// What `receipts.kind` means.
enum ReceiptKind {
    static let delivered: Int64 = 1
    static let read: Int64 = 2
}
