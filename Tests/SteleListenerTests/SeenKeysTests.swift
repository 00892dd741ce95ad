// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import SteleTestSupport
import Testing

@testable import SteleListener

@Suite("Keys of recorded events")
struct SeenKeysTests {
    private static func key(_ number: Int) -> DeduplicationKey {
        DeduplicationKey(hashing: Array("key \(number)".utf8))
    }

    private static func open(_ folder: URL, end: UInt64, limit: Int = 64) throws -> SeenKeys {
        try SeenKeys(
            folder, logEnd: end, limit: limit,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fingerprint: { DeduplicationKey(high: 7, low: $0) })
    }

    private static func isNew(_ claim: Claims.Claim) -> Bool {
        if case .new = claim { true } else { false }
    }

    /// Records keys one by one, as commits of one record each.
    private static func record(_ numbers: Range<Int>, in seen: SeenKeys) async {
        for number in numbers {
            let claims = Claims(seen)
            #expect(isNew(claims.claim(key(number))))
            claims.commit(as: UInt64(number)..<UInt64(number + 1))
            await seen.saveIfDue()
        }
    }

    @Test("remembers across many files with few of them, and knows nothing else")
    func remembers() async throws {
        try await withTemporaryDirectory { folder in
            let seen = try Self.open(folder, end: 0)
            await Self.record(0..<5000, in: seen)
            #expect(seen.size.runs <= 8)
            #expect(seen.size.runs >= 1)
            #expect(seen.size.keysInMemory <= 64)
            for number in 0..<5000 { #expect(seen.contains(Self.key(number))) }
            #expect((5000..<25000).filter { seen.contains(Self.key($0)) }.isEmpty)
        }
    }

    @Test("takes up where the files end", arguments: [true, false])
    func reopens(closing: Bool) async throws {
        try await withTemporaryDirectory { folder in
            let first = try Self.open(folder, end: 0)
            await Self.record(0..<200, in: first)
            if closing { await first.saveIfDue(isClosing: true) }
            let second = try Self.open(folder, end: 200)
            #expect(second.frontier == (closing ? 200 : 192))
            // What a crash between the log and the files lost is read from the log again.
            for number in Int(second.frontier)..<200 {
                second.replay(Self.key(number), at: UInt64(number), mayRepeat: false)
            }
            for number in 0..<200 { #expect(second.contains(Self.key(number))) }
            #expect(second.frontier == 200)
        }
    }

    @Test("believes no file that is cut, altered, of another log, or behind a missing one")
    func distrusts() async throws {
        try await withTemporaryDirectory { folder in
            let first = try Self.open(folder, end: 0)
            await Self.record(0..<200, in: first)
            await first.saveIfDue(isClosing: true)
            let files = try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil
            )
            .sorted { $0.path < $1.path }
            #expect(files.count > 1)
            let newest = try #require(files.last)
            let whole = try Data(contentsOf: newest)

            try whole.dropLast().write(to: newest)
            let end = try Self.open(folder, end: 200).frontier
            #expect(end < 200 && end > 0, "the cut file is not believed, the ones before it are")
            #expect(!FileManager.default.fileExists(atPath: newest.path))

            var altered = whole
            altered[20] ^= 1
            try altered.write(to: newest)
            #expect(try Self.open(folder, end: 200).frontier == end)

            try whole.write(to: newest)
            #expect(try Self.open(folder, end: 200).frontier == 200)
            try whole.write(to: newest)
            #expect(try Self.open(folder, end: 199).frontier == 0, "a log that is shorter is another log")
        }
    }

    @Test("is another log's when the last line is another one")
    func otherLog() async throws {
        try await withTemporaryDirectory { folder in
            let first = try Self.open(folder, end: 0)
            await Self.record(0..<64, in: first)
            let other = try SeenKeys(
                folder, logEnd: 64, limit: 64,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                fingerprint: { DeduplicationKey(high: 8, low: $0) })
            #expect(other.frontier == 0)
            #expect(!other.contains(Self.key(1)))
        }
    }

    @Test("keeps keys in memory while the folder cannot be written, and saves them later")
    func unwritable() async throws {
        try await withTemporaryDirectory { folder in
            let keys = folder.appending(path: "keys")
            let seen = try Self.open(keys, end: 0)
            // A file where the folder should be stops writing whoever runs the test.
            try FileManager.default.removeItem(at: keys)
            try Data().write(to: keys)
            await Self.record(0..<100, in: seen)
            #expect(seen.size == (0, 100))
            try FileManager.default.removeItem(at: keys)
            await Self.record(100..<200, in: seen)
            #expect(seen.size.runs > 0)
            for number in 0..<200 { #expect(seen.contains(Self.key(number))) }
        }
    }

    @Test("gives a key back when its commit fails or is dropped")
    func givesBack() throws {
        try withTemporaryDirectory { folder in
            let seen = try Self.open(folder, end: 0)
            let claims = Claims(seen)
            #expect(Self.isNew(claims.claim(Self.key(1))))
            if case .inFlight(let flight) = Claims(seen).claim(Self.key(1)) {
                #expect(flight === claims.flight)
            } else {
                Issue.record("a key in flight was given away")
            }
            claims.giveUp(AbandonedCommit())
            do {
                let dropped = Claims(seen)
                #expect(Self.isNew(dropped.claim(Self.key(1))))
            }
            #expect(Self.isNew(Claims(seen).claim(Self.key(1))))
        }
    }

    @Test("writes no key of a record behind one that is still to come")
    func aheadOfTheFrontier() async throws {
        try await withTemporaryDirectory { folder in
            let first = try Self.open(folder, end: 0)
            first.remember([Self.key(0), Self.key(1)], as: 0..<2)
            first.remember([Self.key(5)], as: 5..<6)
            await first.saveIfDue(isClosing: true)
            #expect(first.contains(Self.key(5)))
            // Killed: the log is read again from the frontier on, and the record there is seen for the first time.
            let second = try Self.open(folder, end: 6)
            #expect(second.frontier == 2)
            #expect(second.contains(Self.key(1)) && !second.contains(Self.key(5)))
            for number in 2..<6 {
                second.replay(Self.key(number), at: UInt64(number), mayRepeat: true)
            }
            #expect(second.contains(Self.key(5)) && !second.contains(Self.key(5).repeated(1)))
            // And when the gap is closed, it is written.
            first.remember([Self.key(2), Self.key(3), Self.key(4)], as: 2..<5)
            await first.saveIfDue(isClosing: true)
            #expect(first.size.keysInMemory == 0)
            for number in 0..<6 { #expect(first.contains(Self.key(number))) }
        }
    }

    @Test("does not cover a record whose commit ends later than its neighbours'")
    func frontier() {
        var frontier = Frontier(0)
        frontier.add(5..<9)
        #expect(frontier.end == 0)
        frontier.add(0..<2)
        #expect(frontier.end == 2)
        frontier.add(2..<5)
        #expect(frontier.end == 9)
        frontier.add(3..<4)
        #expect(frontier.end == 9)
    }

    @Test("finds the next repetition of a line in the log", arguments: [0, 1, 2, 3, 7, 8, 100])
    func repetitions(count: Int) throws {
        try withTemporaryDirectory { folder in
            let seen = try Self.open(folder, end: 0)
            for number in 0..<count { seen.replay(Self.key(1), at: UInt64(number), mayRepeat: true) }
            for ordinal in 0..<count { #expect(seen.contains(Self.key(1).repeated(ordinal))) }
            #expect(!seen.contains(Self.key(1).repeated(count)))
        }
    }

    @Test(
        "leaves each file at least twice as long as the next",
        arguments: [
            ([1], 0), ([2, 1], 0), ([1, 1], 2), ([4, 2, 1], 0), ([4, 2, 2], 3), ([8, 4, 3], 3),
            ([100, 4, 3], 2),
            ([16, 8, 4, 1], 0),
        ])
    func merging(counts: [Int], newest: Int) {
        #expect(KeyFolder.newestToMerge(counts) == newest)
    }

    @Test("follows files from the first record on, the widest where two begin alike")
    func chain() {
        #expect(KeyFolder.chain([5..<9, 0..<5, 0..<3, 3..<5]) == [1, 0])
        #expect(KeyFolder.chain([5..<9, 0..<4]) == [1])
        #expect(KeyFolder.chain([1..<9]) == [])
        #expect(KeyFolder.chain([0..<0]) == [])
    }
}
