// SPDX-License-Identifier: Apache-2.0

import GRDB
package import SteleEvents
package import SteleLog

/// The questions the views answer, within one state of them.
///
/// Used where it was handed out and not kept: it belongs to one read.
package final class ViewsReader {
    let database: Database
    private var statements: [String: SQLStatement] = [:]
    private var names: [NameKind: [Int64: String]] = [:]

    init(database: Database) { self.database = database }

    /// The next sequence to be folded: every record below it is in the views.
    package func appliedEnd() throws -> SequenceNumber {
        let find = try statement("SELECT value FROM meta WHERE name = '\(MetaName.applied)'")
        return SequenceNumber(UInt64(try find.first { $0.int(0) } ?? 0))
    }

    /// Every app that any record named, in byte order.
    package func apps() throws -> [AppKey] {
        try statement("SELECT name FROM apps ORDER BY name").all { AppKey($0.text(0)) }
    }

    /// Whether names need an App Key before them to be unique.
    package func hasSeveralApps() throws -> Bool {
        try statement("SELECT count(*) FROM (SELECT 1 FROM apps LIMIT 2)").first { $0.int(0) } == 2
    }

    // MARK: Statements and names

    /// A statement prepared once for all questions of this read.
    func statement(_ sql: String) throws -> SQLStatement {
        if let statement = statements[sql] { return statement }
        let statement = try SQLStatement(database, sql, isShared: true)
        statements[sql] = statement
        return statement
    }

    enum NameKind: String { case apps, users, sessions }

    /// Most names of a kind in memory.
    private static let nameLimit = 50_000

    /// The name with a number; nil for 0.
    func name(_ number: Int64, _ kind: NameKind) throws -> String? {
        guard number != 0 else { return nil }
        if let name = names[kind]?[number] { return name }
        let find = try statement("SELECT name FROM \(kind.rawValue) WHERE n = ?")
        find.put(number)
        let name = try find.first { $0.text(0) }
        if (names[kind]?.count ?? 0) >= Self.nameLimit { names[kind] = nil }
        names[kind, default: [:]][number] = name
        return name
    }

    func user(_ number: Int64) throws -> UserID? { try name(number, .users).map { UserID($0) } }
    func app(_ number: Int64) throws -> AppKey? { try name(number, .apps).map { AppKey($0) } }

    /// The number of a name; nil when no record told of it.
    func number(of name: String, _ kind: NameKind) throws -> Int64? {
        let find = try statement("SELECT n FROM \(kind.rawValue) WHERE name = ?")
        find.put(name)
        return try find.first { $0.int(0) }
    }

    /// The number of a message id; nil for an id of no known number.
    func key(of id: MessageID) throws -> Int64? {
        if let key = id.numericKey { return key }
        let find = try statement("SELECT n FROM message_ids WHERE id = ?")
        find.put(id.rawValue)
        return try find.first { $0.int(0) }
    }
}

extension Int64 {
    /// The instant of a column in which 0 stands for "not told".
    var instantIfTold: Instant? { self == 0 ? nil : Instant(microseconds: self) }
}
