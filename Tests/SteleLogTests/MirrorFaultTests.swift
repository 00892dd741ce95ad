// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import SteleLog

/// A mirror whose disk fails, fills, lies or loses power at every operation.
@Suite struct MirrorFaultTests {
    /// A source of a few segments, one of them running, and what it holds.
    private func source(_ pair: MirrorPair) async throws -> LogWriter {
        let writer = try LogWriter.open(pair.archive, options: pair.options)
        for part in 0..<14 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
        _ = try pair.archive.storeAttachment(Array("picture".utf8))
        #expect(try pair.archive.segments().count > 2)
        return writer
    }

    @Test(
        "after an error at any operation of its disk, what the mirror counts survives a loss of power, and it catches up",
        arguments: [EIO, ENOSPC])
    func failingAnywhere(fault: Int32) async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try await source(pair)
            let expected = try LogReader(pair.archive).everything().lines
            try FileManager.default.createDirectory(at: pair.place, withIntermediateDirectories: true)
            var failing = 0
            var reached: Set<MemoryFileSystem.Operation> = []
            while true {
                let files = MemoryFileSystem(seed: UInt64(failing))
                let hit = Mutex<MemoryFileSystem.Operation?>(nil)
                let index = failing
                files.setFault { number, operation in
                    guard number == index else { return nil }
                    hit.withLock { $0 = operation }
                    return .init(number: fault, writtenByteCount: 100)
                }
                // What another test's shipper said does not matter here.
                try? FileManager.default.removeItem(atPath: pair.archive.mirrorStatePath)
                try? FileManager.default.removeItem(at: pair.place.appending(path: "lock"))
                let mirror = pair.mirror(files: files)
                while mirror.status.records < 140 || mirror.status.behind > 0 {
                    do throws(MirrorError) { if try await mirror.step() != nil { break } } catch {
                        #expect(
                            error.code == (fault == ENOSPC ? .outOfSpace : .inputOutput)
                                || error.code == .foreign, "\(failing): \(error)")
                        break
                    }
                }
                guard let operation = hit.withLock({ $0 }) else { break }
                reached.insert(operation)
                let counted = mirror.status.records
                var generator = SeededGenerator(seed: UInt64(failing))
                let survivor = files.afterPowerLoss(using: &generator)
                await mirror.close()
                for files in [files, survivor] {
                    if let copy = try? pair.copy(files: files), files.exists(copy.logPath) {
                        let lines = try LogReader(copy).everything().lines
                        #expect(lines.count >= Int(counted), "\(failing), \(operation)")
                        #expect(lines == Array(expected.prefix(lines.count)), "\(failing), \(operation)")
                    } else {
                        #expect(counted == 0, "\(failing), \(operation)")
                    }
                    let again = pair.mirror(files: files)
                    while try await again.step() == nil {}
                    #expect(try LogReader(try pair.copy(files: files)).everything().lines == expected)
                    await again.close()
                    try? FileManager.default.removeItem(atPath: pair.archive.mirrorStatePath)
                }
                failing += 1
            }
            #expect(failing > 40)
            #expect(reached.isSuperset(of: [.create, .open, .read, .write, .sync, .rename, .syncFolder]))
            try await writer.close()
        }
    }

    @Test(
        "a disk that takes the bytes and loses them is found out on arrival",
        arguments: 0..<12 as Range<UInt64>)
    func lyingDisk(seed: UInt64) async throws {
        try await withTemporaryFolder { folder in
            // Members of several commits: an end mark may arrive where what is before it does not.
            var options = LogOptions()
            options.memberByteCount = 3000
            options.segmentByteCount = 4000
            let pair = try MirrorPair(folder, options: options)
            let writer = try LogWriter.open(pair.archive, options: pair.options)
            for part in 0..<14 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            let files = MemoryFileSystem(seed: seed)
            try FileManager.default.createDirectory(at: pair.place, withIntermediateDirectories: true)
            let mirror = pair.mirror(files: files)
            try await pair.ship(mirror)
            for part in 14..<40 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            files.liesAboutSyncs = true
            let error = await #expect(throws: MirrorError.self) { try await pair.ship(mirror) }
            #expect(error?.code == .damagedOnArrival, "\(String(describing: error))")
            #expect(mirror.status.records < 400)
            files.liesAboutSyncs = false
            try await pair.ship(mirror)
            #expect(mirror.status.records == 400)
            #expect(
                try LogReader(try pair.copy(files: files)).everything().lines
                    == LogReader(pair.archive).everything().lines)
            try await writer.close()
        }
    }

    @Test("a mirror that hangs is not waited for longer than asked")
    func hangingDisk() async throws {
        try await withTemporaryFolder { folder in
            let pair = try MirrorPair(folder)
            let writer = try await source(pair)
            let files = MemoryFileSystem()
            try FileManager.default.createDirectory(at: pair.place, withIntermediateDirectories: true)
            let gate = DispatchSemaphore(value: 0)
            let hasHung = Mutex(false)
            let mirror = pair.mirror(files: files)
            files.setFault { _, operation in
                let hangs =
                    operation == .write
                    && hasHung.withLock { hung in
                        defer { hung = true }
                        return !hung
                    }
                if hangs { gate.wait() }
                return nil
            }
            let status = await mirror.finish(within: .milliseconds(50))
            #expect(status.behind > 0 || status.records < 140)
            // The writer was not disturbed.
            #expect(try await writer.append(LineBatch(140..<141)).lowerBound == SequenceNumber(140))
            gate.signal()
            await mirror.close()
            try await writer.close()
        }
    }
}
