// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Errors and power losses at every step: an acknowledgement always survives, and nothing else appears half.
@Suite struct FaultTests {
    private var smallMembers: LogOptions {
        var options = LogOptions()
        options.memberByteCount = 700
        options.segmentByteCount = 900
        return options
    }

    @Test(
        "after an error at any step the failed batch is not in the log and the next one is",
        arguments: [EIO, ENOSPC])
    func everyStepFailing(number: Int32) async throws {
        try await withTemporaryFolder { folder in
            var step = 0
            var failures = 0
            // Steps are tried one after the other until the script runs through without reaching the step.
            while true {
                let files = MemoryFileSystem()
                let place = folder.appending(path: "\(number)-\(step)")
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                let archive = try Archive.create(place, files: files)
                let writer = try LogWriter.open(archive, options: smallMembers)
                let failing = files.operations + step
                files.setFault { index, _ in
                    index == failing ? MemoryFileSystem.Fault(number: number, writtenByteCount: 33) : nil
                }
                var expected: [Int] = []
                var failed = false
                for part in 0..<12 {
                    let batch = part * 10..<part * 10 + 3
                    do {
                        let range = try await writer.append(LineBatch(batch))
                        #expect(range.lowerBound == SequenceNumber(UInt64(expected.count)), "step \(step)")
                        expected += Array(batch)
                    } catch {
                        #expect((error as? LogError)?.code == (number == ENOSPC ? .outOfSpace : .inputOutput))
                        failed = true
                    }
                }
                let isReached = files.operations > failing
                files.setFault { _, _ in nil }
                _ = try await writer.append(LineBatch(500..<501))
                expected.append(500)
                #expect(writer.failure == nil, "step \(step): writing goes on by itself")
                // Not closed: what a process that is killed here leaves must be the same.
                let reader = try LogReader(archive)
                #expect(numbers(try reader.everything().lines) == expected, "step \(step)")
                var generator = SeededGenerator(seed: UInt64(step))
                let survivor = Archive(
                    url: place, origin: archive.origin, files: files.afterPowerLoss(using: &generator))
                try await writer.close()
                let again = try LogWriter.open(survivor, options: smallMembers)
                #expect(numbers(try LogReader(survivor).everything().lines) == expected, "step \(step)")
                try await again.close()
                if failed { failures += 1 }
                guard isReached else { break }
                step += 1
            }
            #expect(failures > 20)
        }
    }

    @Test("no acknowledgement is lost when power fails at any step", arguments: 0..<60)
    func powerLoss(seed: Int) async throws {
        try await withTemporaryFolder { folder in
            var generator = SeededGenerator(seed: UInt64(seed))
            let files = MemoryFileSystem()
            let archive = try Archive.create(folder, files: files)
            let writer = try LogWriter.open(archive, options: smallMembers)
            let off = files.operations + Int.random(in: 0..<120, using: &generator)
            let written = Int.random(in: 0..<400, using: &generator)
            files.setFault { index, _ in
                index >= off
                    ? MemoryFileSystem.Fault(number: EIO, writtenByteCount: index == off ? written : 0) : nil
            }
            let acknowledged = await withTaskGroup(of: [(Int, SequenceNumber)].self) { group in
                for caller in 0..<3 {
                    group.addTask {
                        var acknowledged: [(Int, SequenceNumber)] = []
                        for round in 0..<30 {
                            let number = caller * 1000 + round * 3
                            guard let range = try? await writer.append(LineBatch(number..<number + 3)) else {
                                break
                            }
                            acknowledged.append((number, range.lowerBound))
                        }
                        return acknowledged
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            // The last sync may fail as well: the power is off.
            try? await writer.close()
            let survivor = Archive(
                url: folder, origin: archive.origin, files: files.afterPowerLoss(using: &generator))
            let again = try LogWriter.open(survivor, options: smallMembers)
            #expect(again.recovery?.lostRecords ?? 0 == 0, "seed \(seed)")
            let before = numbers(try LogReader(survivor).everything().lines)
            for (number, sequence) in acknowledged {
                let place = Int(sequence.rawValue)
                #expect(before.count >= place + 3, "seed \(seed)")
                guard before.count >= place + 3 else { continue }
                #expect(Array(before[place..<place + 3]) == [number, number + 1, number + 2], "seed \(seed)")
            }
            #expect(Set(before).count == before.count, "seed \(seed): nothing twice")
            #expect(before.count % 3 == 0, "seed \(seed): no half batch")
            _ = try await again.append(LineBatch(9000..<9003))
            try await again.close()
            #expect(numbers(try LogReader(survivor).everything().lines) == before + [9000, 9001, 9002])
        }
    }
}
