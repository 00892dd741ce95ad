// SPDX-License-Identifier: Apache-2.0

import GRDB
import SteleEvents
import SteleHistories
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleProjection

/// The law of the fold, on histories of everything the samples know; `Samples/fold-trial` tries thousands of them.
struct FoldLawTests {
    @Test("the records decide the views, not how and when they came", arguments: 1...4 as ClosedRange<UInt64>)
    func law(seed: UInt64) async throws {
        try await withTemporaryDirectory { folder async throws in
            var trial = FoldTrial(seed: seed, records: 60, in: folder)
            #expect(try await trial.run() == [], "seed \(seed)")
        }
    }

    @Test(
        "no record stops the fold: it ends in the views or in the quarantine",
        arguments: 1...4 as ClosedRange<UInt64>)
    func poison(seed: UInt64) async throws {
        try await withTemporaryDirectory { folder async throws in
            var trial = FoldTrial(seed: seed, records: 60, in: folder)
            #expect(try await trial.poisoned(60) == [], "seed \(seed)")
        }
    }

    @Test("the histories show every kind of event, on every surface")
    func vocabulary() throws {
        var kinds: Set<String> = []
        var surfaces: Set<Surface> = []
        for seed in 1...4 as ClosedRange<UInt64> {
            let history = ChatHistory(seed: seed, count: 500)
            surfaces.formUnion(history.surfaces)
            for (index, members) in history.lines.enumerated() {
                let line =
                    Array(#"{"seq":\#(index),"at":"2026-11-23T02:40:00.000000Z","#.utf8) + members + [0x7D]
                Self.note(try RecordedEvent(line: line).event, in: &kinds)
            }
        }
        #expect(kinds.symmetricDifference(Self.allKinds).sorted() == [])
        #expect(surfaces == Set(Surface.allCases))
    }

    private static let allKinds: Set<String> = [
        "message", "edit", "recall", "read", "conversationRead", "delivered", "reactions", "thread", "pin",
        "group", "contact", "login", "presence", "keywordAlert", "moderation", "push", "multiDevice",
        "statistic", "call", "callOutcome", "accepted", "connection", "bundleFile", "attachment", "frame",
        "batch", "repeated", "unknown", "a group's operation in the new format", "and in the old",
    ]

    private static func note(_ event: Event, in kinds: inout Set<String>) {
        if case .batch(let events) = event.kind { for event in events { note(event, in: &kinds) } }
        let label = Swift.Mirror(reflecting: event.kind).children.first?.label ?? "\(event.kind)"
        kinds.insert(label)
        if case .group(let operation) = event.kind {
            kinds.insert(
                operation.operation.contains("/") ? "a group's operation in the new format" : "and in the old"
            )
        }
    }
}

/// The canonical dump leaves nothing out.
struct CanonicalDumpTests {
    /// Names and numbers, which every dumped row shows; alternates, whose messages do.
    private static let resolved: Set<String> = [
        "apps", "users", "sessions", "conversations", "message_ids", "alternates",
    ]

    /// Columns that are numbers of the views' own, or that other columns stand for.
    ///
    /// A sighting's app is not kept for a message's first, which stands in its own row; a day is that of the first time.
    private static let own: Set<String> = [
        "n", "messages.id", "appless.id", "sightings.app", "titles.day", "display_names.day",
    ]

    @Test("every table of the schema, and every column with something to say")
    func everything() async throws {
        try await withTemporaryDirectory { folder async throws in
            let views = try TestLog(folder).views()
            #expect(try Self.missing(from: views) == [])
        }
    }

    /// Tables and columns that no line of the dump shows.
    private static func missing(from views: Views) throws -> [String] {
        try views.pool().read { database in
            let tables = try String.fetchAll(
                database,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            var missing: [String] = []
            for table in tables where !resolved.contains(table) {
                if DumpTable.indexes.contains(where: { table == $0 || table.hasPrefix($0 + "_") }) {
                    continue
                }
                guard let dumped = DumpTable.all.first(where: { $0.name == table }) else {
                    missing.append(table)
                    continue
                }
                let sql = dumped.sql(withSequences: true)
                let columns = try String.fetchAll(
                    database, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
                missing += columns.map { (name: $0, place: "\(table).\($0)") }.filter { column in
                    !own.contains(column.name) && !own.contains(column.place)
                        && !sql.contains("t.\(column.name)")
                }.map(\.place)
            }
            return missing
        }
    }
}
