// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Where the log ends is told by members that join on to one another, and by the last writer's word.
@Suite struct JoiningTests {
    /// A closed log of three records in each of three members, with a pause mark behind each.
    private func closedArchive(_ folder: URL) async throws -> Archive {
        let archive = try Archive.create(folder)
        for part in 0..<3 {
            let writer = try LogWriter.open(archive)
            _ = try await writer.append(LineBatch(part * 3..<part * 3 + 3))
            try await writer.close()
        }
        return archive
    }

    /// A log of commits of three records in one running member, as a killed process leaves it.
    private func killedArchive(_ folder: URL, commits: Int = 5) async throws -> Archive {
        let archive = try Archive.create(folder)
        let writer = try LogWriter.open(archive)
        for part in 0..<commits { _ = try await writer.append(LineBatch(part * 3..<part * 3 + 3)) }
        guard case .durable(let end) = try WriterLock.look(archive) else { throw LogTestError.noWriter }
        let bytes = try archive.bytes().prefix(Int(end.offset))
        let lock = try Data(contentsOf: URL(filePath: archive.lockPath))
        try await writer.close()
        try Data(bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
        try lock.write(to: URL(filePath: archive.lockPath))
        return archive
    }

    private func append(_ bytes: [UInt8], to archive: Archive) throws {
        try Data(try archive.bytes() + bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
    }

    /// Opens, writes three records, and checks that they stand behind the first `count`.
    private func goesOn(_ archive: Archive, after count: Int) async throws -> LogRecovery? {
        let writer = try LogWriter.open(archive)
        #expect(writer.durableEnd == SequenceNumber(UInt64(count)))
        _ = try await writer.append(LineBatch(count..<count + 3))
        try await writer.close()
        #expect(numbers(try LogReader(archive).everything().lines) == Array(0..<count + 3))
        #expect(try LogVerifier(archive).run().problems == [])
        return writer.recovery
    }

    @Test("an earlier pause mark that is there again ends nothing", arguments: [true, false])
    func copiedMark(hasLock: Bool) async throws {
        try await withTemporaryFolder { folder in
            let archive = try await closedArchive(folder)
            let segment = try SegmentFile(archive, .zero)
            var place = try #require(try segment.lastHeader(before: try segment.size()))
            while place.header.sequence > SequenceNumber(3) || place.header.kind != .pause {
                place = try #require(try segment.header(before: place))
            }
            let copied = place.header.encoded() + MemberHeader.markBody
            try append(copied, to: archive)
            if !hasLock { try archive.removeLock() }
            let recovery = try #require(try await goesOn(archive, after: 9))
            #expect(recovery.lostRecords == 0)
            #expect(recovery.cutByteCount == Int64(copied.count))
            #expect(try archive.kept() == [copied], "no torn write leaves a mark that stands")
        }
    }

    @Test("a mark that joins on and claims another end ends nothing", arguments: [0, 3, 10, 1 << 61])
    func claimedEnd(sequence: UInt64) async throws {
        try await withTemporaryFolder { folder in
            let archive = try await closedArchive(folder)
            for kind in [MemberHeader.Kind.pause, .end] {
                let good = try archive.bytes()
                var builder = try SegmentBuilder(continuing: good)
                builder.mark(kind, at: sequence)
                try append(Array(builder.bytes.dropFirst(good.count)), to: archive)
                let count = try LogReader(archive).everything().lines.count
                _ = try await goesOn(archive, after: count)
            }
        }
    }

    @Test("damage before the last member takes nothing behind it along", arguments: [true, false])
    func damageFurtherIn(hasLock: Bool) async throws {
        try await withTemporaryFolder { folder in
            let archive = try await closedArchive(folder)
            let good = try archive.bytes()
            let segment = try SegmentFile(archive, .zero)
            let mark = try #require(try segment.mark(endingAt: Int64(good.count)))
            let lines = try #require(try segment.header(before: mark))
            var bytes = good
            bytes[Int(lines.bodyOffset) + 30] ^= 4
            try Data(bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
            if !hasLock { try archive.removeLock() }
            let writer = try LogWriter.open(archive)
            #expect(writer.durableEnd == SequenceNumber(9) && writer.recovery == nil)
            _ = try await writer.append(LineBatch(9..<12))
            try await writer.close()
            #expect(try archive.kept() == [])
            #expect(try archive.bytes().starts(with: bytes))
            #expect(try LogVerifier(archive).run().problems.map(\.sequence) == [SequenceNumber(6)])
            // Put back, it is whole, with what was written since.
            bytes = try archive.bytes()
            bytes.replaceSubrange(0..<good.count, with: good)
            try Data(bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
            #expect(numbers(try LogReader(archive).everything().lines) == Array(0..<12))
            #expect(try LogVerifier(archive).run().problems == [])
        }
    }

    @Test("a chain of its own behind the last writer's end is no part of the log")
    func chain() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await closedArchive(folder)
            var builder = SegmentBuilder(after: LogState(next: SequenceNumber(3), frontier: .forged(3)))
            builder.lines(4)
            builder.mark(.pause)
            try append(builder.bytes, to: archive)
            _ = try await goesOn(archive, after: 9)
            #expect(try archive.kept() == [builder.bytes])
        }
    }

    @Test("a whole commit behind the last writer's end is taken, as a writer killed before it told leaves it")
    func behindTheEnd() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await closedArchive(folder)
            let good = try archive.bytes()
            var builder = try SegmentBuilder(continuing: good)
            builder.lines(2)
            builder.mark(.pause)
            try append(Array(builder.bytes.dropFirst(good.count)), to: archive)
            #expect(try await goesOn(archive, after: 11) == nil)
        }
    }

