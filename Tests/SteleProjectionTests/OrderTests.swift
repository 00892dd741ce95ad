// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import Testing

/// The law of the fold: the records decide the views, not the order in which they came.
struct OrderTests {
    private static func dump(_ deliveries: [Delivery]) async throws -> [String] {
        try await withViews(of: deliveries) { views, _ in try views.canonicalDump(withSequences: false) }
    }

    /// The lines that are in one dump only.
    private static func difference(_ one: [String], _ other: [String]) -> [String] {
        Set(one).symmetricDifference(Set(other)).sorted()
    }

    @Test("any order of the same records gives the same views", arguments: 1...12 as ClosedRange<UInt64>)
    func anyOrder(seed: UInt64) async throws {
        let deliveries = History(seed: seed, count: 150).deliveries
        let expected = try await Self.dump(deliveries)
        #expect(expected.count > 150)
        var random = SeededGenerator(seed: seed &* 31)
        for _ in 0..<3 {
            let shuffled = deliveries.shuffled(using: &random)
            let found = try await Self.dump(shuffled)
            #expect(Self.difference(found, expected) == [], "seed \(seed)")
        }
        let backwards = try await Self.dump(deliveries.reversed())
        #expect(Self.difference(backwards, expected) == [], "seed \(seed), backwards")
    }

    @Test("records that come again change nothing", arguments: 1...6 as ClosedRange<UInt64>)
    func repeated(seed: UInt64) async throws {
        let deliveries = History(seed: seed, count: 150).deliveries
        var random = SeededGenerator(seed: seed)
        var again = deliveries
        for _ in 0..<60 { again.insert(random.pick(deliveries), at: random.int(in: 0..<again.count)) }
        let once = try await Self.dump(deliveries)
        let twice = try await Self.dump(again)
        #expect(Self.difference(once, twice) == [], "seed \(seed)")
    }

    @Test("a live fold with restarts equals a rebuild", arguments: 1...6 as ClosedRange<UInt64>)
    func liveEqualsRebuild(seed: UInt64) async throws {
        let lines = History(seed: seed, count: 200).deliveries.map(TestLog.members)
        try await withTemporaryDirectory { folder in
            let log = try TestLog(folder)
            var random = SeededGenerator(seed: seed)
            // Only the first catch-up, of empty views, builds a new file; all later ones fold into it.
            let empty = try Views.open(log.archive)
            var start = 0
            while start < lines.count {
                let end = min(start + random.int(in: 1..<40), lines.count)
                try await log.append(Array(lines[start..<end]))
                // New views and a new projector each time: nothing is kept in memory between two.
                try Projector(views: Views.open(log.archive), archive: log.archive).catchUp()
                start = end
            }
            let live = try empty.canonicalDump(withSequences: true)
            try Projector.rebuild(log.archive)
            let rebuilt = try empty.canonicalDump(withSequences: true)
            #expect(Self.difference(live, rebuilt) == [], "seed \(seed)")
            #expect(live == rebuilt)
            #expect(try empty.appliedSequence() == SequenceNumber(UInt64(lines.count - 1)))
        }
    }
}
