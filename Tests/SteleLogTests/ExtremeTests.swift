// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Numbers as large as bytes can hold, with every check sum made to fit: refused or read, and never the end of the
/// process.
@Suite struct ExtremeTests {
    private static let extremes: [UInt64] = [
        0, 1, 2, 9, 12, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 61, 1 << 62 - 1, 1 << 62, 1 << 63 - 1, 1 << 63,
        .max - 1, .max,
    ]

    /// Asks everything of an archive that a command asks.
    ///
    /// Each may be refused; nothing may trap.
    private func ask(_ archive: Archive, _ folder: URL) async throws {
        func attempt(_ body: () throws -> Void) {
            // Whether it is refused is not the question here.
            try? body()
        }
        attempt { _ = try LogReader(archive).end() }
        attempt { _ = try LogReader(archive).checkpoint() }
        attempt { _ = try LogReader(archive).everything() }
        for extreme in Self.extremes {
            attempt { _ = try LogReader(archive).everything(from: SequenceNumber(extreme)) }
            attempt { _ = try LogReader(archive).sequence(atOrAfter: Int64(bitPattern: extreme)) }
            attempt { _ = try LogReader(archive).line(SequenceNumber(extreme)) }
        }
        attempt { _ = try LogVerifier(archive, threadCount: 2).run() }
        attempt { _ = try ArchiveCheck(archive).run() }
        attempt { _ = try CheckpointCheck(archive, trusting: nil, threadCount: 1).run() }
        attempt { _ = try CheckpointKeeper(archive, key: KeyFile(archive).readOrCreate()).keep() }
        for first in (try? archive.segments()) ?? [] {
            attempt {
                _ = try SealedRewrite(archive, options: LogOptions(), level: 6).run(
                    first, isStopping: { false })
            }
        }
        let mirror = Mirror(of: archive, at: folder.appending(path: "mirror"))
        for _ in 0..<12 { _ = try? await mirror.step() }
        attempt { _ = try MirrorStatus(of: archive) }
        await mirror.close()
        attempt {
            var repair = try LogRepair(archive, from: SecondCopy(folder.appending(path: "good")))
            _ = try repair.run()
        }
        if let writer = try? LogWriter.open(archive) {
            _ = try? await writer.append(LineBatch(0..<2))
            try? await writer.close()
        }
    }

    /// A good archive of a sealed segment and an active one, and the archive that is forged.
    private func archives(_ folder: URL) async throws -> Archive {
        let good = try Archive.create(folder.appending(path: "good"))
        var options = LogOptions()
        options.memberByteCount = 600
        options.segmentByteCount = 500
        let writer = try LogWriter.open(good, options: options)
        for part in 0..<5 { _ = try await writer.append(LineBatch(part * 3..<part * 3 + 3)) }
        try await writer.close()
        try #require(try good.segments().count > 1)
        return good
    }

    private func forge(_ folder: URL, _ change: (Archive) throws -> Void) async throws {
        let place = folder.appending(path: "forged")
        // Removed only to make room for the next one.
        try? FileManager.default.removeItem(at: place)
        try? FileManager.default.removeItem(at: folder.appending(path: "mirror"))
        try FileManager.default.copyItem(at: folder.appending(path: "good"), to: place)
        let archive = try Archive.open(place)
        try change(archive)
        try await ask(archive, folder)
    }

    private func append(_ header: MemberHeader, to archive: Archive, _ first: SequenceNumber) throws {
        let bytes = try archive.bytes(of: first) + header.encoded() + MemberHeader.markBody
        try Data(bytes).write(to: URL(filePath: archive.segmentPath(first)))
    }

    @Test("headers of every kind, at the end of the log and as a segment's first")
    func headers() async throws {
        try await withTemporaryFolder { folder in
            let good = try await archives(folder)
            let last = try #require(try good.segments().last)
            for extreme in Self.extremes {
                for kind in [MemberHeader.Kind.lines, .pause, .end] {
                    let header = MemberHeader(
                        kind: kind, sequence: SequenceNumber(extreme),
                        time: CaptureTime(microseconds: Int64(bitPattern: extreme)),
                        previousSize: UInt32(truncatingIfNeeded: extreme),
                        previousCRC: UInt32(truncatingIfNeeded: extreme), frontier: .forged(extreme),
                        directory: kind == .end
                            ? [
                                MemberEntry(
                                    offset: UInt32(clamping: extreme),
                                    recordsBefore: UInt32(clamping: extreme),
                                    time: CaptureTime(microseconds: .max)),
                                MemberEntry(
                                    offset: 0, recordsBefore: 0, time: CaptureTime(microseconds: .min)),
                            ] : [])
                    try await forge(folder) { try append(header, to: $0, last) }
                    try await forge(folder) { archive in
                        let bytes = header.encoded() + MemberHeader.markBody
                        try Data(bytes).write(to: URL(filePath: archive.segmentPath(last)))
                    }
                    try await forge(folder) { archive in
                        let bytes = header.encoded() + MemberHeader.markBody
                        try Data(bytes).write(to: URL(filePath: archive.segmentPath(.zero)))
                        try archive.removeLock()
                    }
                }
            }
        }
    }

