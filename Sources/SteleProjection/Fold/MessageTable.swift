// SPDX-License-Identifier: Apache-2.0

import GRDB
import SteleEvents

/// Reads and writes the rows of `messages`, or of `appless`, which has the same columns.
final class MessageTable {
    private let insert: SQLStatement
    private let replace: SQLStatement
    private let find: SQLStatement

    init(_ database: Database, _ table: String) throws {
        let values = Array(repeating: "?", count: 21).joined(separator: ", ")
        insert = try SQLStatement(database, "INSERT OR IGNORE INTO \(table) VALUES(\(values))")
        replace = try SQLStatement(database, "INSERT OR REPLACE INTO \(table) VALUES(\(values))")
        find = try SQLStatement(database, "SELECT * FROM \(table) WHERE n = ?")
    }

    /// Adds a row; false when there is one with its key.
    func add(_ state: MessageState) throws -> Bool {
        bind(state, to: insert)
        return try insert.run()
    }

    func put(_ state: MessageState) throws {
        bind(state, to: replace)
        try replace.run()
    }

    func row(_ key: Int64) throws -> MessageState? {
        find.put(key)
        return try find.first(MessageState.init(row:))
    }

    private func bind(_ state: MessageState, to statement: SQLStatement) {
        statement.put(state.key)
        // A number where the id is one, so that ids sort by value, and before all others, as MessageID does.
        if state.target > 0 { statement.put(state.target) } else { statement.put(state.id.rawValue) }
        statement.put(state.target)
        statement.put(state.app)
        statement.put(state.conversation)
        statement.put(state.sender)
        statement.put(state.recipient)
        statement.put(state.body.type)
        statement.put(state.body.text)
        statement.put(ifAny: state.body.detail)
        statement.put(ifAny: state.ext)
        statement.put(state.time)
        statement.put(state.stated)
        statement.put(state.contentTime)
        statement.put(state.standing.rawValue)
        statement.put(state.flags.rawValue)
        statement.put(state.ranks.packed)
        statement.put(state.sequence)
        statement.put(state.capturedAt)
        statement.put(state.how)
        statement.put(state.session)
    }
}

extension MessageState {
    /// Reads a row whose first columns are those of `messages`.
    init(row: SQLStatement) {
        key = row.int(0)
        id = MessageID(row.text(1))
        target = row.int(2)
        app = row.int(3)
        conversation = row.int(4)
        sender = row.int(5)
        recipient = row.text(6)
        body = StoredBody(type: row.text(7), text: row.text(8), detail: row.blob(9))
        ext = row.textIfAny(10)
        time = row.int(11)
        stated = row.int(12)
        contentTime = row.int(13)
        standing = Standing(rawValue: row.int(14)) ?? .sent
        flags = Flags(rawValue: row.int(15))
        ranks = Ranks(packed: row.int(16))
        sequence = row.int(17)
        capturedAt = row.int(18)
        how = row.int(19)
        session = row.int(20)
    }
}
