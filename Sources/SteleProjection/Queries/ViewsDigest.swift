// SPDX-License-Identifier: Apache-2.0

import GRDB
import SteleLog

/// All rows of the views as a few numbers: for telling whether two views are the same, whatever their size.
///
/// It stands for what ``Views/canonicalDump(withSequences:)`` prints, and holds none of it. The sums come from this
/// process' own hash function: they are compared within it and never kept.
struct ViewsDigest: Equatable {
    struct Table: Equatable {
        var rows = 0
        /// The sum of every row's hash, so that their order does not matter.
        var sum: UInt64 = 0

        mutating func add(_ row: String) {
            rows += 1
            var hasher = Hasher()
            hasher.combine(row)
            sum &+= UInt64(bitPattern: Int64(hasher.finalize()))
        }
    }

    private(set) var tables: [String: Table] = [:]

    /// Reads one state of the views; `progress` is told which table is read, and of how many.
    init(_ database: Database, progress: (_ done: Int, _ total: Int) -> Void) throws {
        let all = DumpTable.all
        for (index, table) in all.enumerated() {
            progress(index, all.count + DumpTable.indexes.count)
            try add(database, table.sql(withSequences: true), to: table.name)
        }
        for (index, name) in DumpTable.indexes.enumerated() {
            progress(all.count + index, all.count + DumpTable.indexes.count)
            try database.execute(sql: DumpTable.openWords(name))
            try add(database, DumpTable.words(name), to: name)
            try database.execute(sql: DumpTable.closeWords)
        }
    }

    private mutating func add(_ database: Database, _ sql: String, to table: String) throws {
        let rows = try SQLStatement(database, sql)
        var digest = Table()
        while try rows.step() { digest.add(rows.text(0)) }
        tables[table] = digest
    }

    /// Tables in which the two are not the same, in order, with the rows of each.
    func differences(from other: ViewsDigest) -> [(table: String, rows: Int, expected: Int)] {
        tables.keys.sorted().filter { tables[$0] != other.tables[$0] }.map {
            ($0, tables[$0]?.rows ?? 0, other.tables[$0]?.rows ?? 0)
        }
    }
}
