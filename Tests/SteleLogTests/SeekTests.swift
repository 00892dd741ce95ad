// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Any record, and any time, is found by a few reads, wherever it is and whatever is damaged.
@Suite struct SeekTests {
    /// `count` records of about 300 bytes that do not compress.
    private func noise(_ numbers: Range<Int>, using generator: inout SeededGenerator) -> LineBatch {
        var batch = LineBatch()
        for number in numbers {
            let salt = (0..<12).map { _ in String(generator.next(), radix: 36) }.joined()
            batch.append { $0 += Array(#""via":"callback","event":{"n":\#(number),"x":"\#(salt)"}"#.utf8) }
        }
        return batch
    }

    /// A log of `count` records, ten to a commit and a millisecond between commits.
    private func makeLog(
        _ folder: URL, count: Int, options: LogOptions, files: any FileSystem = LocalFileSystem(),
        seed: UInt64 = 1
    ) async throws -> (archive: Archive, writer: LogWriter) {
        let archive = try Archive.create(folder, files: files)
        var options = options
        let clock = Counter()
        options.clock = { 1_700_000_000_000_000 + clock.next() * 1000 }
        let writer = try LogWriter.open(archive, options: options)
        var generator = SeededGenerator(seed: seed)
        for start in stride(from: 0, to: count, by: 10) {
            _ = try await writer.append(noise(start..<start + 10, using: &generator))
        }
        return (archive, writer)
    }

    private func firstNumber(_ chunk: LogChunk?) -> Int? {
        guard case .lines(let lines) = chunk else { return nil }
        return numbers([String(decoding: lines[0], as: UTF8.self)]).first
    }

    @Test("every record is found, sealed or active, live or closed, by one reader or by many")
    func everyRecord() async throws {
        try await withTemporaryFolder { folder in
            var options = LogOptions()
            options.memberByteCount = 9000
            options.segmentByteCount = 120_000
            let (archive, writer) = try await makeLog(folder, count: 3000, options: options)
            func check() throws {
                let segments = try archive.segments()
                #expect(segments.count > 3)
                let kept = try LogReader(archive)
                var generator = SeededGenerator(seed: 7)
                for round in 0..<300 {
                    let wanted = Int.random(in: 0..<3000, using: &generator)
                    let reader = round % 2 == 0 ? kept : try LogReader(archive)
                    var cursor = try reader.cursor(from: SequenceNumber(UInt64(wanted)))
                    #expect(firstNumber(try cursor.next()) == wanted)
                    let next = Int(cursor.nextSequence.rawValue)
                    #expect(firstNumber(try cursor.next()) == (next < 3000 ? next : nil))
                    let time = 1_700_000_000_000_000 + Int64(wanted / 10) * 1000
                    let first = SequenceNumber(UInt64(wanted / 10 * 10))
                    #expect(try reader.sequence(atOrAfter: time) == first)
                    #expect(try reader.sequence(atOrAfter: time - 999) == first)
                }
                var cursor = try kept.cursor(from: SequenceNumber(3000))
                #expect(try cursor.next() == nil)
                #expect(try kept.sequence(atOrAfter: 1_700_000_000_300_000) == SequenceNumber(3000))
            }
            try check()
            try await writer.close()
            try check()
            // Without the word of the writer, the files alone must do.
            try FileManager.default.removeItem(atPath: archive.lockPath)
            try check()
        }
    }

    @Test("a seek in a sealed segment reads its end mark and one member; the next one the member alone")
    func sealedReads() async throws {
        try await withTemporaryFolder { folder in
            let files = ReadingFileSystem()
            var options = LogOptions()
            options.memberByteCount = 12_000
            options.segmentByteCount = 500_000
            let (archive, writer) = try await makeLog(folder, count: 6000, options: options, files: files)
            try await writer.close()
            #expect(try archive.segments().count > 1)
            let kept = try LogReader(archive)
            var generator = SeededGenerator(seed: 3)
            for round in 0..<40 {
                let wanted = SequenceNumber(UInt64.random(in: 0..<1000, using: &generator))
                files.reset()
                let reader = round == 0 ? kept : try LogReader(archive)
                var cursor = try reader.cursor(from: wanted)
                _ = try cursor.next()
                #expect(files.counts.byteCount < 33 * 1024 + 20_000)
                #expect(files.counts.segments.count == 1)
                files.reset()
                cursor = try kept.cursor(from: wanted)
                #expect(firstNumber(try cursor.next()).map { UInt64($0) } == wanted.rawValue)
                #expect(files.counts.byteCount < 20_000)
                #expect(files.counts.segments.isEmpty)
            }
        }
    }

    @Test("a seek in a large active segment reads a small part of it", arguments: [true, false])
    func activeReads(isLive: Bool) async throws {
        try await withTemporaryFolder { folder in
            let files = ReadingFileSystem()
            var options = LogOptions()
            options.memberByteCount = 40_000
            let (archive, writer) = try await makeLog(folder, count: 40_000, options: options, files: files)
            if !isLive { try await writer.close() }
            let size = try SegmentFile(archive, .zero).size()
            #expect(size > 4_500_000, "one segment, and a large one")
            let kept = try LogReader(archive)
            var generator = SeededGenerator(seed: 4)
            var keptBytes = 0
            for _ in 0..<60 {
                let wanted = Int.random(in: 0..<40_000, using: &generator)
                let sequence = SequenceNumber(UInt64(wanted))
                for (index, reader) in [kept, try LogReader(archive)].enumerated() {
                    files.reset()
                    var cursor = try reader.cursor(from: sequence)
                    #expect(firstNumber(try cursor.next()) == wanted)
                    #expect(files.counts.byteCount < 700_000)
                    if index == 0 { keptBytes += files.counts.byteCount }
                }
                files.reset()
                let time = 1_700_000_000_000_000 + Int64(wanted / 10) * 1000
                #expect(try LogReader(archive).sequence(atOrAfter: time).rawValue == UInt64(wanted / 10 * 10))
                #expect(files.counts.byteCount < 1_500_000)
            }
            #expect(keptBytes < 60 * 250_000, "what was seen once is remembered")
            if isLive { try await writer.close() }
        }
    }

    @Test("members of very unlike sizes are found in an active segment too")
    func unlikeMembers() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 4000
            let writer = try LogWriter.open(archive, options: options)
            var generator = SeededGenerator(seed: 5)
            var firsts: [Int] = []
            var next = 0
            for round in 0..<60 {
                let count = round % 20 == 7 ? 3000 : 1 + Int(generator.next() % 20)
                firsts.append(next)
                _ = try await writer.append(noise(next..<next + count, using: &generator))
                next += count
            }
            for wanted in firsts + firsts.map({ $0 + 1 }).filter({ $0 < next }) {
                var cursor = try LogReader(archive).cursor(from: SequenceNumber(UInt64(wanted)))
                #expect(firstNumber(try cursor.next()) == wanted)
            }
            try await writer.close()
        }
    }

