// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Checkpoints kept in the archive, and checked against the log.
@Suite struct CheckpointTests {
    private var options: LogOptions {
        var options = LogOptions()
        options.memberByteCount = 1500
        options.segmentByteCount = 1200
        options.clock = { 1_700_000_000_000_000 }
        return options
    }

    /// Writes twelve commits of seven records; in the commit `forged` nothing but the text is another.
    private func fill(
        _ archive: Archive, parts: Range<Int> = 0..<12, forged: Int? = nil, keeper: CheckpointKeeper? = nil
    ) async throws {
        let writer = try LogWriter.open(archive, options: options)
        for part in parts {
            _ = try await writer.append(
                LineBatch(part * 7..<part * 7 + 7, salt: part == forged ? "forged" : ""))
            _ = try keeper?.keep()
        }
        try await writer.close()
    }

    private func keeper(_ archive: Archive) throws -> CheckpointKeeper {
        CheckpointKeeper(archive, key: try KeyFile(archive).readOrCreate())
    }

    /// Takes the log away and writes another one.
    private func rewrite(_ archive: Archive, parts: Range<Int> = 0..<12, forged: Int? = nil) async throws {
        try FileManager.default.removeItem(atPath: archive.logPath)
        try FileManager.default.removeItem(atPath: archive.lockPath)
        try FileManager.default.createDirectory(atPath: archive.logPath, withIntermediateDirectories: false)
        try await fill(archive, parts: parts, forged: forged)
        #expect(try LogVerifier(archive).run().isIntact, "the forgery agrees with itself")
    }

    private func check(_ archive: Archive, given: [(file: String, bytes: [UInt8])] = []) throws
        -> CheckpointCheck.Outcome
    {
        try CheckpointCheck(archive, trusting: nil).run(given: given)
    }

