// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// What is left of a log whose last bytes never reached the disk, or reached it wrong.
@Suite struct RecoveryTests {
    /// A log of several members whose last one is open, as a killed process leaves it.
    private func tornArchive(_ folder: URL, commits: [Int]) async throws -> (
        bytes: [UInt8], durableByteCount: Int, name: String
    ) {
        let archive = try Archive.create(folder.appending(path: "original"))
        let writer = try LogWriter.open(archive)
        var start = 0
        for count in commits {
            _ = try await writer.append(LineBatch(start..<start + count))
            start += count
        }
        let name = Archive.segmentName(try #require(try archive.segments().last))
        let bytes = [UInt8](try Data(contentsOf: archive.logURL.appending(path: name)))
        guard case .durable(let end) = try WriterLock.look(archive) else { throw LogTestError.noWriter }
        try await writer.close()
        return (bytes, Int(end.offset), name)
    }

    /// Checks that a log with these bytes opens at a whole commit, reads, and goes on.
    ///
    /// - Returns: Records that stood after recovery.
    private func recover(_ bytes: [UInt8], _ name: String, ends: [Int], in folder: URL) async throws -> Int {
        // Removed only to keep the disk small: the test's folder goes anyway.
        let place = folder.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: place) }
        let archive = try Archive.create(place)
        try Data(bytes).write(to: archive.logURL.appending(path: name))