    @Test("whatever was flipped, a seek finds what reading from the start finds", arguments: 0..<24)
    func damagedSeeks(seed: Int) async throws {
        try await withTemporaryFolder { folder in
            var generator = SeededGenerator(seed: UInt64(seed))
            var options = LogOptions()
            options.memberByteCount = 4000
            options.segmentByteCount = 60_000
            let (archive, writer) = try await makeLog(
                folder, count: 1000, options: options, seed: UInt64(seed))
            if seed % 3 > 0 { try await writer.close() }
            let segments = try archive.segments()
            // Seeking before the damage too: what is remembered then must not mislead.
            let kept = try LogReader(archive)
            var cursor = try kept.cursor(from: SequenceNumber(1))
            _ = try cursor.next()
            let segment = seed % 2 == 0 ? segments[segments.count - 1] : segments[seed % segments.count]
            let url = archive.logURL.appending(path: Archive.segmentName(segment))
            var bytes = [UInt8](try Data(contentsOf: url))
            for _ in 0..<(1 + seed % 3) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                    UInt8(1) << UInt8(generator.next() % 8)
            }
            try Data(bytes).write(to: url, options: [])
            let all = try LogReader(archive).everything()
            for start in stride(from: 0, to: 1000, by: 23) {
                let sequence = SequenceNumber(UInt64(start))
                for reader in [try LogReader(archive), kept] {
                    let (lines, holes) = try reader.everything(from: sequence)
                    let expected = numbers(all.lines).filter { $0 >= start }
                    #expect(numbers(lines) == expected, "seed \(seed), from \(start)")
                    let told = holes.map { Int($0.first.rawValue)..<Int($0.end?.rawValue ?? 1000) }
                    let missing = Set(start..<1000).subtracting(numbers(lines))
                    #expect(
                        missing.allSatisfy { number in told.contains { $0.contains(number) } },
                        "seed \(seed), from \(start)")
                }
            }
            if seed % 3 == 0 { try await writer.close() }
        }
    }

    @Test("a reader that knew a damaged file reads the good one that took its place")
    func replaced() async throws {
        try await withTemporaryFolder { folder in
            var options = LogOptions()
            options.memberByteCount = 4000
            options.segmentByteCount = 30_000
            let (archive, writer) = try await makeLog(folder, count: 600, options: options)
            try await writer.close()
            let url = archive.logURL.appending(path: Archive.segmentName(.zero))
            let good = try Data(contentsOf: url)
            var bad = good
            for place in 2000..<2100 { bad[place] ^= 0x55 }
            let reader = try LogReader(archive)
            try bad.write(to: url)
            #expect(try !reader.everything().holes.isEmpty)
            // `.atomic` renames a new file over the old one.
            try good.write(to: url, options: .atomic)
            #expect(try numbers(reader.everything().lines) == Array(0..<600))
            #expect(try reader.everything().holes.isEmpty)
            // And a file that is gone while it is open still reads to its end.
            var cursor = try reader.cursor(from: .zero)
            guard case .lines(let first)? = try cursor.next() else { Issue.record("no lines"); return }
            try bad.write(to: url, options: .atomic)
            var read = first.count
            while case .lines(let lines)? = try cursor.next() { read += lines.count }
            #expect(read == 600)
        }
    }
}
