// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleProjection

/// Readers while views are written and made anew.
struct ReaderTests {
    private static let time: Int64 = 1_747_000_000_000

    private static func texts(_ range: Range<Int>) -> [Delivery] {
        range.map { index in
            let at = time + Int64(index)
            return .callback(
                Payload.text("nr \(index)", id: Payload.id(at: at), at: at, from: "alice", to: "bob"))
        }
    }

    /// One transaction, in the synchronous form that an asynchronous test would not get.
    private static func write(to views: Views, _ body: (Database) throws -> Void) throws {
        try views.pool().write { try body($0) }
    }

    private static func count(_ views: Views) throws -> Int { try views.read { try $0.status().messages } }

    @Test(
        "in the middle of a rebuild the old views are read, by those who read already and by those who begin")
    func rebuilding() async throws {
        try await withTemporaryDirectory { folder async throws in
            let log = try await TestLog(folder, Self.texts(0..<10))
            let views = try log.views()
            try await log.append(Self.texts(10..<30))
            var seen: [Int] = []
            try Projector.rebuild(log.archive) { _ in
                // A read that fails is a count that is missing.
                seen += [try? Self.count(views), try? Self.count(Views(log.archive))].compactMap(\.self)
            }
            #expect(seen == [10, 10])
            #expect(try Self.count(views) == 30)
        }
    }

    @Test("in the middle of a fold's transaction readers see the rows as they were before")
    func folding() async throws {
        try await withTemporaryDirectory { folder async throws in
            let log = try await TestLog(folder, Self.texts(0..<10))
            let views = try log.views()
            let other = try Views(log.archive)
            try Self.write(to: views) { database in
                try database.execute(sql: "DELETE FROM tallies")
                #expect(try Self.count(other) == 10)
            }
            #expect(try Self.count(other) == 0)
        }
    }

    @Test(
        "views of a newer or older version are made anew by whoever folds next",
        arguments: [-1, 1] as [Int64])
    func otherVersion(difference: Int64) async throws {
        try await withTemporaryDirectory { folder async throws in
            let log = try await TestLog(folder, Self.texts(0..<10))
            let views = try log.views()
            try Self.write(to: views) { database in
                try database.execute(
                    sql: "UPDATE meta SET value = value + ? WHERE name = 'schema'", arguments: [difference])
                try database.execute(sql: "DROP TABLE tallies")
            }
            let error = #expect(throws: ViewsError.self) { try Self.count(views) }
            #expect(error?.code == .otherVersion)
            #expect(try Self.count(log.views()) == 10)
            #expect(try Self.count(views) == 10, "those who had the old file open read the new one")
        }
    }
}
