// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Whatever is changed in a log is found, and what is around it is still read.
@Suite struct VerifierTests {
    private static let recordCount = 900

    private var options: LogOptions {
        var options = LogOptions()
        options.memberByteCount = 6000
        options.segmentByteCount = 6000
        return options
    }

    private func fill(_ archive: Archive, _ range: Range<Int>) async throws -> LogWriter {
        let writer = try LogWriter.open(archive, options: options)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 30) {
            _ = try await writer.append(LineBatch(start..<start + 30))
        }
        return writer
    }

    /// The problems found and the records read after `change`.
    private func damaged(
        _ archive: Archive, _ segment: SequenceNumber, _ change: (inout [UInt8]) -> Void
    ) throws -> (verification: LogVerification, numbers: [Int], holes: [LogHole]) {
        let url = archive.logURL.appending(path: Archive.segmentName(segment))
        let good = try Data(contentsOf: url)
        var bytes = [UInt8](good)
        change(&bytes)
        #expect(bytes != [UInt8](good), "the damage is real")
        try Data(bytes).write(to: url)
        let verification = try LogVerifier(archive).run()
        let (lines, holes) = try LogReader(archive).everything()
        try good.write(to: url)
        return (verification, numbers(lines), holes)
    }

    @Test("a good log has no problem, live, closed and grown, and always the same root")
    func good() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            #expect(try LogVerifier(archive).run().isIntact)
            let writer = try await fill(archive, 0..<Self.recordCount)
            let live = try LogVerifier(archive).run()
            #expect(live.problems == [])
            #expect(live.records == Self.recordCount)
            try await writer.close()
            let closed = try LogVerifier(archive).run()
            #expect(closed.problems == [])
            #expect(closed.root == live.root)
            var frontier = TreeFrontier()
            for line in try LogReader(archive).everything().lines {
                Array(line.utf8).withUnsafeBytes { frontier.append(leaf: TreeHash(leaf: $0)) }
            }
            #expect(closed.root == frontier.root)
        }
    }

    @Test("every flipped bit is found, and reading goes on around it", arguments: [true, false])
    func flippedBits(isClosed: Bool) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try await fill(archive, 0..<Self.recordCount)
            if isClosed { try await writer.close() }
            let segments = try archive.segments()
            #expect(segments.count > 2)
            var durableByteCount = 0
            if case .durable(let end) = try WriterLock.look(archive) { durableByteCount = Int(end.offset) }
            var generator = SeededGenerator(seed: isClosed ? 1 : 2)
            for round in 0..<150 {
                // The last segment, which holds the running member, as often as all others together.
                let segment =
                    round % 2 == 0
                    ? segments[segments.count - 1] : segments.randomElement(using: &generator) ?? .zero
                var place = 0
                let result = try damaged(archive, segment) { bytes in
                    let count =
                        isClosed || segment != segments.last ? bytes.count : durableByteCount
                    place = Int.random(in: 0..<count * 8, using: &generator)
                    bytes[place / 8] ^= 1 << (place % 8)
                }
                #expect(!result.verification.isIntact, "segment \(segment), bit \(place)")
                #expect(
                    result.verification.problems.allSatisfy {
                        $0.segment.contains("0000") && !$0.what.isEmpty
                    })
                // What is read is what was written, in order, and every record not read is in a hole.
                #expect(result.numbers == result.numbers.sorted())
                let missing = Set(0..<Self.recordCount).subtracting(result.numbers)
                let told = result.holes.reduce(into: Set<Int>()) { told, hole in
                    told.formUnion(
                        Int(hole.first.rawValue)..<(hole.end.map { Int($0.rawValue) } ?? Self.recordCount))
                }
                #expect(missing.isSubset(of: told), "segment \(segment), bit \(place)")
            }
            if !isClosed { try await writer.close() }
        }
    }

    @Test("every cut of the last 4 KiB is found")
    func cuts() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, 0..<Self.recordCount).close()
            let segment = try #require(try archive.segments().last)
            let size = try SegmentFile(archive, segment).size()
            for cut in 1...min(4096, Int(size)) {
                let result = try damaged(archive, segment) { $0.removeLast(cut) }
                #expect(!result.verification.isIntact, "\(cut) bytes cut")
            }
        }
    }

    @Test("members swapped, dropped, repeated or zeroed are found")
    func members() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = options
            options.segmentByteCount = 1 << 20
            let writer = try LogWriter.open(archive, options: options)
            for start in stride(from: 0, to: Self.recordCount, by: 30) {
                _ = try await writer.append(LineBatch(start..<start + 30))
            }
            try await writer.close()
            let segment = try SegmentFile(archive, .zero)
            var places: [Int] = []
            var offset: Int64 = 0
            while let place = try segment.firstHeader(from: offset) {
                places.append(Int(place.offset))
                offset = place.bodyOffset
            }
            #expect(places.count > 8)
            for index in 0..<places.count - 3 {
                let first = places[index]..<places[index + 1]
                let second = places[index + 1]..<places[index + 2]
                let changes: [(inout [UInt8]) -> Void] = [
                    {
                        $0.replaceSubrange(
                            first.lowerBound..<second.upperBound, with: Array($0[second] + $0[first]))
                    },
                    { $0.removeSubrange(first) },
                    { $0.insert(contentsOf: Array($0[first]), at: first.upperBound) },
                    { for place in first { $0[place] = 0 } },
                ]
                for (kind, change) in changes.enumerated() {
                    let result = try damaged(archive, .zero, change)
                    #expect(!result.verification.isIntact, "member \(index), change \(kind)")
                    let kept = Set(result.numbers)
                    #expect(
                        kept.isSuperset(of: (index + 2) * 60..<Self.recordCount),
                        "member \(index), change \(kind)")
                    #expect(
                        result.numbers == kept.sorted(), "member \(index), change \(kind): once, in order")
                }
            }
        }
    }

    @Test("segments removed, swapped or repeated are found")
    func segments() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, 0..<Self.recordCount).close()
            let segments = try archive.segments()
            for (index, segment) in segments.enumerated() {
                let url = archive.logURL.appending(path: Archive.segmentName(segment))
                let good = try Data(contentsOf: url)
                try FileManager.default.removeItem(at: url)
                let removed = try LogVerifier(archive).run()
                #expect(!removed.isIntact, "segment \(index) removed")
                if index + 1 < segments.count {
                    let other = archive.logURL.appending(path: Archive.segmentName(segments[index + 1]))
                    try Data(contentsOf: other).write(to: url)
                    #expect(try !LogVerifier(archive).run().isIntact, "segment \(index) replaced by the next")
                }
                try good.write(to: url)
                #expect(try LogVerifier(archive).run().isIntact)
            }
        }
    }

    @Test("a line changed in a member that is sealed again is found by the tree")
    func forgedLine() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = options
            options.segmentByteCount = 1 << 20
            var batches = (0..<8).map { LineBatch($0 * 60..<$0 * 60 + 60) }
            func bytes(_ batches: [LineBatch]) throws -> [UInt8] {
                var fixed = options
                fixed.clock = { 1_700_000_000_000_000 }
                var composer = CommitComposer(after: .start, clock: fixed.clock)
                var segments = SegmentComposer(after: .start, options: fixed)
                var commit = ComposedCommit()
                var image = CommitImage()
                let commits = batches.flatMap { batch in
                    composer.compose([batch], into: &commit)
                    segments.compose(commit, into: &image)
                    return image.bytes
                }
                return commits + (segments.pause()?.bytes ?? [])
            }
            let honest = try bytes(batches)
            batches[2] = LineBatch(120..<180, salt: "forged")
            let forged = try bytes(batches)
            let url = archive.logURL.appending(path: Archive.segmentName(.zero))
            try Data(honest).write(to: url)
            #expect(try LogVerifier(archive).run().isIntact)
            // The forged member takes the place of the honest one, with sums made to fit: only the tree disagrees.
            let segment = try SegmentFile(archive, .zero)
            var offset: Int64 = 0
            var places: [SegmentFile.Place] = []
            while let place = try segment.firstHeader(from: offset) {
                places.append(place)
                offset = place.bodyOffset
            }
            try Data(forged).write(to: url)
            let forgedSegment = try SegmentFile(archive, .zero)
            offset = 0
            var forgedPlaces: [SegmentFile.Place] = []
            while let place = try forgedSegment.firstHeader(from: offset) {
                forgedPlaces.append(place)
                offset = place.bodyOffset
            }
            let index = try #require(places.firstIndex { $0.header.sequence == SequenceNumber(120) })
            let member = Array(forged[Int(forgedPlaces[index].offset)..<Int(forgedPlaces[index + 1].offset)])
            var header = places[index + 1].header
            header.previousSize = UInt32(member.count)
            header.previousCRC = Checksum.crc32(member)
            let mixed =
                Array(honest[..<Int(places[index].offset)]) + member + header.encoded()
                + Array(honest[Int(places[index + 1].bodyOffset)...])
            try Data(mixed).write(to: url)
            let problems = try LogVerifier(archive).run().problems
            #expect(
                problems.contains {
                    $0.what.contains("do not match the tree") && $0.sequence == header.sequence
                })
        }
    }

    /// Everything a closer look at each segment finds, without the threads that prove what is good.
    private func closely(_ archive: Archive) throws -> (problems: [LogProblem], records: Int) {
        let scope = try VerificationScope(archive, options: ReadingOptions())
        var problems: [LogProblem] = []
        var records = 0
        var expected: LogState? = LogState()
        for (index, first) in scope.segments.enumerated() {
            // Between segments the verifier itself compares.
            if let known = expected, known.next != first { expected = nil }
            let outcome = try scope.check(index).run(from: expected)
            problems += outcome.problems
            records += outcome.records
            expected = outcome.end
        }
        return (problems, records)
    }

    @Test("what the threads prove good is what a closer look finds good, on any number of threads")
    func threads() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = options
            options.memberByteCount = 2500
            options.segmentByteCount = 3000
            // Closed and opened again, so that pause marks stand between members.
            for start in stride(from: 0, to: 900, by: 300) {
                let writer = try LogWriter.open(archive, options: options)
                for part in 0..<10 {
                    _ = try await writer.append(LineBatch(start + part * 30..<start + part * 30 + 30))
                }
                try await writer.close()
            }
            let segments = try archive.segments()
            #expect(segments.count > 5)
            var generator = SeededGenerator(seed: 11)
            for round in 0..<120 {
                var originals: [(URL, Data)] = []
                for _ in 0..<round % 4 {
                    let url = archive.logURL.appending(
                        path: Archive.segmentName(segments.randomElement(using: &generator) ?? .zero))
                    let good = try Data(contentsOf: url)
                    originals.append((url, good))
                    var bytes = [UInt8](good)
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                        UInt8(1) << UInt8(generator.next() % 8)
                    try Data(bytes).write(to: url)
                }
                let one = try LogVerifier(archive, threadCount: 1).run()
                #expect(one.isIntact == (round % 4 == 0 || one.problems.isEmpty))
                for count in [2, 5] {
                    let many = try LogVerifier(archive, threadCount: count).run()
                    #expect(many.problems == one.problems, "round \(round), \(count) threads")
                    #expect(many.records == one.records)
                    #expect(many.root == one.root)
                }
                let close = try closely(archive)
                #expect(close.records == one.records, "round \(round)")
                #expect(close.problems == one.problems.filter { !$0.what.contains("segment was removed") })
                for problem in one.problems { #expect(!problem.stands.isEmpty) }
                for (url, good) in originals.reversed() { try good.write(to: url) }
            }
            #expect(try LogVerifier(archive).run().isIntact)
        }
    }

    @Test("progress rises in small steps to the whole, on the thread that asked")
    func progress() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = options
            options.segmentByteCount = 1 << 20
            let writer = try LogWriter.open(archive, options: options)
            for start in stride(from: 0, to: 3000, by: 30) {
                _ = try await writer.append(LineBatch(start..<start + 30))
            }
            try await writer.close()
            var steps: [Int64] = []
            var total: Int64 = 0
            let thread = pthread_self()
            _ = try LogVerifier(archive, threadCount: 1).run { done, all in
                #expect(pthread_equal(pthread_self(), thread) != 0)
                steps.append(done)
                total = all
            }
            #expect(steps == steps.sorted())
            #expect(steps.last == total)
            #expect(steps.count > 20)
            #expect(zip(steps, steps.dropFirst()).allSatisfy { $1 - $0 < total / 5 })
        }
    }

    @Test("flipped bits of a log whose writer was killed are found up to what was durable")
    func killed() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "live"))
            let writer = try await fill(archive, 0..<130)
            guard case .durable(let end) = try WriterLock.look(archive) else { throw LogTestError.noWriter }
            let killed = try Archive.create(folder.appending(path: "killed"))
            try FileManager.default.removeItem(at: killed.logURL)
            try FileManager.default.copyItem(at: archive.logURL, to: killed.logURL)
            try FileManager.default.copyItem(atPath: archive.lockPath, toPath: killed.lockPath)
            try await writer.close()
            #expect(try LogVerifier(killed).run().problems == [])
            let url = killed.logURL.appending(path: Archive.segmentName(end.segment))
            var bytes = [UInt8](try Data(contentsOf: url))
            #expect(bytes.count == Int(end.offset))
            let last = try #require(try SegmentFile(killed, end.segment).lastHeader(before: end.offset))
            #expect(last.header.kind == .lines)
            for place in stride(from: Int(last.offset), to: Int(end.offset), by: 3) {
                for bit in [0, 5] {
                    bytes[place] ^= 1 << bit
                    try Data(bytes).write(to: url)
                    #expect(try !LogVerifier(killed).run().isIntact, "byte \(place), bit \(bit)")
                    bytes[place] ^= 1 << bit
                }
            }
            // The very last bytes bear no line, and are vouched for all the same.
            for place in Int(end.offset) - 12..<Int(end.offset) {
                bytes[place] ^= 4
                try Data(bytes).write(to: url)
                #expect(try !LogVerifier(killed).run().isIntact, "byte \(place)")
                bytes[place] ^= 4
            }
        }
    }

    @Test("a problem says what is lost and what stands")
    func stands() {
        func problem(_ lost: Range<SequenceNumber>?, at sequence: UInt64? = 12) -> LogProblem {
            LogProblem(segment: "log/x", sequence: sequence.map { SequenceNumber($0) }, what: "w", lost: lost)
        }
        let (twelve, twenty) = (SequenceNumber(12), SequenceNumber(20))
        #expect(problem(twelve..<twenty).stands == "Records before 12 and from 20 on are not touched by it.")
        #expect(problem(.zero..<twenty).stands == "Records from 20 on are not touched by it.")
        #expect(problem(twelve..<twelve).stands.hasPrefix("No record is touched by it"))
        #expect(problem(nil).stands == "Records before 12 are not touched by it.")
        #expect(problem(nil, at: nil).stands == "Which records it touches cannot be told.")
    }
}