    @Test("a checkpoint of every size is kept once, beside the writer, and holds")
    func kept() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keeper = try keeper(archive)
            try await fill(archive, keeper: keeper)
            let kept = KeptCheckpoints(archive)
            #expect(try kept.sizes() == (1...12).map { $0 * 7 })
            #expect(try archive.files.names(in: archive.checkpointsPath).allSatisfy { $0.utf8.count == 12 })
            let before = try kept.bytes(84)
            #expect(try keeper.keep().encoded == before)
            #expect(try keeper.keepIfGrown() == nil)
            #expect(try kept.sizes().count == 12)
            let outcome = try check(archive)
            #expect(outcome.problems == [])
            #expect(outcome.holding == 12)
            #expect(outcome.newest?.checkpoint.size == 84)
            #expect(outcome.newest?.checkpoint.root == (try LogVerifier(archive).run().root))
            #expect(outcome.newest?.file == "checkpoints/000000000084")
        }
    }

    @Test("a log without records has a checkpoint, too, and none is kept by itself")
    func empty() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keeper = try keeper(archive)
            #expect(try keeper.keepIfGrown() == nil)
            #expect(try keeper.keep().checkpoint == Checkpoint(origin: archive.origin, size: 0, root: .empty))
            try await fill(archive)
            #expect(try check(archive).problems == [])
        }
    }

    @Test("the forger's tools leave no other trace: the same records give the same log")
    func exactForgery() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keeper = try keeper(archive)
            try await fill(archive, keeper: keeper)
            try await rewrite(archive)
            #expect(try check(archive).problems == [])
        }
    }

    @Test(
        "a log rewritten as a whole is found, and the records it may have changed are named",
        arguments: 0..<12)
    func rewritten(forged: Int) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keeper = try keeper(archive)
            try await fill(archive, keeper: keeper)
            let kept = try #require(try KeptCheckpoints(archive).bytes(84))
            try await rewrite(archive, forged: forged)
            let outcome = try check(archive)
            #expect(outcome.holding == forged)
            let problem = try #require(outcome.problems.first)
            #expect(problem.sequence == SequenceNumber(UInt64(forged * 7)))
            #expect(problem.what.contains("records \(forged * 7) to \(forged * 7 + 6) "), "\(problem.what)")
            #expect(problem.checkpoint == KeptCheckpoints.file(UInt64(forged * 7 + 7)))
            #expect(problem.segment.hasPrefix("log/0000"))
            #expect(outcome.problems.count == (forged == 11 ? 1 : 2))
            // Nothing new is signed over it.
            #expect {
                try keeper.keep()
            } throws: {
                ($0 as? LogError)?.code == .contradictsCheckpoint
            }
            // The owner of the key can sign the new history, and then only what lies elsewhere tells.
            try FileManager.default.removeItem(atPath: archive.checkpointsPath)
            _ = try keeper.keep()
            #expect(try check(archive).problems == [])
            let told = try check(archive, given: [("kept.txt", kept)])
            let doubt = try #require(told.problems.first)
            #expect(told.problems.count == 1 && doubt.checkpoint == "kept.txt")
            // What the archive keeps was signed anew, too, and narrows nothing.
            #expect(doubt.sequence == .zero && doubt.segment == "log/" + Archive.segmentName(.zero))
            #expect(doubt.what.contains("records 0 to 83") && doubt.what.contains("was signed, too"))
        }
    }

    @Test("a log cut at a commit is found", arguments: [0, 1, 5, 11])
    func cut(parts: Int) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keeper = try keeper(archive)
            try await fill(archive, keeper: keeper)
            try await rewrite(archive, parts: 0..<parts)
            let outcome = try check(archive)
            #expect(outcome.holding == parts)
            let problem = try #require(outcome.problems.first)
            #expect(problem.sequence == SequenceNumber(UInt64(parts * 7)))
            #expect(problem.what.contains("the log ends at record \(parts * 7)"), "\(problem.what)")
            #expect {
                try keeper.keep()
            } throws: {
                ($0 as? LogError)?.code == .contradictsCheckpoint
            }
        }
    }

    @Test("a checkpoint that breaks a rule is named with the rule, and the others are still checked")
    func malformed() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "one"))
            let keeper = try keeper(archive)
            try await fill(archive, keeper: keeper)
            let other = try Archive.create(folder.appending(path: "two"))
            try await fill(other, parts: 0..<1)
            let foreign = try self.keeper(other).keep().encoded
            let good = try #require(try KeptCheckpoints(archive).bytes(21))
            let text = String(decoding: good, as: UTF8.self)
            let given: [(file: String, bytes: [UInt8], what: String)] = [
                ("empty", [], "line feed"), ("binary", [0xFF, 10], "UTF-8"),
                ("cut", good.dropLast(), "line feed"),
                ("crlf", Array(text.replacing("\n", with: "\r\n").utf8), "control character"),
                (
                    "other size", Array(text.replacing("\n21\n", with: "\n22\n").utf8),
                    "signature does not hold"
                ),
                ("leading zero", Array(text.replacing("\n21\n", with: "\n021\n").utf8), "leading zeros"),
                ("foreign", foreign, "another log"),
                (
                    "unsigned",
                    Array("\(archive.origin)\n21\n\(TreeHash.empty.base64)\n\n\u{2014} x AAAAAAA=\n".utf8),
                    "no key"
                ),
            ]
            let outcome = try check(archive, given: given.map { ($0.file, $0.bytes) } + [("good", good)])
            #expect(outcome.holding == 13)
            #expect(outcome.problems.map(\.checkpoint) == given.map(\.file))
            for (problem, given) in zip(outcome.problems, given) {
                #expect(problem.what.contains(given.what), "\(given.file): \(problem.what)")
                #expect(problem.segment == given.file && problem.sequence == nil)
            }
            // A kept one whose name says otherwise than its text.
            try Data(good).write(to: URL(filePath: archive.path + "/" + KeptCheckpoints.file(99)))
            #expect(try check(archive).problems.map(\.checkpoint) == [KeptCheckpoints.file(99)])
        }
    }

    @Test("one from elsewhere is believed before those the archive keeps, and narrowed by its like alone")
    func elsewhere() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let key = try KeyFile(archive).readOrCreate()
            try await fill(archive, keeper: CheckpointKeeper(archive, key: key))
            let other = try CheckpointNote(
                Checkpoint(origin: archive.origin, size: 35, root: .empty), signedBy: key)
            let alone = try check(archive, given: [("other", other.encoded)])
            #expect(alone.holding == 12 && alone.problems.count == 1)
            #expect(alone.problems.first?.what.contains("records 0 to 34 ") == true)
            let good = try #require(try KeptCheckpoints(archive).bytes(21))
            let narrowed = try check(archive, given: [("other", other.encoded), ("good", good)])
            #expect(narrowed.holding == 13 && narrowed.problems.count == 1)
            #expect(narrowed.problems.first?.what.contains("records 21 to 34 ") == true)
        }
    }

    @Test("only trusted keys count, and a list of keys that was changed is told")
    func trust() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, keeper: try keeper(archive))
            let other = try #require(SigningKey(name: archive.origin)).verifyingKey
            let distrusting = try CheckpointCheck(archive, trusting: [other]).run()
            #expect(distrusting.holding == 0 && distrusting.problems.count == 12)
            #expect(
                try CheckpointCheck(archive, trusting: [other] + archive.verifyingKeys()).run().holding == 12)
            try Data("nonsense\n".utf8).write(to: URL(filePath: archive.verifyingKeysPath))
            let outcome = try check(archive)
            #expect(outcome.problems.first?.checkpoint == "key.pub")
            #expect(outcome.problems.count == 13)
        }
    }

    @Test("what a damaged member hides cannot be checked, and what lies around it is")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, keeper: try keeper(archive))
            let segment = try #require(try archive.segments().dropFirst().first)
            let url = archive.logURL.appending(path: Archive.segmentName(segment))
            var bytes = [UInt8](try Data(contentsOf: url))
            let place = try #require(try SegmentFile(archive, segment).header(at: 0))
            bytes[Int(place.bodyOffset) + 20] ^= 1
            try Data(bytes).write(to: url)
            let outcome = try check(archive)
            #expect(outcome.holding > 8 && outcome.holding < 12)
            #expect(outcome.holding + outcome.problems.count == 12)
            #expect(outcome.problems.allSatisfy { $0.what.contains("cannot be checked") })
        }
    }

    @Test("a reader finds the log as it was signed, and not as somebody else says it was")
    func matches() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive)
            let reader = try LogReader(archive)
            let now = try reader.checkpoint()
            #expect(try reader.matches(now))
            for other in [
                Checkpoint(origin: archive.origin, size: 83, root: now.root),
                Checkpoint(origin: archive.origin, size: 85, root: now.root),
                Checkpoint(origin: "another", size: 84, root: now.root),
                Checkpoint(origin: archive.origin, size: 84, root: .empty),
            ] { #expect(try !reader.matches(other)) }
        }
    }

    @Test(
        "a size that no lines lead to is not signed, whatever a mark at the end states",
        arguments: [11, 50, 1 << 61, 1 << 63, UInt64.max], [true, false])
    func claimedSize(sequence: UInt64, hasLock: Bool) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try LogWriter.open(archive)
            _ = try await writer.append(LineBatch(0..<10))
            try await writer.close()
            let keeper = try keeper(archive)
            let root = try LogReader(archive).checkpoint().root
            var builder = try SegmentBuilder(continuing: try archive.bytes())
            builder.mark(.pause, at: sequence)
            try builder.write(to: archive)
            if !hasLock { try archive.removeLock() }
            // Refused, or what the lines lead to.
            if let note = try? keeper.keep() {
                #expect(note.checkpoint.size == 10 && note.checkpoint.root == root)
            }
            #expect(try KeptCheckpoints(archive).sizes().allSatisfy { $0 == 10 })
        }
    }

    @Test("a root that the lines do not lead to is not signed, though the size is right", arguments: [0, 10])
    func claimedRoot(signedBefore: Int) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keeper = try keeper(archive)
            for part in 0..<2 {
                let writer = try LogWriter.open(archive)
                _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10))
                try await writer.close()
                if part == 0, signedBefore > 0 { _ = try keeper.keep() }
            }
            let good = try archive.bytes()
            var builder = try SegmentBuilder(continuing: good)
            builder.mark(.pause, frontier: .forged(20))
            try builder.write(to: archive)
            let error = #expect(throws: LogError.self) { try keeper.keep() }
            #expect(error?.code == .damaged)
            #expect(try KeptCheckpoints(archive).sizes() == (signedBefore > 0 ? [10] : []))
            try Data(good).write(to: URL(filePath: archive.segmentPath(.zero)))
            #expect(try keeper.keep().checkpoint.size == 20)
            #expect(try check(archive).problems == [])
        }
    }
}
