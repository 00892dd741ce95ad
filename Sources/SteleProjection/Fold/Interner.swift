// SPDX-License-Identifier: Apache-2.0

import GRDB
import SteleEvents

/// Gives names their numbers: apps, users, sessions, conversations and messages.
///
/// A number is given when a name is first seen and never changes; no view shows it. The maps in memory are bounded: a full
/// one is emptied, and the names come back from their tables.
struct Interner {
    /// Most entries a map keeps; about 10 MB of user ids.
    private static let mapLimit = 100_000

    private let apps: NameTable
    private let users: NameTable
    private let sessions: NameTable
    private let findConversation: SQLStatement
    private let addConversation: SQLStatement
    private let decideConversation: SQLStatement
    private let findMessage: SQLStatement
    private let addMessage: SQLStatement
    private var conversations: [ConversationID: (number: Int64, decided: Int64)] = [:]
    /// The lowest number in `message_ids`.
    private var lowestKey: Int64

    init(_ database: Database) throws {
        apps = try NameTable(database, "apps", limit: Self.mapLimit)
        users = try NameTable(database, "users", limit: Self.mapLimit)
        sessions = try NameTable(database, "sessions", limit: Self.mapLimit)
        findConversation = try SQLStatement(
            database, "SELECT n, decided FROM conversations WHERE family = ? AND key = ?")
        addConversation = try SQLStatement(
            database, "INSERT INTO conversations(family, key, decided) VALUES(?, ?, ?) RETURNING n")
        decideConversation = try SQLStatement(
            database, "UPDATE conversations SET decided = decided | ? WHERE n = ?")
        findMessage = try SQLStatement(database, "SELECT n FROM message_ids WHERE id = ?")
        addMessage = try SQLStatement(database, "INSERT INTO message_ids(n, id) VALUES(?, ?)")
        lowestKey =
            try SQLStatement(database, "SELECT ifnull(min(n), 0) FROM message_ids").first { $0.int(0) } ?? 0
    }

    func number(of app: AppKey?) throws -> Int64 { try apps.number(of: app?.rawValue) }
    func number(of user: UserID?) throws -> Int64 { try users.number(of: user?.rawValue) }
    func number(ofSession session: String?) throws -> Int64 { try sessions.number(of: session) }

    /// The number of a conversation, and what this event decides about its kind.
    ///
    /// `isDecided` says whether the surface knew the kind; a callback's group may be a room.
    mutating func number(of conversation: ConversationID, isDecided: Bool = true) throws -> Int64 {
        let decided: Int64 =
            switch conversation.kind {
            case .chat: 0
            case .group: isDecided ? 1 : 0
            case .room: 2
            case .thread: 4
            }
        if let known = conversations[conversation], known.decided & decided == decided { return known.number }
        let family: Int64 = conversation.kind == .chat ? 0 : 1
        findConversation.put(family)
        findConversation.put(conversation.key)
        let entry: (number: Int64, decided: Int64)
        if let found = try findConversation.first({ (number: $0.int(0), decided: $0.int(1)) }) {
            entry = (found.number, found.decided | decided)
            if entry.decided != found.decided {
                decideConversation.put(decided)
                decideConversation.put(found.number)
                try decideConversation.run()
            }
        } else {
            addConversation.put(family)
            addConversation.put(conversation.key)
            addConversation.put(decided)
            entry = (try addConversation.first { $0.int(0) } ?? 0, decided)
        }
        if conversations.count >= Self.mapLimit { conversations.removeAll(keepingCapacity: true) }
        conversations[conversation] = entry
        return entry.number
    }

    /// The number of a message id: the id itself when it has the platform's 64-bit layout.
    mutating func key(of id: MessageID) throws -> Int64 {
        if let key = id.numericKey { return key }
        findMessage.put(id.rawValue)
        if let key = try findMessage.first({ $0.int(0) }) { return key }
        return try nextKey(id.rawValue)
    }

    /// A number for the message of a further app whose id another app's message has too.
    mutating func keyForAlternate() throws -> Int64 { try nextKey(nil) }

    private mutating func nextKey(_ id: String?) throws -> Int64 {
        lowestKey -= 1
        addMessage.put(lowestKey)
        addMessage.put(ifAny: id)
        try addMessage.run()
        return lowestKey
    }
}

/// One table of names and numbers, and the part of it that is in memory.
final class NameTable {
    private let find: SQLStatement
    private let add: SQLStatement
    private let limit: Int
    private var known: [String: Int64] = [:]

    init(_ database: Database, _ table: String, limit: Int) throws {
        find = try SQLStatement(database, "SELECT n FROM \(table) WHERE name = ?")
        add = try SQLStatement(database, "INSERT INTO \(table)(name) VALUES(?) RETURNING n")
        self.limit = limit
    }

    /// The number of `name`, given now if it has none; 0 for nil and for an empty one.
    func number(of name: String?) throws -> Int64 {
        guard let name, !name.isEmpty else { return 0 }
        if let number = known[name] { return number }
        find.put(name)
        var number = try find.first { $0.int(0) }
        if number == nil {
            add.put(name)
            number = try add.first { $0.int(0) }
        }
        if known.count >= limit { known.removeAll(keepingCapacity: true) }
        known[name] = number
        return number ?? 0
    }
}

extension MessageID {
    /// The number in an id of the platform's 64-bit layout, written the one way such a number is written.
    var numericKey: Int64? {
        let digits = rawValue.utf8
        guard digits.count >= 16, digits.count <= 19, digits.first != UInt8(ascii: "0") else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            let (tens, isTooMuch) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = tens.addingReportingOverflow(Int64(digit - 0x30))
            guard !isTooMuch, !isTooLarge else { return nil }
            number = sum
        }
        return number >> 52 != 0 && (number >> 22) & 1023 < 1000 ? number : nil
    }

    /// When the platform gave the id, for an id with a ``numericKey``.
    static func instant(ofKey key: Int64) -> Instant {
        Instant(milliseconds: ((key >> 32) + 1_417_564_800) * 1000 + (key >> 22) & 1023)
    }
}