    @Test("acknowledged records whose bytes are there and changed are not written over")
    func refused() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await killedArchive(folder)
            var bytes = try archive.bytes()
            bytes[bytes.count / 2] ^= 0x20
            try Data(bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
            let lock = try Data(contentsOf: URL(filePath: archive.lockPath)).prefix(WriterLock.lineByteCount)
            let error = #expect(throws: LogError.self) { try LogWriter.open(archive) }
            #expect(error?.code == .damaged)
            #expect(error?.remedy.contains("verify --repair-from") == true, "\(error?.remedy ?? "")")
            #expect(try archive.bytes() == bytes, "nothing was touched")
            #expect(
                try Data(contentsOf: URL(filePath: archive.lockPath)).prefix(WriterLock.lineByteCount) == lock
            )
            // The way out of whoever has no copy: what is cut then is kept.
            try archive.removeLock()
            let writer = try LogWriter.open(archive)
            let recovery = try #require(writer.recovery)
            let end = Int(writer.durableEnd.rawValue)
            #expect(end > 0 && end < 15)
            let kept = try #require(try archive.kept().first)
            #expect(bytes.suffix(kept.count) == kept[...])
            #expect(recovery.keptCopy != nil)
            #expect("\(recovery)".contains("unfinished") == false, "\(recovery)")
            try await writer.close()
        }
    }

    @Test("without the last writer's word, what stands behind a damaged commit is kept before it is cut")
    func keptWithoutLock() async throws {
        try await withTemporaryFolder { folder in
            for place in [2, 3] {
                let archive = try await killedArchive(folder.appending(path: "\(place)"))
                var bytes = try archive.bytes()
                bytes[bytes.count * place / 5] ^= 0x20
                try Data(bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
                try archive.removeLock()
                let writer = try LogWriter.open(archive)
                #expect(writer.durableEnd < SequenceNumber(12))
                let kept = try #require(try archive.kept().first)
                #expect(bytes.suffix(kept.count) == kept[...])
                try await writer.close()
            }
            // One torn commit is nobody's loss.
            let archive = try await killedArchive(folder.appending(path: "torn"))
            let bytes = try archive.bytes()
            try Data(bytes.dropLast(20)).write(to: URL(filePath: archive.segmentPath(.zero)))
            try archive.removeLock()
            let writer = try LogWriter.open(archive)
            #expect(writer.durableEnd == SequenceNumber(12))
            #expect(try archive.kept() == [])
            #expect(writer.recovery?.keptCopy == nil)
            try await writer.close()
        }
    }

    @Test("a segment that does not join on to the one before it is not written on")
    func foreignSegment() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "one"))
            var options = LogOptions()
            options.memberByteCount = 300
            options.segmentByteCount = 300
            for place in ["one", "two"] {
                let archive = try Archive.openOrCreate(folder.appending(path: place))
                let writer = try LogWriter.open(archive, options: options)
                for part in 0..<4 {
                    _ = try await writer.append(LineBatch(part * 5..<part * 5 + 5, salt: place))
                }
                try await writer.close()
            }
            let last = try #require(try archive.segments().last)
            let other = try Archive.open(folder.appending(path: "two"))
            let bytes = try other.bytes(of: last)
            #expect(bytes != (try archive.bytes(of: last)))
            try Data(bytes).write(to: URL(filePath: archive.segmentPath(last)))
            for hasLock in [true, false] {
                if !hasLock { try archive.removeLock() }
                let error = #expect(throws: LogError.self) { try LogWriter.open(archive, options: options) }
                #expect(error?.code == .damaged)
                #expect(try archive.bytes(of: last) == bytes)
            }
        }
    }
}