        let before = try LogReader(archive).everything()
        let writer = try LogWriter.open(archive)
        let count = Int(writer.durableEnd.rawValue)
        #expect(ends.contains(count))
        #expect(
            numbers(before.lines) == Array(0..<count), "a reader sees the whole commits before recovery too")
        let reader = try LogReader(archive)
        #expect(numbers(try reader.everything().lines) == Array(0..<count))
        // Written on, closed, written on again: nothing of the torn bytes comes back.
        _ = try await writer.append(LineBatch(count..<count + 3))
        try await writer.close()
        let again = try LogWriter.open(archive)
        #expect(again.recovery == nil)
        _ = try await again.append(LineBatch(count + 3..<count + 5))
        try await again.close()
        let (lines, holes) = try reader.everything()
        #expect(holes.isEmpty)
        #expect(numbers(lines) == Array(0..<count + 5))
        #expect(sequences(lines) == Array(0..<count + 5))
        return count
    }

    @Test("every cut of the tail goes back to the last whole commit", .timeLimit(.minutes(5)))
    func everyCut() async throws {
        try await withTemporaryFolder { folder in
            var options = LogOptions()
            options.memberByteCount = 1200
            let commits = [3, 1, 7, 1, 1, 2, 9, 1, 4]
            let ends = commits.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
            let (bytes, _, name) = try await tornArchive(folder, commits: commits)
            var previous = 0
            for length in stride(from: 0, through: bytes.count, by: 1) {
                let count = try await recover(Array(bytes[..<length]), name, ends: ends, in: folder)
                #expect(count >= previous, "more bytes never mean fewer records")
                previous = count
            }
            #expect(previous == ends.last)
        }
    }

    @Test("a tail of zeros or of other bytes is cut", arguments: [UInt8(0), 0x5A, 0xFF])
    func foreignTail(filler: UInt8) async throws {
        try await withTemporaryFolder { folder in
            let commits = [5, 5, 5]
            let (bytes, durable, name) = try await tornArchive(folder, commits: commits)
            for cut in [0, 1, 40, 100, 150] {
                let torn = bytes[..<durable].dropLast(cut) + [UInt8](repeating: filler, count: max(cut, 512))
                let count = try await recover(Array(torn), name, ends: [0, 5, 10, 15], in: folder)
                #expect(cut > 0 || count == 15)
            }
        }
    }

    @Test("a commit with a hole of zeros in it vanishes whole")
    func zeroedWithin() async throws {
        try await withTemporaryFolder { folder in
            let (bytes, durable, name) = try await tornArchive(
                folder, commits: [40, 40])
            let (_, first, _) = try await tornArchive(
                folder.appending(path: "half"), commits: [40])
            // The second commit begins where the first one's bytes end.
            var zeroed = 0
            for start in stride(from: first, to: durable - 16, by: 31) {
                var torn = bytes
                for place in start..<min(start + 64, durable) { torn[place] = 0 }
                guard torn != bytes else { continue }
                #expect(try await recover(torn, name, ends: [40], in: folder) == 40)
                zeroed += 1
            }
            #expect(zeroed > 10)
        }
    }

    @Test("stock tools read the log after recovery to its end")
    func stockTools() async throws {
        try await withTemporaryFolder { folder in
            let (bytes, durable, name) = try await tornArchive(
                folder, commits: [5, 5, 50])
            let archive = try Archive.create(folder.appending(path: "torn"))
            try Data(bytes[..<durable].dropLast(9)).write(to: archive.logURL.appending(path: name))
            #expect(try run("zcat \(archive.logPath)/*.gz").status != 0, "the damage is real")
            let writer = try LogWriter.open(archive)
            let recovery = try #require(writer.recovery)
            #expect(recovery.end == SequenceNumber(10))
            #expect(recovery.cutByteCount > 0)
            #expect(recovery.lostRecords == 0)
            try await writer.close()
            let stock = try run("zcat \(archive.logPath)/*.gz")
            #expect(stock.status == 0)
            #expect(numbers(stock.output.split(separator: "\n").map(String.init)) == Array(0..<10))
        }
    }

    @Test("a killed writer's log ends unexpectedly for stock tools, and nothing else")
    func killedWriter() async throws {
        try await withTemporaryFolder { folder in
            for count in 1...25 {
                let place = folder.appending(path: "\(count)")
                let (bytes, durable, name) = try await tornArchive(place, commits: [count, count])
                #expect(bytes.count == durable)
                let archive = try Archive.create(place.appending(path: "killed"))
                try Data(bytes).write(to: archive.logURL.appending(path: name))
                let stock = try run("zcat \(archive.logPath)/*.gz")
                #expect(stock.status == 1, "an unexpected end, and nothing else")
                let lines = stock.output.split(separator: "\n").map(String.init)
                #expect(numbers(lines) == Array(0..<2 * count))
                let writer = try LogWriter.open(archive)
                #expect(writer.recovery?.cutByteCount == 0)
                try await writer.close()
                #expect(try run("zcat \(archive.logPath)/*.gz").status == 0)
            }
        }
    }

    @Test("a segment only ever grows, so that a slow reader of a live one meets nothing but its end")
    func onlyGrows() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "live"))
            var options = LogOptions()
            options.memberByteCount = 4096
            options.segmentByteCount = 6000
            let writer = try LogWriter.open(archive, options: options)
            var before: [String: Data] = [:]
            for count in 1...40 {
                _ = try await writer.append(LineBatch(0..<count))
                var now: [String: Data] = [:]
                for segment in try archive.segments() {
                    let name = Archive.segmentName(segment)
                    now[name] = try Data(contentsOf: archive.logURL.appending(path: name))
                }
                for (name, bytes) in before {
                    #expect(now[name]?.starts(with: bytes) == true, "\(name) after \(count) commits")
                }
                guard case .durable(let end) = try WriterLock.look(archive) else {
                    throw LogTestError.noWriter
                }
                // None where the one before it was just sealed.
                #expect(now[Archive.segmentName(end.segment)]?.count ?? 0 == Int(end.offset))
                before = now
            }
            #expect(before.count > 1)
            try await writer.close()
        }
    }

    @Test("acknowledged records that are gone are counted, and the bytes cut are kept")
    func acknowledgedLoss() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var writer = try LogWriter.open(archive)
            _ = try await writer.append(LineBatch(0..<10))
            _ = try await writer.append(LineBatch(10..<20))
            try await writer.close()
            let url = archive.logURL.appending(path: Archive.segmentName(.zero))
            var bytes = [UInt8](try Data(contentsOf: url))
            let size = bytes.count
            // Into the second commit: the pause mark, the member's end and some of the records go.
            bytes.removeLast(180)
            try Data(bytes).write(to: url)
            writer = try LogWriter.open(archive)
            let recovery = try #require(writer.recovery)
            #expect(recovery.end == SequenceNumber(10), "\(size)")
            #expect(recovery.lostRecords == 10)
            let kept = try #require(recovery.keptCopy)
            #expect(FileManager.default.fileExists(atPath: kept))
            _ = try await writer.append(LineBatch(10..<11))
            try await writer.close()
            #expect(numbers(try LogReader(archive).everything().lines) == Array(0..<11))
        }
    }

    @Test(
        "a write that was cut off anywhere is no damage to readers, before anybody recovers it"
    )
    func tornIsNotDamaged() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "original"))
            var options = LogOptions()
            options.memberByteCount = 300
            options.segmentByteCount = 1000
            let writer = try LogWriter.open(archive, options: options)
            var words: [(count: Int, lock: Data)] = []
            for count in 1...20 {
                _ = try await writer.append(LineBatch(count * 3 - 3..<count * 3))
                words.append((count * 3, try Data(contentsOf: URL(filePath: archive.lockPath))))
            }
            let segments = try archive.segments()
            #expect(segments.count > 2)
            var cuts = 0
            for (before, after) in zip(words, words.dropFirst()) {
                // The commit after the last one that was told of, in the middle of its write.
                let end = try #require(
                    WriterLock.durableEnd(Array(after.lock.prefix(WriterLock.lineByteCount))))
                let start = try #require(
                    WriterLock.durableEnd(Array(before.lock.prefix(WriterLock.lineByteCount))))
                let from = start.segment == end.segment ? start.offset : 0
                for length in stride(from: from, through: end.offset, by: 7) {
                    let place = folder.appending(path: "cut")
                    let torn = try Archive.create(place)
                    // Removed only to make room for the next one.
                    defer { try? FileManager.default.removeItem(at: place) }
                    try before.lock.write(to: URL(filePath: torn.lockPath))
                    for first in segments where first <= end.segment {
                        var bytes = try archive.files.contents(of: archive.segmentPath(first))
                        if first == end.segment { bytes = Array(bytes.prefix(Int(length))) }
                        try Data(bytes).write(to: URL(filePath: torn.segmentPath(first)))
                    }
                    let (lines, holes) = try LogReader(torn).everything()
                    let isWhole = numbers(lines) == Array(0..<after.count)
                    #expect(isWhole || numbers(lines) == Array(0..<before.count), "cut at \(length)")
                    #expect(holes.isEmpty, "cut at \(length) of \(end.segment): \(holes)")
                    cuts += 1
                }
            }
            #expect(cuts > 300)
            try await writer.close()
        }
    }

    @Test("a new segment whose first commit is torn is begun again")
    func tornNewSegment() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 100
            options.segmentByteCount = 100
            let writer = try LogWriter.open(archive, options: options)
            for part in 0..<4 { _ = try await writer.append(LineBatch(part * 10..<part * 10 + 10)) }
            try await writer.close()
            let segments = try archive.segments()
            #expect(segments == [0, 10, 20, 30].map { SequenceNumber($0) })
            let last = archive.logURL.appending(path: Archive.segmentName(SequenceNumber(30)))
            let bytes = [UInt8](try Data(contentsOf: last))
            for length in [0, 1, 30, 100, 200] {
                try Data(bytes[..<length]).write(to: last)
                let writer = try LogWriter.open(archive, options: options)
                #expect(writer.durableEnd == SequenceNumber(30))
                _ = try await writer.append(LineBatch(30..<40))
                try await writer.close()
                #expect(numbers(try LogReader(archive).everything().lines) == Array(0..<40))
            }
        }
    }
}
