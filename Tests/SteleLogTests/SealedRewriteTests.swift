// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import SteleLog

/// Sealed segments written anew: the same lines in fewer bytes, or the old file.
@Suite struct SealedRewriteTests {
    private var options: LogOptions {
        var options = LogOptions()
        options.memberByteCount = 8000
        options.segmentByteCount = 6000
        return options
    }

    /// A closed archive of several sealed segments and an active one.
    private func fill(_ archive: Archive, options: LogOptions) async throws {
        for session in 0..<3 {
            let writer = try LogWriter.open(archive, options: options)
            for start in stride(from: session * 600, to: session * 600 + 600, by: 5) {
                _ = try await writer.append(LineBatch(start..<start + 5))
            }
            try await writer.close()
        }
    }

    private static func isOver(_ outcome: SealedRewrite.Outcome?) -> Bool {
        switch outcome {
        case .rewritten, .left: true
        case .damaged, .stopped, nil: false
        }
    }

    private func size(_ archive: Archive) throws -> Int64 {
        try archive.segments().dropLast().reduce(0) { try $0 + SegmentFile(archive, $1).size() }
    }

    @Test("rewritten segments hold the same lines, read by Stele and by stock tools, and are smaller")
    func sameLines() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, options: options)
            let before = try LogReader(archive).everything().lines
            let root = try LogVerifier(archive).run().root
            let segments = try archive.segments()
            #expect(segments.count > 3)
            let large = try size(archive)

            var options = options
            options.sealedCompressionLevel = 6
            let writer = try LogWriter.open(archive, options: options)
            await writer.finishRewriting()
            #expect(writer.rewriteFailure == nil)
            try await writer.close()
            #expect(try archive.segments() == segments)
            #expect(try size(archive) < large * 9 / 10)
            for segment in segments.dropLast() {
                #expect(try SegmentFile(archive, segment).header(at: 0)?.header.effort == .best)
            }
            #expect(try LogReader(archive).everything().lines == before)
            let verification = try LogVerifier(archive).run()
            #expect(verification.problems == [])
            #expect(verification.root == root)
            let stock = try run("zcat \(archive.logPath)/*.jsonl.gz")
            #expect(stock.status == 0)
            #expect(stock.output.split(separator: "\n").map(String.init) == before)
            #expect(try archive.files.names(in: archive.logPath).allSatisfy { $0.hasSuffix(".jsonl.gz") })
        }
    }

    @Test("segments that are sealed while a writer lives are rewritten behind it")
    func behindTheWriter() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = options
            options.sealedCompressionLevel = 9
            let writer = try LogWriter.open(archive, options: options)
            for start in stride(from: 0, to: 1500, by: 5) {
                _ = try await writer.append(LineBatch(start..<start + 5))
            }
            await writer.finishRewriting()
            let sealed = try archive.segments().dropLast()
            #expect(sealed.count > 2)
            for segment in sealed {
                #expect(try SegmentFile(archive, segment).header(at: 0)?.header.effort == .best)
            }
            let (lines, holes) = try LogReader(archive).everything()
            #expect(holes.isEmpty)
            #expect(numbers(lines) == Array(0..<1500))
            try await writer.close()
        }
    }

    @Test("a damaged segment is left as it is, to be named and repaired")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, options: options)
            let url = archive.logURL.appending(path: Archive.segmentName(.zero))
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count / 2] ^= 0x10
            try bytes.write(to: url)
            let rewrite = SealedRewrite(archive, options: options, level: 6)
            guard case .damaged = try rewrite.run(.zero, isStopping: { false }) else {
                Issue.record("the damage was written over")
                return
            }
            #expect(try Data(contentsOf: url) == bytes)
        }
    }

    @Test("an error or a stop at any step leaves one whole segment or the other, and nothing beside it")
    func everyStep() async throws {
        try await withTemporaryFolder { folder in
            let files = MemoryFileSystem()
            let archive = try Archive.create(folder, files: files)
            try await fill(archive, options: options)
            let before = try LogReader(archive).everything().lines
            let rewrite = SealedRewrite(archive, options: options, level: 6)
            var asked = 0
            #expect(
                try rewrite.run(.zero) {
                    asked += 1; return asked == 2
                } == .stopped)
            var step = 0
            var failures = 0
            while true {
                let failing = files.operations + step
                files.setFault { index, _ in
                    index == failing ? MemoryFileSystem.Fault(number: EIO, writtenByteCount: 7) : nil
                }
                let outcome = try? rewrite.run(.zero, isStopping: { false })
                files.setFault { _, _ in nil }
                var generator = SeededGenerator(seed: UInt64(step))
                let survivor = Archive(
                    url: folder, origin: archive.origin, files: files.afterPowerLoss(using: &generator))
                for place in [archive, survivor] {
                    #expect(try LogReader(place).everything().lines == before, "step \(step)")
                    #expect(try LogVerifier(place).run().problems == [], "step \(step)")
                }
                // Left, when it failed only after the new file had its place.
                let isOver = Self.isOver(outcome)
                if isOver { break }
                failures += 1
                step += 1
            }
            #expect(failures > 10)
            #expect(try rewrite.run(.zero, isStopping: { false }) == .left)
        }
    }

    @Test(
        "a live log whose last segment was just sealed and written anew is whole, to verify and to a mirror")
    func sealedAndLive() async throws {
        try await withTemporaryFolder { folder in
            var options = options
            options.sealedCompressionLevel = 9
            let pair = try MirrorPair(folder, options: options)
            let archive = pair.archive
            let writer = try LogWriter.open(archive, options: options)
            let mirror = pair.mirror()
            var end = 0
            for seals in 1...3 {
                while true {
                    _ = try await writer.append(LineBatch(end..<end + 5))
                    end += 5
                    let last = try SegmentFile(archive, try #require(try archive.segments().last))
                    guard case .durable = try WriterLock.look(archive) else { throw LogTestError.noWriter }
                    if try last.mark(endingAt: try last.size())?.header.kind == .end { break }
                }
                // Seen before and after it is written anew.
                if seals == 2 { try await pair.ship(mirror) }
                await writer.finishRewriting()
                let last = try SegmentFile(archive, try #require(try archive.segments().last))
                #expect(try last.header(at: 0)?.header.effort == .best)
                #expect(try LogVerifier(archive).run().problems == [])
                #expect(try ArchiveCheck(archive).run() == [])
                #expect(try LogReader(archive).end() == writer.durableEnd)
                let (lines, holes) = try LogReader(archive).everything()
                #expect(numbers(lines) == Array(0..<end) && holes.isEmpty)
                try await pair.ship(mirror)
                #expect(mirror.status.problem == nil)
                #expect(mirror.status.records == UInt64(end))
                try pair.expectSame("sealed and written anew")
            }
            await mirror.close()
            try await writer.close()
        }
    }

    @Test("everyone who waits for the rewriting is told how it goes")
    func severalWaiters() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            try await fill(archive, options: options)
            var options = options
            options.sealedCompressionLevel = 9
            let rewriter = try #require(SealedRewriter(archive, options: options))
            let waiters = (0..<3).map { _ in Waiter() }
            let (begun, begin) = AsyncStream<Void>.makeStream()
            await withTaskGroup(of: Void.self) { group in
                for waiter in waiters {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            rewriter.whenIdle(continuation) { left in
                                waiter.note(left)
                                begin.yield()
                            }
                        }
                    }
                }
                // Not before all of them wait.
                var waiting = begun.makeAsyncIterator()
                for _ in waiters { await waiting.next() }
                rewriter.start()
            }
            rewriter.stop()
            let told = waiters.map(\.told)
            #expect(try told.allSatisfy { $0.count == (try archive.segments().count) }, "\(told)")
            #expect(told.allSatisfy { $0.last == 1 }, "\(told)")
        }
    }
}

/// What somebody who waits is told.
private final class Waiter: Sendable {
    private let lefts = Mutex<[Int]>([])
    var told: [Int] { lefts.withLock { $0 } }
    func note(_ left: Int) { lefts.withLock { $0.append(left) } }
}
