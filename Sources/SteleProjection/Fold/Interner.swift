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
    private var conversations = NameMap()
    private var lastConversation: Int64
    /// A conversation's family and key, reused.
    private var place: [UInt8] = []
    /// The lowest number in `message_ids`.
    private var lowestKey: Int64

    init(_ database: Database) throws {
        apps = try NameTable(database, "apps", limit: Self.mapLimit)
        users = try NameTable(database, "users", limit: Self.mapLimit)
        sessions = try NameTable(database, "sessions", limit: Self.mapLimit)
        findConversation = try SQLStatement(
            database, "SELECT n, decided FROM conversations WHERE family = ? AND key = ?")
        addConversation = try SQLStatement(
            database, "INSERT OR IGNORE INTO conversations(n, family, key, decided) VALUES(?, ?, ?, ?)")
        decideConversation = try SQLStatement(
            database, "UPDATE conversations SET decided = decided | ? WHERE n = ?")
        findMessage = try SQLStatement(database, "SELECT n FROM message_ids WHERE id = ?")
        addMessage = try SQLStatement(database, "INSERT INTO message_ids(n, id) VALUES(?, ?)")
        lastConversation =
            try SQLStatement(database, "SELECT ifnull(max(n), 0) FROM conversations").first { $0.int(0) } ?? 0
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
        let family: Int64 = conversation.kind == .chat ? 0 : 1
        place.removeAll(keepingCapacity: true)
        place.append(UInt8(family))
        place.append(contentsOf: conversation.key.utf8)
        let known = place.withUnsafeBufferPointer { conversations.number(of: $0) }
        if let known, known & decided == decided { return known >> Self.decidedBits }
        let entry = try entry(family, conversation.key, decided)
        if conversations.isFull(limit: Self.mapLimit) { conversations.removeAll() }
        place.withUnsafeBufferPointer {
            conversations.set(entry.number << Self.decidedBits | entry.decided, for: $0)
        }
        return entry.number
    }

    /// What is decided of a conversation stands below its number in the map.
    private static let decidedBits: Int64 = 3

    /// The row of a conversation, made or changed so that it says what is decided.
    private mutating func entry(
        _ family: Int64, _ key: String, _ decided: Int64
    ) throws -> (number: Int64, decided: Int64) {
        addConversation.put(lastConversation + 1)
        addConversation.put(family)
        addConversation.put(key)
        addConversation.put(decided)
        if try addConversation.run() {
            lastConversation += 1
            return (lastConversation, decided)
        }
        findConversation.put(family)
        findConversation.put(key)
        let found =
            try findConversation.first { (number: $0.int(0), decided: $0.int(1)) }
            ?? (number: 0, decided: 0)
        if found.decided | decided != found.decided {
            decideConversation.put(decided)
            decideConversation.put(found.number)
            try decideConversation.run()
        }
        return (found.number, found.decided | decided)
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
    private var known = NameMap()
    private var last: Int64

    init(_ database: Database, _ table: String, limit: Int) throws {
        find = try SQLStatement(database, "SELECT n FROM \(table) WHERE name = ?")
        add = try SQLStatement(database, "INSERT OR IGNORE INTO \(table)(n, name) VALUES(?, ?)")
        last = try SQLStatement(database, "SELECT ifnull(max(n), 0) FROM \(table)").first { $0.int(0) } ?? 0
        self.limit = limit
    }

    /// The number of `name`, given now if it has none; 0 for nil and for an empty one.
    func number(of name: String?) throws -> Int64 {
        guard var name, !name.isEmpty else { return 0 }
        if let number = name.withUTF8({ known.number(of: $0) }) { return number }
        let number = try stored(name)
        if known.isFull(limit: limit) { known.removeAll() }
        name.withUTF8 { known.set(number, for: $0) }
        return number
    }

    /// Most names that are not in memory are new: they are added, and looked for only when that fails.
    private func stored(_ name: String) throws -> Int64 {
        add.put(last + 1)
        add.put(name)
        if try add.run() {
            last += 1
            return last
        }
        find.put(name)
        return try find.first { $0.int(0) } ?? 0
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
