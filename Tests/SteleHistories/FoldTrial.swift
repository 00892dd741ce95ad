// SPDX-License-Identifier: Apache-2.0

package import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport

/// Puts one history to every test of the fold's law: the records decide the views, not how and when they came.
///
/// Views are compared whole, by their canonical dump and by what people read in them. Nothing is shared between two folds but
/// the log's files.
package struct FoldTrial {
    /// What the law says of histories; each is tried on its own.
    package enum Law: String, CaseIterable, Sendable {
        /// Followed in batches of any size, with restarts and rebuilds between: the views are a rebuild's, byte for byte,
        /// sequences and capture times included.
        case restarted
        /// In any order at all.
        case shuffled
        /// The last first.
        case reversed
        /// One surface after the other: all callbacks, then all taps …
        case bySurface
        /// Each a little early or late, as callbacks are.
        case delayed
        /// Any of them again, any number of times, anywhere.
        case repeated
        /// Two logs, each of which knows a part, and some both.
        case split
    }

    package let history: ChatHistory
    let folder: URL
    var random: SeededGenerator

    /// Tries what `seed` gives, in a folder of its own.
    package init(seed: UInt64, records: Int, in folder: URL) {
        history = ChatHistory(seed: seed, count: records)
        self.folder = folder
        random = SeededGenerator(seed: seed ^ 0xF01D)
    }

    /// Every law that does not hold, and what is different then; empty when all do.
    package mutating func run(_ laws: [Law] = Law.allCases) async throws -> [String] {
        let log = try HistoryLog(folder.appending(path: "straight"))
        try await log.append(history.lines[...], using: &random)
        let straight = try Projector.upToDate(log.archive)
        let rows = try straight.canonicalDump(withSequences: false)
        let reading = try straight.reading()
        var complaints: [String] = []
        for law in laws {
            let place = folder.appending(path: law.rawValue)
            if law == .restarted {
                complaints += try await restarted(place).map { "\(law): \($0)" }
                continue
            }
            let other = try HistoryLog(place)
            try await other.append(arranged(law)[...], using: &random)
            let views = try Projector.upToDate(other.archive)
            complaints += Self.differences(try views.canonicalDump(withSequences: false), rows).map {
                "\(law), rows: \($0)"
            }
            complaints += Self.differences(try views.reading(), reading).map { "\(law), read: \($0)" }
        }
        return complaints
    }

    /// Follows the log through restarts: each piece is folded by a projector that knows nothing of the one before.
    ///
    /// - Returns: What is different when the same log is folded at once.
    private mutating func restarted(_ place: URL) async throws -> [String] {
        let log = try HistoryLog(place)
        // Only the first catch-up of views with nothing in them builds a new file; all later ones fold into it.
        let views = try Views.open(log.archive)
        var rest = history.lines[...]
        while !rest.isEmpty {
            let piece = rest.prefix(random.int(in: 1..<60))
            try await log.append(piece, using: &random)
            try Projector(views: Views.open(log.archive), archive: log.archive).catchUp()
            if random.chance(oneIn: 8) { try Projector.rebuild(log.archive) }
            rest = rest.dropFirst(piece.count)
        }
        return try Self.differencesFromRebuild(of: log.archive, views)
    }

    /// What is different in views of an archive when they are made anew.
    static func differencesFromRebuild(of archive: Archive, _ views: Views) throws -> [String] {
        let live = try views.canonicalDump(withSequences: true)
        try Projector.rebuild(archive)
        return differences(live, try views.canonicalDump(withSequences: true))
    }

    private mutating func arranged(_ law: Law) -> [[UInt8]] {
        let lines = history.lines
        switch law {
        case .restarted: return lines
        case .shuffled: return lines.shuffled(using: &random)
        case .reversed: return lines.reversed()
        case .bySurface:
            let order = Surface.allCases.shuffled(using: &random)
            return order.flatMap { surface in
                lines.indices.filter { history.surfaces[$0] == surface }.map { lines[$0] }
            }
        case .delayed:
            let places = lines.indices.map { (place: $0 + random.int(in: 0..<12), index: $0) }
            return places.sorted { $0 < $1 }.map { lines[$0.index] }
        case .repeated:
            var all = lines
            for _ in 0..<lines.count / 2 { all.insert(random.pick(lines), at: random.int(in: 0..<all.count)) }
            return all
        case .split:
            let one = lines.filter { _ in !random.chance(oneIn: 3) }
            let known = Set(one)
            let other = lines.filter { !known.contains($0) || random.chance(oneIn: 4) }
            return random.chance(oneIn: 2) ? one + other : other + one
        }
    }

    /// At most a few of the lines that only one of the two has.
    private static func differences(_ found: [String], _ expected: [String]) -> [String] {
        guard found != expected else { return [] }
        let missing = Set(expected).subtracting(found).sorted().map { "missing \($0)" }
        let extra = Set(found).subtracting(expected).sorted().map { "instead \($0)" }
        let all = missing.prefix(3) + extra.prefix(3)
        return all.isEmpty ? ["the order of the lines"] : Array(all)
    }
}
