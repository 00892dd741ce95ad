// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// A second copy that follows: whatever happens on either side, it is a beginning of the log, and never loses.
@Suite struct MirrorTests {
    @Test("the mirror follows commits, members and segments, and is an archive that proves itself")
    func follows() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try LogWriter.open(pair.archive, options: pair.options)
            let mirror = pair.mirror()
            for part in 0..<40 {
                _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10))
                guard part % 3 == 0 else { continue }
                try await pair.ship(mirror)
                try pair.expectSame("after commit \(part)")
                let copy = try pair.copy()
                #expect(try LogReader(copy).end() == writer.durableEnd)
                #expect(try LogVerifier(copy, threadCount: 1).run().isIntact)
            }
            try await writer.close()
            try await pair.ship(mirror)
            try pair.expectSame("closed")
            let copy = try pair.copy()
            #expect(try numbers(LogReader(copy).everything().lines) == Array(0..<400))
            #expect(try copy.segments().count > 5)
            let stock = try run("zcat \(copy.logPath)/*.gz")
            #expect(stock.status == 0)
            #expect(numbers(stock.output.split(separator: "\n").map(String.init)) == Array(0..<400))
            #expect(mirror.status.records == 400)
            #expect(mirror.status.behind == 0 && mirror.status.bytesBehind == 0)
            await mirror.close()
            // It takes the archive's place: written on like any other.
            let next = try LogWriter.open(copy, options: pair.options)
            #expect(next.recovery == nil)
            _ = try await next.append(LineBatch(400..<410))
            try await next.close()
            #expect(try LogVerifier(copy, threadCount: 1).run().isIntact)
        }
    }

    @Test("a log that was there before the mirror arrives whole, by a new shipper at every step")
    func catchesUp() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try LogWriter.open(pair.archive, options: pair.options)
            for part in 0..<30 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            var isMore = true
            var end = SequenceNumber.zero
            while isMore {
                let mirror = pair.mirror()
                isMore = try await mirror.step() == nil
                await mirror.close()
                // The first step of a new shipper looks at both sides, then ships one thing.
                let now = try LogReader(try pair.copy()).end()
                #expect(now >= end)
                guard now > end else { break }
                end = now
            }
            try await pair.ship(pair.mirror())
            try pair.expectSame("caught up")
            try await writer.close()
        }
    }

    @Test("segments that were compressed again are shipped again, and readers lose nothing meanwhile")
    func recompressed() async throws {
        try await withTemporaryFolder { folder in
            var options = LogOptions()
            options.memberByteCount = 1000
            options.segmentByteCount = 1
            options.clock = { 1_700_000_000_000_000 }
            let pair = try MirrorPair(folder, options: options)
            options.compressionLevel = 9
            let tight = try Archive.create(folder.appending(path: "tight"), origin: pair.archive.origin)
            let mirror = pair.mirror()
            let writer = try LogWriter.open(pair.archive, options: pair.options)
            let other = try LogWriter.open(tight, options: options)
            for part in 0..<6 {
                _ = try await writer.append(LineBatch(part * 20..<part * 20 + 20))
                _ = try await other.append(LineBatch(part * 20..<part * 20 + 20))
            }
            _ = try await writer.append(LineBatch(120..<121))
            try await pair.ship(mirror)
            try await other.close()
            for first in [0, 40, 100] as [UInt64] {
                let first = SequenceNumber(first)
                let bytes = try tight.files.contents(of: tight.segmentPath(first))
                #expect(try pair.archive.files.contents(of: pair.archive.segmentPath(first)) != bytes)
                try pair.archive.files.writeWhole(
                    bytes, to: pair.archive.segmentPath(first), in: pair.archive.logPath)
            }
            try await pair.ship(mirror)
            try pair.expectSame("compressed again")
            _ = try await writer.append(LineBatch(121..<140))
            try await writer.close()
            try await pair.ship(mirror)
            try pair.expectSame("and written on")
            #expect(try LogVerifier(try pair.copy(), threadCount: 1).run().isIntact)
        }
    }

    @Test("an archive that was killed and recovered is followed on", arguments: [0, 1, 40])
    func recovered(torn: Int) async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try LogWriter.open(pair.archive)
            for part in 0..<5 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            var mirror = pair.mirror()
            try await pair.ship(mirror)
            await mirror.close()
            let killed = try pair.copyOfArchive("killed")
            try await writer.close()
            let segment = try SegmentFile(killed, .zero, .update)
            try segment.file.write(
                [UInt8](repeating: 9, count: torn), at: try segment.size())
            let again = try LogWriter.open(killed)
            #expect(again.recovery != nil)
            _ = try await again.append(LineBatch(50..<60))
            mirror = pair.mirror(of: killed)
            try await pair.ship(mirror)
            try pair.expectSame("recovered", killed)
            try await again.close()
            try await pair.ship(mirror)
            try pair.expectSame("closed", killed)
        }
    }

    @Test("a mirror that has what the archive lost is left as it is, and says so")
    func neverDestroys() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            var writer = try LogWriter.open(pair.archive, options: pair.options)
            for part in 0..<8 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            try await writer.close()
            let old = try pair.copyOfArchive("old")
            writer = try LogWriter.open(pair.archive, options: pair.options)
            for part in 8..<20 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            var mirror = pair.mirror()
            try await pair.ship(mirror)
            await mirror.close()
            try await writer.close()
            let before = try pair.bytesOfMirror()

            mirror = pair.mirror(of: old)
            var error = await #expect(throws: MirrorError.self) { try await pair.ship(mirror) }
            #expect(error?.code == .ahead)
            #expect(
                error?.what.contains("200") == true && error?.what.contains("80") == true,
                "\(error?.what ?? "")")
            #expect(mirror.status.problem != nil && mirror.status.remedy?.contains("Keep the mirror") == true)
            #expect(try pair.bytesOfMirror() == before)
            await mirror.close()
            // Without the word of the lock it is the bytes that tell.
            try FileManager.default.removeItem(atPath: try pair.copy().lockPath)
            mirror = pair.mirror(of: old)
            error = await #expect(throws: MirrorError.self) { try await pair.ship(mirror) }
            #expect(error?.code == .ahead)
            await mirror.close()

            writer = try LogWriter.open(old, options: pair.options)
            for part in 8..<30 {
                _ = try await writer.append(LineBatch(5000 + part * 10..<5000 + part * 10 + 10))
            }
            try await writer.close()
            mirror = pair.mirror(of: old)
            error = await #expect(throws: MirrorError.self) { try await pair.ship(mirror) }
            #expect(error?.code == .diverged)
            #expect(try pair.bytesOfMirror() == before)
        }
    }

    @Test("a mirror that was written to, torn or damaged is made whole again from the archive")
    func healed() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try LogWriter.open(pair.archive)
            for part in 0..<10 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            var mirror = pair.mirror()
            try await pair.ship(mirror)
            await mirror.close()
            let copy = try pair.copy()
            let size = try SegmentFile(copy, .zero).size()
            // Opened as an archive of its own, and closed: other bytes, the same records.
            try await LogWriter.open(copy).close()
            #expect(try SegmentFile(copy, .zero).size() > size)
            mirror = pair.mirror()
            try await pair.ship(mirror)
            try pair.expectSame("closed by another writer")
            await mirror.close()
            for change in ["torn", "flipped", "cut", "emptied", "removed"] {
                let segment = try SegmentFile(copy, .zero, .update)
                switch change {
                case "torn": try segment.file.write([UInt8](repeating: 7, count: 90), at: try segment.size())
                case "flipped": try segment.file.write([0xA5], at: try segment.size() / 2)
                case "cut": try segment.file.truncate(to: try segment.size() / 3)
                case "emptied": try segment.file.truncate(to: 0)
                default: try copy.files.remove(copy.segmentPath(.zero))
                }
                mirror = pair.mirror()
                try await pair.ship(mirror)
                try pair.expectSame(change)
                await mirror.close()
            }
            try await writer.close()
        }
    }

    @Test("what is damaged in the archive does not arrive, and the mirror stays as it was")
    func damagedSource() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try LogWriter.open(pair.archive)
            for part in 0..<5 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            let mirror = pair.mirror()
            try await pair.ship(mirror)
            let size = try pair.durableByteCount()
            for part in 5..<10 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            let segment = try SegmentFile(pair.archive, .zero, .update)
            let place = (size + (try pair.durableByteCount())) / 2
            let byte = try segment.bytes(at: place, count: 1)
            try segment.file.write([byte[0] ^ 4], at: place)
            var error = await #expect(throws: MirrorError.self) { try await pair.ship(mirror) }
            #expect(error?.code == .damagedArchive)
            error = await #expect(throws: MirrorError.self) { try await pair.ship(mirror) }
            #expect(error?.code == .damagedArchive)
            #expect(mirror.status.records == 50)
            #expect(mirror.status.behind == 50)
            #expect(try LogReader(try pair.copy()).everything().lines.count >= 50)
            try segment.file.write(byte, at: place)
            try await pair.ship(mirror)
            try pair.expectSame("mended")
            try await writer.close()
        }
    }

    @Test("folders that are not the mirror's are refused, and stay as they are")
    func refusedFolders() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            func refusal(_ url: URL) async -> MirrorError.Code? {
                let mirror = Mirror(of: pair.archive, at: url)
                do { try await mirror.open() } catch { return error.code }
                await mirror.close()
                return nil
            }
            let manager = FileManager.default
            let home = folder.appending(path: "documents")
            try manager.createDirectory(at: home, withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: home.appending(path: "letter.txt"))
            #expect(await refusal(home) == .foreign)
            #expect(try manager.contentsOfDirectory(atPath: home.path) == ["letter.txt"])
            let other = try Archive.create(folder.appending(path: "other"))
            #expect(await refusal(other.url) == .foreign)
            // Within each other, also by a link, also where the folder is still to be made.
            #expect(await refusal(pair.archive.url) == .overlaps)
            #expect(await refusal(pair.archive.url.appending(path: "second/copy")) == .overlaps)
            #expect(await refusal(folder) == .overlaps)
            let link = folder.appending(path: "link")
            try manager.createSymbolicLink(at: link, withDestinationURL: pair.archive.url)
            #expect(await refusal(link.appending(path: "copy")) == .overlaps)
            #expect(await refusal(folder.appending(path: "new/copy")) == nil)
        }
    }

    @Test("one mirror has one shipper, and a mirror that is gone is not begun anew")
    func lockedAndGone() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try LogWriter.open(pair.archive)
            _ = try await writer.append(LineBatch(0..<10))
            let mirror = pair.mirror()
            try await pair.ship(mirror)
            var error = await #expect(throws: MirrorError.self) { try await pair.mirror().step() }
            #expect(error?.code == .locked)
            #expect(error?.what.contains("process \(getpid())") == true)
            await mirror.close()
            try FileManager.default.removeItem(at: pair.place)
            try FileManager.default.createDirectory(at: pair.place, withIntermediateDirectories: true)
            let again = pair.mirror()
            #expect(again.isKnown)
            error = await #expect(throws: MirrorError.self) { try await again.step() }
            #expect(error?.code == .gone)
            #expect(try FileManager.default.contentsOfDirectory(atPath: pair.place.path).isEmpty)
            let status = try #require(try MirrorStatus(of: pair.archive))
            #expect(status.problem != nil)
            try await writer.close()
        }
    }

    @Test("the archive tells of its mirror, also to another process, and whether anybody follows")
    func status() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            #expect(try MirrorStatus(of: pair.archive) == nil)
            let writer = try LogWriter.open(pair.archive)
            _ = try await writer.append(LineBatch(0..<10))
            let mirror = pair.mirror()
            try await pair.ship(mirror)
            var status = try #require(try MirrorStatus(of: pair.archive))
            #expect(status.records == 10 && status.behind == 0 && status.problem == nil && status.at != nil)
            _ = try await writer.append(LineBatch(10..<15))
            status = try #require(try MirrorStatus(of: pair.archive))
            #expect(status.records == 10 && status.behind == 5 && status.bytesBehind > 20)
            #expect(status.problem == nil)
            await mirror.close()
            status = try #require(try MirrorStatus(of: pair.archive))
            #expect(status.problem == "nothing ships to it now")
            try await writer.close()
        }
    }

    @Test("attachments, checkpoints and the public key arrive; the private key does not")
    func besideTheLog() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let archive = pair.archive
            var hashes: [String] = []
            for number in 0..<20 {
                hashes.append(try archive.storeAttachment(Array("picture \(number)".utf8)))
            }
            let damaged = archive.attachmentURL(sha256: hashes[7])
            try Data("another".utf8).write(to: damaged)
            try Data("private".utf8).write(to: URL(filePath: archive.keyPath))
            try Data("public\n".utf8).write(to: archive.url.appending(path: "key.pub"))
            let checkpoints = URL(filePath: archive.checkpointsPath)
            try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: true)
            try Data("signed".utf8).write(to: checkpoints.appending(path: "000000000010"))
            let mirror = pair.mirror()
            try await pair.ship(mirror)
            let copy = try pair.copy()
            for hash in hashes where hash != hashes[7] {
                #expect(
                    try Data(contentsOf: copy.attachmentURL(sha256: hash))
                        == Data(contentsOf: archive.attachmentURL(sha256: hash)))
            }
            #expect(!copy.hasAttachment(sha256: hashes[7]))
            #expect(mirror.status.problem?.contains("not what its name says") == true)
            #expect(!FileManager.default.fileExists(atPath: copy.keyPath))
            #expect(try Data(contentsOf: copy.url.appending(path: "key.pub")) == Data("public\n".utf8))
            #expect(
                try Data(contentsOf: URL(filePath: copy.checkpointsPath + "/000000000010"))
                    == Data("signed".utf8))
            try Data("picture 7".utf8).write(to: damaged)
            try Data("public\nanother\n".utf8).write(to: archive.url.appending(path: "key.pub"))
            try await pair.ship(mirror)
            #expect(copy.hasAttachment(sha256: hashes[7]))
            #expect(mirror.status.problem == nil)
            #expect(
                try Data(contentsOf: copy.url.appending(path: "key.pub")) == Data("public\nanother\n".utf8))
        }
    }

    @Test(
        "what was signed just before the end arrives when shipping is finished, however lately it was looked for"
    )
    func lastCheckpoint() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let archive = pair.archive
            let writer = try LogWriter.open(archive, options: pair.options)
            _ = try await writer.append(LineBatch(0..<10))
            var options = MirrorOptions()
            let now = ContinuousClock.now
            options.now = { now }
            let mirror = Mirror(of: archive, at: pair.place, options: options)
            while try await mirror.step() == nil {}
            _ = try await writer.append(LineBatch(10..<20))
            try await writer.close()
            let note = try CheckpointKeeper(archive, key: try KeyFile(archive).readOrCreate()).keep()
            let status = await mirror.finish(within: .seconds(60))
            #expect(status.records == 20 && status.problem == nil)
            let copy = try pair.copy()
            #expect(try KeptCheckpoints(copy).bytes(20) == note.encoded)
            #expect(try copy.verifyingKeys() == archive.verifyingKeys())
            await mirror.close()
        }
    }
}

