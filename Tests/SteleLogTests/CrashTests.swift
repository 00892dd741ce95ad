// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import SteleLog

/// A kill, a loss of power, or an error at every single operation of a log's life.
///
/// The life: a new archive, its first segment, commits, closed members, sealed segments and new ones, a writer that
/// closes, another that opens. What is asked afterwards is always the same: see ``CrashScene/check(_:after:)``.
@Suite struct CrashTests {
    @Test("a kill at any operation, and a loss of power then or later, takes nothing acknowledged")
    func killedAnywhere() async throws {
        try await withTemporaryFolder { folder in
            let scene = CrashScene(folder)
            let instants = try await scene.instants()
            #expect(instants.count > 100)
            for (index, instant) in instants.enumerated() {
                var generator = SeededGenerator(seed: UInt64(index))
                let what = "operation \(index), \(instant.operation)"
                // Killed, written on, and only then without power.
                let killed = try scene.place(instant)
                let told = try await scene.check(killed, instant.told, what)
                try await scene.check(
                    scene.withoutPower(killed, &generator), told, "\(what), power lost later", writing: 910)
                // Killed and opened, and without power before anything was written.
                let opened = try scene.place(instant)
                let writer = try LogWriter.open(opened, options: scene.options)
                let promised = writer.durableEnd
                let survivor = try scene.withoutPower(opened, &generator)
                try await writer.close()
                try await scene.check(survivor, instant.told, "\(what), opened", atLeast: promised)
                // Power lost at that very instant.
                try await scene.check(
                    scene.withoutPower(scene.place(instant), &generator), instant.told,
                    "\(what), power lost")
            }
        }
    }

