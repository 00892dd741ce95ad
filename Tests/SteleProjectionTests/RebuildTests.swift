// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import Testing

/// Views that are made anew, followed, and read meanwhile.
struct RebuildTests {
    private static let time: Int64 = 1_747_000_000_000

    private static func texts(_ range: Range<Int>) -> [Delivery] {
        range.map { index in
            let at = time + Int64(index)
            return .callback(
                Payload.text("nr \(index)", id: Payload.id(at: at), at: at, from: "alice", to: "bob"))
        }
    }

    private static func count(_ views: Views) throws -> Int { try views.read { try $0.status().messages } }

    @Test("readers keep the old views while new ones are made, and read the new ones next")
    func swap() async throws {
        try await withTemporaryDirectory { folder in
            let log = try await TestLog(folder, Self.texts(0..<10))
            let views = try log.views()
            let snapshot = try views.snapshot()
            try await log.append(Self.texts(10..<30))
            try Projector.rebuild(log.archive)
            #expect(try snapshot.read { try $0.status().messages } == 10)
            #expect(try Self.count(views) == 30)
        }
    }

    @Test("views as of a record are made beside the archive's own")
    func asOf() async throws {
        try await withTemporaryDirectory { folder in
            let log = try await TestLog(folder, Self.texts(0..<20))
            let views = try log.views()
            let place = folder.appending(path: "then.sqlite")
            try Projector.rebuild(log.archive, through: SequenceNumber(4), into: place)
            let then = try Views(at: place)
            #expect(try Self.count(then) == 5)
            #expect(try then.appliedSequence() == SequenceNumber(4))
            #expect(try Self.count(views) == 20)
        }
    }

    @Test("a half-built file and a damaged link leave the archive readable again after the next fold")
    func leftovers() async throws {
        try await withTemporaryDirectory { folder in
            let log = try await TestLog(folder, Self.texts(0..<5))
            let views = try log.views()
            let half = log.archive.url.appending(path: "views-99.sqlite")
            try Data("half".utf8).write(to: half)
            #expect(try Self.count(views) == 5)
            try Projector.rebuild(log.archive)
            #expect(!FileManager.default.fileExists(atPath: half.path))
            #expect(try Self.count(views) == 5)
            try FileManager.default.removeItem(at: log.archive.viewsURL)
            #expect(try Self.count(log.views()) == 5)
        }
    }

    @Test("only one process folds at a time, and the other reads what is there")
    func lock() async throws {
        try await withTemporaryDirectory { folder in
            let log = try await TestLog(folder, Self.texts(0..<5))
            let views = try log.views()
            let writer = try LogWriter.open(log.archive, options: TestLog.options())
            let projector = try Projector(views: views, archive: log.archive)
            let (progress, reached) = AsyncStream.makeStream(of: SequenceNumber.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await projector.follow(writer) { reached.yield($0) } }
                try await TestLog.append(Self.texts(5..<50).map(TestLog.members), to: writer)
                for await end in progress where end >= SequenceNumber(50) { break }
                #expect(try Self.count(views) == 50)
                let error = #expect(throws: ViewsError.self) {
                    try Projector(views: views, archive: log.archive).catchUp()
                }
                #expect(error?.code == .lockedByAnotherProcess)
                #expect(try Self.count(log.views()) == 50)
                // What was durable at the end is folded before following ends.
                try await TestLog.append(Self.texts(50..<60).map(TestLog.members), to: writer)
                try await writer.close()
                try await group.waitForAll()
            }
            #expect(try Self.count(log.views()) == 60)
        }
    }

    @Test("pages go on from a message, never from a time")
    func paging() async throws {
        // Five hundred messages within one millisecond.
        let burst = (0..<500).map { index in
            Delivery.callback(
                Payload.text(
                    "nr \(index)", id: Payload.id(at: Self.time, index), at: Self.time, from: "alice",
                    to: "bob"))
        }
        try await withViews(of: burst.shuffled()) { (views, _) throws in
            try views.read { (reader) throws in
                let chat = try #require(try reader.conversations().first)
                var seen: [MessageID] = []
                var place: MessagePosition?
                while case let page = try reader.messages(in: chat, after: place, limit: 7),
                    let last = page.last
                {
                    seen += page.map(\.id)
                    place = MessagePosition(last)
                }
                #expect(seen == (0..<500).map { MessageID(Payload.id(at: Self.time, $0)) })
                let newest = try reader.newestMessages(in: chat, limit: 3)
                #expect(newest.map(\.id) == Array(seen.suffix(3)))
                let before = try reader.newestMessages(in: chat, before: MessagePosition(newest[0]), limit: 2)
                #expect(before.map(\.id) == Array(seen.suffix(5).prefix(2)))
            }
        }
    }
}