/// An archive and the folder of its mirror.
struct MirrorPair {
    let archive: Archive
    let place: URL
    let options: LogOptions
    private let folder: URL

    init(_ folder: URL, options: LogOptions? = nil) throws {
        var small = LogOptions()
        small.memberByteCount = 2500
        small.segmentByteCount = 1000
        self.options = options ?? small
        self.folder = folder
        archive = try Archive.create(folder.appending(path: "archive"))
        place = folder.appending(path: "second")
    }

    /// A shipper that compares everything at every step.
    func mirror(of archive: Archive? = nil, files: any FileSystem = LocalFileSystem()) -> Mirror {
        var options = MirrorOptions()
        options.surveyInterval = .zero
        let start = ContinuousClock.now
        let ticks = Counter()
        options.now = { start + .seconds(ticks.next()) }
        options.surveyInterval = .seconds(40)
        return Mirror(of: archive ?? self.archive, at: place, files: files, options: options)
    }

    /// Ships until everything is there, twice: what the first round compared may have changed meanwhile.
    func ship(_ mirror: Mirror) async throws {
        for _ in 0..<30 { while try await mirror.step() == nil {} }
    }

    func copy(files: any FileSystem = LocalFileSystem()) throws -> Archive {
        try Archive.open(place, files: files)
    }