    @Test(
        "after an error at any operation nothing acknowledged is lost, now or without power",
        arguments: [
            MemoryFileSystem.Fault(number: EIO), .init(number: ENOSPC, writtenByteCount: 33),
            .init(number: EIO, writtenByteCount: .max),
        ])
    func failingAnywhere(fault: MemoryFileSystem.Fault) async throws {
        try await withTemporaryFolder { folder in
            let scene = CrashScene(folder)
            var failing = 0
            var reached: Set<MemoryFileSystem.Operation> = []
            while true {
                var generator = SeededGenerator(seed: UInt64(failing))
                let files = MemoryFileSystem(seed: UInt64(failing))
                let hit = Mutex<MemoryFileSystem.Operation?>(nil)
                let index = failing
                files.setFault { number, operation in
                    guard number == index else { return nil }
                    hit.withLock { $0 = operation }
                    return fault
                }
                let archive = try scene.newArchive(files)
                let told = Told()
                try await scene.life(archive, told)
                guard let operation = hit.withLock({ $0 }) else { break }
                reached.insert(operation)
                let what = "error \(fault.number) at operation \(failing), \(operation)"
                // First without power, as it is now: the check itself writes on.
                let survivor = try scene.withoutPower(archive, &generator)
                try await scene.check(archive, told.batches, what)
                try await scene.check(survivor, told.batches, "\(what), power lost")
                failing += 1
            }
            #expect(failing > 100)
            // Everything the log does to files was refused once.
            #expect(
                reached.isSuperset(of: [
                    .open, .create, .read, .size, .names, .write, .sync, .truncate, .rename, .makeFolder,
                    .syncFolder,
                ]), "\(reached)")
        }
    }

    @Test(
        "while damage is being cut off, an error or a loss of power at any operation leaves its bytes somewhere",
        arguments: [EIO, ENOSPC])
    func damageIsKept(fault: Int32) async throws {
        try await withTemporaryFolder { folder in
            let scene = CrashScene(folder)
            let (damaged, lock, tail) = try await scene.damagedLog()
            var failing = 0
            var reached: Set<MemoryFileSystem.Operation> = []
            while true {
                var generator = SeededGenerator(seed: UInt64(failing))
                let archive = try scene.place(damaged, lock: lock)
                let files = try #require(archive.files as? MemoryFileSystem)
                let hit = Mutex<MemoryFileSystem.Operation?>(nil)
                let index = files.operations + failing
                files.setFault { number, operation in
                    guard number == index else { return nil }
                    hit.withLock { $0 = operation }
                    return .init(number: fault, writtenByteCount: 33)
                }
                let first = try? LogWriter.open(archive, options: scene.options)
                files.setFault { _, _ in nil }
                // With the word of the last writer: without it, damage at the end looks like a torn write.
                let survivor = try scene.withoutPower(archive, &generator, lock: lock)
                try? await first?.close()
                guard let operation = hit.withLock({ $0 }) else { break }
                reached.insert(operation)
                for archive in [archive, survivor] {
                    let writer = try LogWriter.open(archive, options: scene.options)
                    #expect(writer.durableEnd == SequenceNumber(3), "\(failing), \(operation)")
                    _ = try await writer.append(LineBatch(700..<703))
                    try await writer.close()
                    let kept = try scene.keptBytes(archive)
                    #expect(
                        kept.contains { $0.starts(with: tail) },
                        "\(failing), \(operation): \(kept.map(\.count))")
                    #expect(numbers(try LogReader(archive).everything().lines) == [0, 1, 2, 700, 701, 702])
                }
                failing += 1
            }
            #expect(reached.isSuperset(of: [.truncate, .write, .sync, .makeFolder, .rename, .syncFolder]))
        }
    }

    @Test("a read that fails while opening does not shorten the log, whatever it was about to read")
    func failingReads() async throws {
        try await withTemporaryFolder { folder in
            let scene = CrashScene(folder)
            let files = MemoryFileSystem()
            let archive = try scene.newArchive(files)
            // One sealed segment whose end mark is long: its directory is read in two steps.
            var options = LogOptions()
            options.memberByteCount = 100
            options.segmentByteCount = 40_000
            var writer = try LogWriter.open(archive, options: options)
            var end = 0
            while try archive.segments().isEmpty
                || SegmentFile(archive, .zero).lastHeader(before: SegmentFile(archive, .zero).size())?.header
                    .kind != .end
            {
                _ = try await writer.append(LineBatch(end..<end + 3))
                end += 3
            }
            try await writer.close()
            #expect(try archive.segments().count == 1)
            let bytes = try archive.files.contents(of: archive.segmentPath(.zero))
            var failing = 0
            while true {
                let index = files.operations + failing
                let hit = Mutex(false)
                files.setFault { number, operation in
                    guard number == index else { return nil }
                    hit.withLock { $0 = true }
                    return .init(number: EIO)
                }
                try? await LogWriter.open(archive, options: options).close()
                files.setFault { _, _ in nil }
                guard hit.withLock({ $0 }) else { break }
                writer = try LogWriter.open(archive, options: options)
                #expect(writer.durableEnd == SequenceNumber(UInt64(end)), "operation \(failing)")
                #expect(writer.recovery == nil, "operation \(failing)")
                try await writer.close()
                #expect(try archive.files.contents(of: archive.segmentPath(.zero)) == bytes)
                failing += 1
            }
            #expect(failing > 5)
        }
    }

    @Test("a sync that fails and drops the pages is not believed the next time")
    func droppedPages() async throws {
        try await withTemporaryFolder { folder in
            let scene = CrashScene(folder)
            for seed in 0..<40 as Range<UInt64> {
                let files = MemoryFileSystem(seed: seed)
                let archive = try scene.newArchive(files)
                let writer = try LogWriter.open(archive)
                _ = try await writer.append(LineBatch(0..<3))
                let sync = Mutex(false)
                files.setFault { _, operation in
                    guard operation == .sync, !sync.withLock({ $0 }) else { return nil }
                    sync.withLock { $0 = true }
                    return .init(number: EIO)
                }
                await #expect(throws: LogError.self) { try await writer.append(LineBatch(10..<90)) }
                let told = try await writer.append(LineBatch(20..<23))
                #expect(told.lowerBound == SequenceNumber(3))
                var generator = SeededGenerator(seed: seed)
                let survivor = try scene.withoutPower(archive, &generator)
                try await writer.close()
                let again = try LogWriter.open(survivor)
                #expect(numbers(try LogReader(survivor).everything().lines) == [0, 1, 2, 20, 21, 22])
                try await again.close()
            }
        }
    }

    @Test("what a failed sync left in memory only is not announced as durable by the next writer")
    func droppedPagesAfterKill() async throws {
        try await withTemporaryFolder { folder in
            let scene = CrashScene(folder)
            var kept = 0
            for seed in 0..<60 as Range<UInt64> {
                let files = MemoryFileSystem(seed: seed)
                let archive = try scene.newArchive(files)
                let writer = try LogWriter.open(archive)
                _ = try await writer.append(LineBatch(0..<3))
                files.setFault { _, operation in operation == .sync ? .init(number: EIO) : nil }
                await #expect(throws: LogError.self) { try await writer.append(LineBatch(10..<40)) }
                files.setFault { _, _ in nil }
                // Killed before it could take anything back.
                files.isHalted = true
                try? await writer.close()
                files.isHalted = false
                let next = try LogWriter.open(archive)
                let promised = next.durableEnd
                if promised > SequenceNumber(3) { kept += 1 }
                var generator = SeededGenerator(seed: seed)
                let survivor = try scene.withoutPower(archive, &generator)
                try await next.close()
                let last = try LogWriter.open(survivor)
                #expect(last.durableEnd >= promised, "seed \(seed)")
                try await last.close()
            }
            #expect(kept > 0 && kept < 60, "some reached the disk, some did not")
        }
    }
}

