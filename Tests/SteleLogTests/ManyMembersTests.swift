// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// A segment lists its members in one header, which holds so many and no more.
@Suite struct ManyMembersTests {
    /// Members of one segment that no writer makes any more.
    private static let tooMany = 2100

    private func memberCounts(_ archive: Archive) throws -> [Int] {
        try archive.segments().map { first in
            var rest = try archive.bytes(of: first)
            var count = 0
            while let place = rest.firstRange(of: MemberHeader.magic)?.lowerBound {
                rest.removeFirst(place)
                if let header = try? MemberHeader(rest), header.kind == .lines { count += 1 }
                rest.removeFirst(1)
            }
            return count
        }
    }

    @Test("a log that is opened and closed again and again begins a new segment in time")
    func openedAndClosed() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberLimit = 5
            for round in 0..<23 {
                let writer = try LogWriter.open(archive, options: options)
                #expect(writer.recovery == nil)
                _ = try await writer.append(LineBatch(round..<round + 1))
                try await writer.close()
            }
            #expect(try memberCounts(archive) == [5, 5, 5, 5, 3])
            #expect(numbers(try LogReader(archive).everything().lines) == Array(0..<23))
            #expect(try LogVerifier(archive).run().problems == [])
        }
    }

    @Test("a log that is killed again and again begins a new segment in time")
    func killed() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberLimit = 5
            for round in 0..<13 {
                let writer = try LogWriter.open(archive, options: options)
                _ = try await writer.append(LineBatch(round..<round + 1))
                let killed = try Data(archive.bytes(of: try #require(try archive.segments().last)))
                let last = try #require(try archive.segments().last)
                try await writer.close()
                // As it was before it closed.
                for first in try archive.segments() where first > last {
                    try archive.files.remove(archive.segmentPath(first))
                }
                try killed.write(to: URL(filePath: archive.segmentPath(last)))
                try archive.removeLock()
            }
            #expect(try memberCounts(archive).allSatisfy { $0 <= 5 })
            #expect(numbers(try LogReader(archive).everything().lines) == Array(0..<13))
            try await LogWriter.open(archive, options: options).close()
            #expect(try LogVerifier(archive).run().problems == [])
        }
    }

    @Test("a segment of more members than one header lists is sealed, read, proven and written anew")
    func pastTheBound() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var builder = SegmentBuilder()
            for _ in 0..<Self.tooMany {
                builder.lines(1)
                builder.mark(.pause)
            }
            try builder.write(to: archive)
            var options = LogOptions()
            options.memberByteCount = 100
            let count = Self.tooMany
            let writer = try LogWriter.open(archive, options: options)
            #expect(writer.recovery == nil)
            for part in 0..<3 { _ = try await writer.append(LineBatch(count + part..<count + part + 1)) }
            try await writer.close()
            #expect(try archive.segments() == [.zero, SequenceNumber(UInt64(count))])

            let reader = try LogReader(archive)
            #expect(numbers(try reader.everything().lines) == Array(0..<count + 3))
            for start in [0, 1, 1000, 1999, count - 1, count, count + 2] {
                let found = try reader.everything(from: SequenceNumber(UInt64(start)))
                #expect(found.lines.count == count + 3 - start)
                #expect(found.holes.isEmpty)
            }
            let verification = try LogVerifier(archive, threadCount: 2).run()
            #expect(verification.problems == [])
            #expect(verification.records == count + 3)
            #expect(try reader.checkpoint().root == verification.root)
            for sequence in [0, 7, 1500, UInt64(count)] {
                #expect(
                    try reader.proveInclusion(of: SequenceNumber(sequence), in: UInt64(count + 3)).holds)
            }
            // Nothing would be gained by as many members again.
            #expect(
                try SealedRewrite(archive, options: options, level: 6).run(.zero, isStopping: { false })
                    == .left)
            options.memberByteCount = 1 << 18
            #expect(
                try SealedRewrite(archive, options: options, level: 6).run(.zero, isStopping: { false })
                    == .rewritten)
            #expect(try memberCounts(archive) == [2, 3])
            #expect(try LogVerifier(archive).run().root == verification.root)
        }
    }

    @Test("an end mark that lists nothing is damage where there was room for a list")
    func emptyDirectory() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var builder = SegmentBuilder()
            for _ in 0..<5 { builder.lines(2) }
            builder.mark(.end, directory: [])
            try builder.write(to: archive)
            #expect(
                try LogVerifier(archive).run().problems.contains {
                    $0.what.contains("does not list the members")
                })
        }
    }
}