    func copyOfArchive(_ name: String) throws -> Archive {
        let url = folder.appending(path: name)
        try FileManager.default.copyItem(at: archive.url, to: url)
        return try Archive.open(url)
    }

    func bytesOfMirror() throws -> [String: Data] {
        let copy = try copy()
        return Dictionary(
            uniqueKeysWithValues: try copy.files.names(in: copy.logPath).map {
                ($0, try Data(contentsOf: copy.logURL.appending(path: $0)))
            })
    }

    /// Durable bytes of the active segment.
    func durableByteCount() throws -> Int64 {
        guard case .durable(let end) = try WriterLock.look(archive) else { throw LogTestError.noWriter }
        return end.offset
    }

    /// Byte for byte the archive's log, as far as that is durable.
    func expectSame(_ what: String, _ archive: Archive? = nil) throws {
        let archive = archive ?? self.archive
        let copy = try copy()
        #expect(try copy.segments() == archive.segments(), "\(what)")
        let sighting = try WriterLock.look(archive)
        for first in try archive.segments() {
            var bytes = try archive.files.contents(of: archive.segmentPath(first))
            // What stands behind the durable end is no part of it.
            if case .durable(let end) = sighting, end.segment == first {
                bytes = Array(bytes.prefix(Int(end.offset)))
            }
            let isSame = try copy.files.contents(of: copy.segmentPath(first)) == bytes
            #expect(isSame, "\(what): segment \(first)")
        }
    }
}