/// What callers were told: which records stand where.
final class Told: Sendable {
    private let entries = Mutex<[(first: Int, at: SequenceNumber)]>([])
    var batches: [(first: Int, at: SequenceNumber)] { entries.withLock { $0 } }
    func note(_ first: Int, at sequence: SequenceNumber) { entries.withLock { $0.append((first, sequence)) } }
}

/// The life of a log, and the questions asked of what a catastrophe leaves of it.
struct CrashScene {
    /// Real folders below this one hold the `lock` files; everything else is in memory.
    private let folder: URL
    let options: LogOptions

    init(_ folder: URL) {
        self.folder = folder
        var options = LogOptions()
        options.memberByteCount = 700
        options.segmentByteCount = 500
        self.options = options
    }

    /// The disk as it was before one of the operations, and what callers had been told by then.
    struct Instant {
        var operation: MemoryFileSystem.Operation
        var files: MemoryFileSystem
        var lock: Data
        var told: [(first: Int, at: SequenceNumber)]
    }

    private static let home = "/archive"

    // MARK: - A life

    func newArchive(_ files: MemoryFileSystem) throws -> Archive {
        let place = folder.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for _ in 0..<3 {
            // An archive that could not be made is made again, as whoever starts the command again does.
            if let archive = try? Archive.openOrCreate(place, files: files) { return archive }
        }
        return try Archive.openOrCreate(place, files: files)
    }

    /// How a writer ends, and what is added to the last segment before the next one opens it.
    private static let endings: [(isKilled: Bool, torn: [UInt8])] = [
        (true, [0x1F, 0x8B, 8, 4] + [UInt8](repeating: 7, count: 90)), (false, [3, 0, 0, 0]), (true, []),
        (false, []),
    ]

    /// Four writers, one after the other, of five batches each: killed and closed, with torn tails between.
    func life(_ archive: Archive, _ told: Told) async throws {
        let files = try #require(archive.files as? MemoryFileSystem)
        for (session, ending) in Self.endings.enumerated() {
            // A refused opening is tried again.
            let first = try? LogWriter.open(archive, options: options)
            let writer = try first ?? LogWriter.open(archive, options: options)
            for part in 0..<5 {
                let number = session * 100 + part * 10
                guard let range = try? await writer.append(LineBatch(number..<number + 3)) else { continue }
                told.note(number, at: range.lowerBound)
            }
            files.isHalted = ending.isKilled
            // What could not be closed is like a writer that was killed.
            try? await writer.close()
            files.isHalted = false
            if let last = try? archive.segments().last { files.tear(archive.segmentPath(last), ending.torn) }
        }
    }

    /// Every instant of one life without errors.
    func instants() async throws -> [Instant] {
        let files = MemoryFileSystem()
        let archive = try newArchive(files)
        let told = Told()
        let instants = Mutex<[Instant]>([])
        files.setFault { [home = archive.path, lockPath = archive.lockPath] _, operation in
            // Not yet written: there is no lock file then.
            let lock = (try? Data(contentsOf: URL(filePath: lockPath))) ?? Data()
            let instant = Instant(
                operation: operation, files: files.copy(from: home, to: Self.home), lock: lock,
                told: told.batches)
            instants.withLock { $0.append(instant) }
            return nil
        }
        try await life(archive, told)
        files.setFault { _, _ in nil }
        #expect(told.batches.count == 20)
        #expect(try archive.segments().count > 3)
        return instants.withLock { $0 }
    }

