// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Readers stay small, whatever a file claims.
@Suite struct BoundTests {
    /// A member whose one commit claims to be `byteCount` bytes of the letter a, which deflate makes a thousandth of.
    private func bomb(
        _ byteCount: Int, first: SequenceNumber = .zero, frontier: TreeFrontier = TreeFrontier()
    )
        -> [UInt8]
    {
        let header = MemberHeader(
            kind: .lines, sequence: first, time: CaptureTime(microseconds: 1_700_000_000_000_000),
            previousSize: 0, previousCRC: 0, frontier: frontier)
        let start = Array(
            #"{"seq":\#(first),"at":"2023-11-14T22:13:20.000000Z","commit":{"records":2,"crc32":"00000000"},"x":""#
                .utf8)
        var body: [UInt8] = []
        let deflater = Deflater(level: 9)
        start.withUnsafeBytes { deflater.deflate($0, finish: false, into: &body) }
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        for _ in 0..<(byteCount >> 20) {
            letters.withUnsafeBytes { deflater.deflate($0, finish: false, into: &body) }
        }
        deflater.deflate(UnsafeRawBufferPointer(start: nil, count: 0), finish: true, into: &body)
        return header.encoded() + body + [UInt8](repeating: 0, count: 8)
    }

    @Test("a member that claims a commit of gigabytes is damage, named, and never held in memory")
    func bombs() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let bytes = bomb(300 << 20)
            #expect(bytes.count < 1 << 20, "small on disk")
            try Data(bytes).write(to: archive.logURL.appending(path: Archive.segmentName(.zero)))

            let problems = try LogVerifier(archive, threadCount: 2).run().problems
            #expect(problems.map(\.sequence) == [.zero])
            #expect(problems.first?.what.contains("longer than 67108864 bytes") == true)
            let (lines, holes) = try LogReader(archive).everything()
            #expect(lines.isEmpty)
            #expect(holes.first?.what.contains("longer than 67108864 bytes") == true)

