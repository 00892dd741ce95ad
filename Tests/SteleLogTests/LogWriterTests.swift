// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

@Suite struct LogWriterTests {
    @Test("what is appended is read back, in order, live and after closing")
    func roundTrip() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 4000
            let writer = try LogWriter.open(archive, options: options)
            #expect(writer.recovery == nil)
            var start = 0
            for count in [1, 2, 64, 1, 300] {
                let range = try await writer.append(LineBatch(start..<start + count))
                #expect(range == SequenceNumber(UInt64(start))..<SequenceNumber(UInt64(start + count)))
                start += count
                let reader = try LogReader(archive)
                #expect(try reader.end() == SequenceNumber(UInt64(start)))
                let (lines, holes) = try reader.everything()
                #expect(holes.isEmpty)
                #expect(numbers(lines) == Array(0..<start))
                #expect(sequences(lines) == Array(0..<start))
            }
            let live = try run("zcat \(archive.logPath)/*.jsonl.gz")
            #expect(live.output.split(separator: "\n").count == start)
            try await writer.close()
            let closed = try run("zcat \(archive.logPath)/*.jsonl.gz")
            #expect(closed.status == 0)
            #expect(sequences(closed.output.split(separator: "\n").map(String.init)) == Array(0..<start))
            #expect(try numbers(LogReader(archive).everything().lines) == Array(0..<start))
        }
    }

    @Test("segments are sealed, and reading starts anywhere in them")
    func segments() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 2000
            options.segmentByteCount = 9000
            for session in 0..<3 {
                let writer = try LogWriter.open(archive, options: options)
                #expect(writer.recovery == nil)
                for part in 0..<40 {
                    let start = session * 2000 + part * 50
                    _ = try await writer.append(LineBatch(start..<start + 50))
                }
                try await writer.close()
            }
            let segments = try archive.segments()
            #expect(segments.count > 5)
            let reader = try LogReader(archive)
            #expect(try reader.end() == SequenceNumber(6000))
            for start in stride(from: 0, to: 6000, by: 97) {
                var cursor = try reader.cursor(from: SequenceNumber(UInt64(start)))
                guard case .lines(let lines) = try cursor.next() else { Issue.record("no lines"); return }
                #expect(lines.first == SequenceNumber(UInt64(start)))
                #expect(String(decoding: lines[0], as: UTF8.self).contains(#""n":\#(start),"#))
            }
            let all = try reader.everything()
            #expect(numbers(all.lines) == Array(0..<6000))
            let stock = try run("zcat \(archive.logPath)/*.jsonl.gz")
            #expect(stock.status == 0)
            #expect(sequences(stock.output.split(separator: "\n").map(String.init)) == Array(0..<6000))
        }
    }

    @Test("many callers share commits; each gets its own sequences, in the log once")
    func concurrentCallers() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try LogWriter.open(archive)
            let ranges = try await withThrowingTaskGroup(of: [(Int, Range<SequenceNumber>)].self) { group in
                for caller in 0..<32 {
                    group.addTask {
                        var ranges: [(Int, Range<SequenceNumber>)] = []
                        for round in 0..<20 {
                            let number = caller * 1000 + round * 2
                            ranges.append((number, try await writer.append(LineBatch(number..<number + 2))))
                        }
                        return ranges
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try await writer.close()
            let lines = numbers(try LogReader(archive).everything().lines)
            #expect(lines.count == 32 * 20 * 2)
            for (number, range) in ranges {
                #expect(
                    Array(lines[Int(range.lowerBound.rawValue)..<Int(range.upperBound.rawValue)]) == [
                        number, number + 1,
                    ])
            }
        }
    }

    @Test("a second writer is refused, by name, until the first has closed")
    func oneWriter() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let writer = try LogWriter.open(archive)
            let error = #expect(throws: LogError.self) { try LogWriter.open(archive) }
            #expect(error?.code == .lockedByAnotherProcess)
            #expect(error?.what.contains("process \(getpid())") == true)
            try await writer.close()
            try await LogWriter.open(archive).close()
        }
    }

    @Test("appending after closing is refused")
    func closed() async throws {
        try await withTemporaryFolder { folder in
            let writer = try LogWriter.open(try Archive.create(folder))
            try await writer.close()
            try await writer.close()
            let error = await #expect(throws: LogError.self) { try await writer.append(LineBatch(0..<1)) }
            #expect(error?.code == .closed)
        }
    }

    @Test("times never step back where the clock does")
    func clockSteppingBack() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            for microseconds: Int64 in [1_700_000_000_000_000, 1_600_000_000_000_000, 1_700_000_000_000_001] {
                var options = LogOptions()
                options.clock = { microseconds }
                let writer = try LogWriter.open(archive, options: options)
                _ = try await writer.append(LineBatch(0..<1))
                try await writer.close()
            }
            let times = try LogReader(archive).everything().lines.map { $0.dropFirst(15).prefix(27) }
            #expect(
                times == [
                    "2023-11-14T22:13:20.000000Z", "2023-11-14T22:13:20.000000Z",
                    "2023-11-14T22:13:20.000001Z",
                ])
        }
    }

    @Test("a time leads to the first record captured then or later")
    func seekByTime() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 1500
            options.segmentByteCount = 6000
            let clock = Counter()
            options.clock = { 1_700_000_000_000_000 + clock.next() * 1000 }
            let writer = try LogWriter.open(archive, options: options)
            for number in 0..<400 { _ = try await writer.append(LineBatch(number..<number + 1)) }
            let reader = try LogReader(archive)
            for number in [0, 1, 17, 200, 398, 399] {
                let time = 1_700_000_000_000_000 + Int64(number) * 1000
                #expect(try reader.sequence(atOrAfter: time) == SequenceNumber(UInt64(number)))
                #expect(try reader.sequence(atOrAfter: time - 999) == SequenceNumber(UInt64(number)))
            }
            #expect(try reader.sequence(atOrAfter: 1_800_000_000_000_000) == SequenceNumber(400))
            #expect(try archive.segments().count > 2)
            try await writer.close()
        }
    }

    @Test("a cursor follows the live tail, and waits for it")
    func following() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 3000
            options.segmentByteCount = 20_000
            let writer = try LogWriter.open(archive, options: options)
            let reader = try LogReader(archive)
            async let followed: [Int] = {
                var cursor = try reader.cursor(from: .zero)
                var seen: [Int] = []
                while seen.count < 500 {
                    while case .lines(let lines)? = try cursor.next() {
                        for index in 0..<lines.count {
                            seen += numbers([String(decoding: lines[index], as: UTF8.self)])
                        }
                    }
                    if seen.count < 500 { _ = await writer.waitForRecords(past: cursor.nextSequence) }
                }
                return seen
            }()
            for number in 0..<500 { _ = try await writer.append(LineBatch(number..<number + 1)) }
            #expect(try await followed == Array(0..<500))
            try await writer.close()
        }
    }

    @Test("a follower is let go when the writer closes and when its task is cancelled")
    func followersAreLetGo() async throws {
        try await withTemporaryFolder { folder in
            let writer = try LogWriter.open(try Archive.create(folder))
            let cancelled = Task { await writer.waitForRecords(past: .zero) }
            cancelled.cancel()
            #expect(await cancelled.value == .zero)
            async let waiting = writer.waitForRecords(past: .zero)
            try await writer.close()
            #expect(await waiting == .zero)
        }
    }
}
