// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// The tree as it is read back from the log's headers.
@Suite struct ProofTests {
    /// Members of one to three commits, segments of a few members.
    private static func options(memberByteCount: Int = 500, segmentByteCount: Int = 900) -> LogOptions {
        var options = LogOptions()
        options.memberByteCount = memberByteCount
        options.segmentByteCount = segmentByteCount
        return options
    }

    /// Writes `count` records in commits of varying size, in three sittings.
    private func fill(_ archive: Archive, count: Int, closing: Bool = true) async throws -> LogWriter {
        var generator = SeededGenerator(seed: 11)
        var next = 0
        for sitting in 1...3 {
            let writer = try LogWriter.open(archive, options: Self.options())
            while next < count * sitting / 3 {
                let end = min(count * sitting / 3, next + Int.random(in: 1...5, using: &generator))
                _ = try await writer.append(LineBatch(next..<end))
                next = end
            }
            if sitting == 3, !closing { return writer }
            try await writer.close()
        }
        return try LogWriter.open(archive, options: Self.options())
    }

    private func leaves(_ archive: Archive) throws -> [TreeHash] {
        try LogReader(archive).everything().lines.map { line in
            Array(line.utf8).withUnsafeBytes { TreeHash(leaf: $0) }
        }
    }

    private func root(_ leaves: some Collection<TreeHash>) -> TreeHash {
        leaves.reduce(into: TreeFrontier()) { $0.append(leaf: $1) }.root
    }

    @Test(
        "the root over every range of a log is that of its leaves, at rest and beside a writer",
        arguments: [true, false])
    func everyRange(isLive: Bool) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try await fill(archive, count: 53, closing: !isLive)
            if !isLive { try await writer.close() }
            let leaves = try leaves(archive)
            #expect(leaves.count == 53)
            #expect(try archive.segments().count > 3)
            // Together and each by itself: what one range leaves behind must not disturb the next.
            var shared = try TreeReader(archive)
            for start in 0..<leaves.count {
                for end in start + 1...leaves.count {
                    let expected = root(leaves[start..<end])
                    let range = UInt64(start)..<UInt64(end)
                    #expect(try shared.root(of: range) == expected, "\(range)")
                    var alone = try TreeReader(archive)
                    #expect(try alone.root(of: range) == expected, "\(range)")
                }
            }
            if isLive { try await writer.close() }
        }
    }

    @Test("the proof of every record in every size of the log holds, and is the tree's own")
    func everyInclusion() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, count: 41).close()
            let leaves = try leaves(archive)
            let reader = try LogReader(archive)
            for size in 1...UInt64(leaves.count) {
                for index in 0..<size {
                    let proof = try reader.proveInclusion(of: SequenceNumber(index), in: size)
                    #expect(proof.leaf == leaves[Int(index)] && proof.root == root(leaves[..<Int(size)]))
                    #expect(
                        proof.hashes
                            == TreeProof.inclusion(of: index, in: size) {
                                root(leaves[Int($0.lowerBound)..<Int($0.upperBound)])
                            })
                    #expect(proof.holds)
                }
            }
        }
    }

    @Test("the proof from every size of the log to every later one holds, and is the tree's own")
    func everyConsistency() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, count: 41).close()
            let leaves = try leaves(archive)
            let reader = try LogReader(archive)
            for size in 1...UInt64(leaves.count) {
                for old in 1...size {
                    let proof = try reader.proveConsistency(from: old, to: size)
                    #expect(
                        proof.oldRoot == root(leaves[..<Int(old)]) && proof.root == root(leaves[..<Int(size)])
                    )
                    #expect(
                        proof.hashes
                            == TreeProof.consistency(from: old, to: size) {
                                root(leaves[Int($0.lowerBound)..<Int($0.upperBound)])
                            })
                    #expect(proof.holds)
                }
            }
        }
    }

    @Test("a proof reads a few members, not the log")
    func cost() async throws {
        try await withTemporaryFolder { folder in
            let files = ReadingFileSystem()
            let archive = try Archive.create(folder, files: files)
            let options = Self.options(memberByteCount: 1200, segmentByteCount: 5000)
            let writer = try LogWriter.open(archive, options: options)
            var costs: [(size: UInt64, bytes: Int, members: Int)] = []
            for part in 1...8 {
                while try LogReader(archive).end().rawValue < UInt64(1 << (part + 6)) {
                    let next = Int(try LogReader(archive).end().rawValue)
                    _ = try await writer.append(LineBatch(next..<next + 32))
                }
                let size = try LogReader(archive).end().rawValue
                var generator = SeededGenerator(seed: UInt64(part))
                var worst = (bytes: 0, segments: 0)
                for _ in 0..<20 {
                    let index = UInt64.random(in: 0..<size, using: &generator)
                    files.reset()
                    #expect(try LogReader(archive).proveInclusion(of: SequenceNumber(index), in: size).holds)
                    worst = (
                        max(worst.bytes, files.counts.byteCount),
                        max(worst.segments, files.counts.segments.count)
                    )
                }
                costs.append((size, worst.bytes, worst.segments))
            }
            try await writer.close()
            let segmentCount = try archive.segments().count
            #expect(segmentCount > 40)
            for cost in costs {
                // One subtree for each level, two headers and a member for each, the root and the leaf besides.
                let levels = UInt64.bitWidth - cost.size.leadingZeroBitCount
                #expect(cost.members <= levels + 3, "\(cost)")
            }
            let (first, last) = (try #require(costs.first), try #require(costs.last))
            // 128 times as many records, 14 levels instead of 7.
            #expect(last.size >= 100 * first.size)
            #expect(last.bytes < 8 * first.bytes, "\(costs)")
        }
    }

    @Test("a record that cannot be read is named, and proofs beside it are still made")
    func damage() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, count: 60).close()
            let reader = try LogReader(archive)
            let good = try reader.proveInclusion(of: SequenceNumber(3), in: 20)
            let segment = try #require(try archive.segments().last { $0 <= SequenceNumber(30) })
            let url = archive.logURL.appending(path: Archive.segmentName(segment))
            var bytes = [UInt8](try Data(contentsOf: url))
            let place = try #require(
                try MemberIndex(SegmentFile(archive, segment)).lastPlace(atOrBefore: SequenceNumber(30)))
            bytes[Int(place.bodyOffset) + 20] ^= 4
            try Data(bytes).write(to: url)
            #expect {
                try reader.proveInclusion(of: SequenceNumber(30), in: 60)
            } throws: { error in
                (error as? LogError)?.code == .damaged && (error as? LogError)?.file.contains("log/") == true
            }
            #expect(try reader.proveInclusion(of: SequenceNumber(3), in: 20) == good)
        }
    }

    @Test("a proof for other tools has the form of C2SP tlog-proof")
    func tlogProof() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder, origin: "example.com/log")
            try await fill(archive, count: 5).close()
            let key = try KeyFile(archive).readOrCreate()
            let note = try CheckpointKeeper(archive, key: key).keep()
            let proof = try LogReader(archive).proveInclusion(of: SequenceNumber(4), in: 5)
            let lines = String(decoding: proof.tlogProof(note), as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[..<2] == ["c2sp.org/tlog-proof@v1", "index 4"])
            #expect(lines[2..<4].map { TreeHash(base64: $0) } == proof.hashes + [nil])
            #expect(lines[3] == "")
            #expect(Array(lines[4...].joined(separator: "\n").utf8) == note.encoded)
        }
    }
}