            let inflater = Inflater()
            var options = ReadingOptions()
            options.commitByteLimit = 3 << 20
            var scan = MemberScan(try MemberHeader(bytes), inflater: inflater, options: options)
            let body = bytes.dropFirst(try MemberHeader(bytes).byteCount)
            body.withUnsafeBytes { _ = scan.feed($0) }
            #expect(
                scan.state
                    == .invalid("a commit is longer than 3145728 bytes, which is all that is read of one"))
            #expect(inflater.capacity < 8 << 20)
            inflater.reset()
            #expect(inflater.capacity < 1 << 20, "and what was needed once is given back")
        }
    }

    @Test("good members around such a one are read")
    func bombBetween() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 3000
            options.segmentByteCount = 100
            let writer = try LogWriter.open(archive, options: options)
            for start in stride(from: 0, to: 120, by: 40) {
                _ = try await writer.append(LineBatch(start..<start + 40))
            }
            try await writer.close()
            let segments = try archive.segments()
            try #require(segments.count == 3)
            let middle = archive.logURL.appending(path: Archive.segmentName(segments[1]))
            let header = try #require(try SegmentFile(archive, segments[1]).header(at: 0)?.header)
            try Data(bomb(80 << 20, first: segments[1], frontier: header.frontier)).write(to: middle)
            let (lines, holes) = try LogReader(archive).everything()
            #expect(numbers(lines) == Array(0..<40) + Array(80..<120))
            #expect(holes.map(\.first) == [SequenceNumber(40)])
            #expect(holes.map(\.end) == [SequenceNumber(80)])
            let problems = try LogVerifier(archive).run().problems
            #expect(problems.first?.lost == SequenceNumber(40)..<SequenceNumber(80))
        }
    }

    @Test("a commit larger than what is proven at once is checked, read and found", arguments: [3, 12])
    func largeCommit(megabytes: Int) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try LogWriter.open(archive)
            var generator = SeededGenerator(seed: 1)
            var batch = LineBatch()
            let noise = (0..<megabytes << 17).map { _ in generator.next() }
            batch.append { bytes in
                bytes += Array(#""via":"callback","event":{"n":10,"x":""#.utf8)
                for number in noise {
                    for shift in stride(from: UInt64(0), to: 64, by: 8) {
                        bytes.append(0x20 | UInt8(number >> shift & 0x5D))
                    }
                }
                bytes += Array(#""}"#.utf8)
            }
            _ = try await writer.append(LineBatch(0..<10))
            _ = try await writer.append(batch)
            _ = try await writer.append(LineBatch(11..<30))
            try await writer.close()
            #expect(try LogVerifier(archive).run().problems == [])
            let reader = try LogReader(archive)
            for start in [0, 9, 10, 11, 29] {
                let lines = try reader.everything(from: SequenceNumber(UInt64(start))).lines
                #expect(numbers(lines) == Array(start..<30))
            }
        }
    }

    @Test("what a reader would refuse, the writer does not take")
    func largestBatch() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try LogWriter.open(archive)
            var batch = LineBatch()
            let letters = [UInt8](
                repeating: UInt8(ascii: "a"),
                count: ReadingOptions.largestBatch - CommitLines.lineOverhead - 6)
            batch.append { $0 += Array(#""x":""#.utf8) + letters + Array(#"""#.utf8) }
            // The largest there is, with others that wait before it.
            let largest = batch
            async let before = writer.append(LineBatch(0..<1000))
            async let taken = writer.append(largest)
            _ = try await (before, taken)
            batch.append { $0 += Array(#""x":1"#.utf8) }
            let refused = batch
            let error = await #expect(throws: LogError.self) { try await writer.append(refused) }
            #expect(error?.code == .tooLarge)
            #expect(writer.failure == nil, "the log is as good as before")
            _ = try await writer.append(LineBatch(0..<3))
            try await writer.close()
            let verification = try LogVerifier(archive).run()
            #expect(verification.problems == [])
            #expect(verification.records == 1004)
            var cursor = try LogReader(archive).cursor(from: .zero)
            var count = 0
            while case .lines(let lines)? = try cursor.next() { count += lines.count }
            #expect(count == 1004)
        }
    }

    @Test(
        "lines that shrink a hundredfold all come out, however they are cut into pieces",
        arguments: [1, 7, 64, 1024])
    func denseLines(pieceKiB: Int) async throws {
        var composer = CommitComposer(after: .start, clock: { 1_700_000_000_000_000 })
        var options = LogOptions()
        options.memberByteCount = 1 << 30
        var segments = SegmentComposer(after: .start, options: options)
        var commit = ComposedCommit()
        var image = CommitImage()
        var bytes: [UInt8] = []
        for number in 0..<60 {
            var batch = LineBatch()
            batch.append { line in
                line += Array(#""n":\#(number),"x":""#.utf8)
                line += [UInt8](repeating: UInt8(ascii: "a"), count: 100_000 + number)
                line += Array(#"""#.utf8)
            }
            composer.compose([batch], into: &commit)
            segments.compose(commit, into: &image)
            bytes += image.bytes
        }
        let header = try MemberHeader(bytes)
        var scan = MemberScan(header)
        var rest = bytes.dropFirst(header.byteCount)
        var count = 0
        while !rest.isEmpty {
            let piece = rest.prefix(pieceKiB * 1024)
            rest = rest.dropFirst(piece.withUnsafeBytes { scan.feed($0) })
            while let lines = scan.takeCommits() {
                count += lines.count
                #expect(lines.bytes.count < 3 << 20)
            }
        }
        #expect(count == 60)
        #expect(scan.next == SequenceNumber(60))
        #expect(scan.state == .hungry)
    }

    @Test("every flipped bit of a commit's lines is noticed, whether they come at once or byte by byte")
    func commitFlips() {
        for count in [1, 2, 5] {
            let lines = CommitLines(
                [LineBatch(0..<count)], first: SequenceNumber(41),
                time: CaptureTime(microseconds: 1_700_000_000_000_000))
            var scan = CommitScan()
            var good = lines.bytes
            good.withUnsafeBytes { #expect(scan.read($0, expecting: SequenceNumber(41)) == .whole) }
            #expect(scan.ends == lines.ends)
            #expect(scan.crc == lines.crc)
            scan.begin()
            for end in 0..<good.count {
                let outcome = good.withUnsafeBytes {
                    scan.read(UnsafeRawBufferPointer(rebasing: $0[..<end]), expecting: SequenceNumber(41))
                }
                #expect(outcome == .incomplete)
            }
            good.withUnsafeBytes { #expect(scan.read($0, expecting: SequenceNumber(41)) == .whole) }
            #expect(scan.ends == lines.ends)
            for bit in 0..<good.count * 8 {
                good[bit / 8] ^= 1 << (bit % 8)
                scan.begin()
                let outcome = good.withUnsafeBytes { scan.read($0, expecting: SequenceNumber(41)) }
                #expect(outcome != .whole, "bit \(bit)")
                good[bit / 8] ^= 1 << (bit % 8)
            }
        }
    }
}