    @Test("a mark that joins on to the members before it")
    func joining() async throws {
        try await withTemporaryFolder { folder in
            let good = try Archive.create(folder.appending(path: "good"))
            var builder = SegmentBuilder()
            builder.lines(4)
            builder.lines(5)
            try builder.write(to: good)
            for extreme in Self.extremes {
                for kind in [MemberHeader.Kind.pause, .end] {
                    var forged = builder
                    forged.mark(kind, at: extreme)
                    try await forge(folder) { try forged.write(to: $0) }
                }
            }
        }
    }

    @Test("the line in lock")
    func lock() async throws {
        try await withTemporaryFolder { folder in
            let good = try await archives(folder)
            let last = try #require(try good.segments().last)
            for sequence in Self.extremes {
                for segment in [0, last.rawValue, sequence] as [UInt64] {
                    for offset in [0, 1, 300, Int64.max / 2, .max - 1] as [Int64] {
                        let line = WriterLock.line(
                            DurableEnd(
                                sequence: SequenceNumber(sequence), segment: SequenceNumber(segment),
                                offset: offset, memberCRC: 7))
                        try await forge(folder) { archive in
                            let holder = WriterLock.holderLine("process 1 on elsewhere")
                            try Data(line + holder).write(to: URL(filePath: archive.lockPath))
                        }
                    }
                }
            }
        }
    }

    @Test("names of segments")
    func names() async throws {
        try await withTemporaryFolder { folder in
            let good = try await archives(folder)
            let segments = try good.segments()
            for extreme in Self.extremes + [5] {
                for first in segments {
                    for hasLock in [true, false] {
                        try await forge(folder) { archive in
                            let path = archive.logPath + "/" + Archive.segmentName(SequenceNumber(extreme))
                            guard !FileManager.default.fileExists(atPath: path) else { return }
                            try FileManager.default.moveItem(atPath: archive.segmentPath(first), toPath: path)
                            if !hasLock { try archive.removeLock() }
                        }
                    }
                }
            }
        }
    }

    @Test("a log whose only segment has another name is refused, and stays as it is")
    func renamed() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var builder = SegmentBuilder()
            builder.lines(4)
            builder.mark(.pause)
            try builder.write(to: archive)
            let path = archive.segmentPath(SequenceNumber(5))
            try FileManager.default.moveItem(atPath: archive.segmentPath(.zero), toPath: path)
            let error = #expect(throws: LogError.self) { try LogWriter.open(archive) }
            #expect(error?.code == .damaged)
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(builder.bytes))
        }
    }

    @Test("signed checkpoints of every size, with a root that is not the log's")
    func checkpoints() async throws {
        try await withTemporaryFolder { folder in
            let good = try await archives(folder)
            let key = try KeyFile(good).readOrCreate()
            for extreme in Self.extremes {
                let note = try CheckpointNote(
                    Checkpoint(
                        origin: good.origin, size: extreme, root: TreeHash(left: .empty, right: .empty)),
                    signedBy: key)
                try await forge(folder) { archive in
                    _ = try KeptCheckpoints(archive).keep(note)
                    let outcome = try CheckpointCheck(archive, trusting: nil).run()
                    #expect(outcome.problems.count == 1)
                    if extreme == 0 {
                        #expect(outcome.problems.first?.what.contains("0 records") == true)
                    }
                }
            }
        }
    }

    @Test("a format that there never was is none", arguments: [-3, 0])
    func format(number: Int) async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let text = String(
                decoding: try archive.files.contents(of: archive.descriptionPath), as: UTF8.self)
            let changed = text.replacing(#""stele" : 1"#, with: #""stele" : \#(number)"#)
            #expect(changed != text)
            try Data(changed.utf8).write(to: URL(filePath: archive.descriptionPath))
            let error = #expect(throws: LogError.self) { try Archive.open(folder) }
            #expect(error?.code == .notAnArchive)
        }
    }
}