    /// A log of two acknowledged commits, the second of which lost bytes: its files, its lock, and what is left.
    func damagedLog() async throws -> (MemoryFileSystem, Data, [UInt8]) {
        let files = MemoryFileSystem()
        let archive = try newArchive(files)
        let writer = try LogWriter.open(archive)
        _ = try await writer.append(LineBatch(0..<3))
        let end = Int(try SegmentFile(archive, .zero).size())
        _ = try await writer.append(LineBatch(10..<13))
        try await writer.close()
        let segment = try SegmentFile(archive, .zero, .update)
        let size = try segment.size()
        try segment.file.truncate(to: size - 150)
        try segment.file.sync()
        let tail = try segment.bytes(at: Int64(end), count: Int(size) - 150 - end)
        let lock = try Data(contentsOf: URL(filePath: archive.lockPath))
        return (files.copy(from: archive.path, to: Self.home), lock, tail)
    }

    /// What recovery kept beside the log.
    func keptBytes(_ archive: Archive) throws -> [[UInt8]] {
        let damaged = archive.path + "/damaged"
        return try archive.files.names(in: damaged).filter { !$0.hasSuffix(".partial") }
            .map { try archive.files.contents(of: damaged + "/" + $0) }
    }

    // MARK: - Catastrophes

    /// The archive as a kill at this instant leaves it.
    func place(_ instant: Instant) throws -> Archive { try place(instant.files, lock: instant.lock) }

    func place(_ files: MemoryFileSystem, lock: Data, from home: String = Self.home) throws -> Archive {
        let place = folder.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let archive = Archive(
            url: place, origin: "test",
            files: files.copy(from: home, to: place.path(percentEncoded: false)))
        try lock.write(to: URL(filePath: archive.lockPath))
        return archive
    }

    /// What a loss of power leaves of the archive, in a folder of its own.
    ///
    /// `lock` is what the file of that name holds then. It is never synced: by default the line that promises most,
    /// or nothing.
    func withoutPower(
        _ archive: Archive, _ generator: inout some RandomNumberGenerator, lock: Data? = nil
    ) throws -> Archive {
        let files = try #require(archive.files as? MemoryFileSystem)
        let latest = try Data(contentsOf: URL(filePath: archive.lockPath))
        return try place(
            files.afterPowerLoss(using: &generator),
            lock: lock ?? (Bool.random(using: &generator) ? latest : Data()), from: archive.path)
    }

    // MARK: - Questions

    /// Asks what is left, writes on, closes, and asks again.
    ///
    /// Everything acknowledged is there, at its sequence and once; no batch is there in part; sequences are dense;
    /// every sum and the tree hold; and writing goes on.
    ///
    /// - Returns: What callers were told by now.
    @discardableResult
    func check(
        _ archive: Archive, _ told: [(first: Int, at: SequenceNumber)], _ what: String,
        atLeast promised: SequenceNumber = .zero, writing number: Int = 900
    ) async throws -> [(first: Int, at: SequenceNumber)] {
        let writer = try LogWriter.open(archive, options: options)
        #expect(writer.recovery?.lostRecords ?? 0 == 0, "\(what)")
        #expect(writer.durableEnd >= promised, "\(what)")
        let before = try LogReader(archive).everything()
        ask(before.lines, told, what)
        let range = try await writer.append(LineBatch(number..<number + 3))
        try await writer.close()
        let after = try LogReader(archive).everything()
        #expect(
            numbers(after.lines) == numbers(before.lines) + Array(number..<number + 3), "\(what), written on")
        #expect(before.holes.isEmpty && after.holes.isEmpty, "\(what)")
        #expect(try LogVerifier(archive, threadCount: 1).run().problems == [], "\(what)")
        return told + [(number, range.lowerBound)]
    }

    private func ask(_ lines: [String], _ told: [(first: Int, at: SequenceNumber)], _ what: String) {
        let found = numbers(lines)
        #expect(sequences(lines) == Array(0..<lines.count), "\(what): dense")
        #expect(found.count % 3 == 0, "\(what): no half batch")
        for start in stride(from: 0, to: found.count - 2, by: 3) {
            #expect(
                Array(found[start..<start + 3]) == Array(found[start]..<found[start] + 3),
                "\(what): no half batch")
        }
        #expect(Set(found).count == found.count, "\(what): nothing twice")
        for (first, sequence) in told {
            let place = Int(sequence.rawValue)
            let isThere = place < found.count && found[place] == first
            #expect(isThere, "\(what): record \(sequence) was acknowledged as \(first); there is \(found)")
        }
    }
}
