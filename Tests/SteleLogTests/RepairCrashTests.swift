// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Errors and power losses at every step of a repair: a file is as it was or as it should be, and no evidence is gone.
@Suite("Repair, interrupted")
struct RepairCrashTests {
    /// A damaged log in memory, the good one it was, and what lies where.
    private struct Scene {
        let place: URL
        let good: MemoryFileSystem
        let origin: String
        /// A segment with a damaged member, and one that is missing.
        let changed: SequenceNumber
        let missing: SequenceNumber
        let damagedBytes: [UInt8]

        init(in place: URL) async throws {
            self.place = place
            good = MemoryFileSystem()
            let archive = try Archive.create(place, files: good)
            origin = archive.origin
            var options = LogOptions()
            options.memberByteCount = 700
            options.segmentByteCount = 400
            let writer = try LogWriter.open(archive, options: options)
            for part in 0..<20 { _ = try await writer.append(LineBatch(part * 5..<part * 5 + 5)) }
            try await writer.close()
            let segments = try archive.segments()
            try #require(segments.count > 5)
            changed = segments[1]
            missing = segments[3]
            var bytes = try good.contents(of: archive.segmentPath(changed))
            bytes[bytes.count / 3] ^= 8
            damagedBytes = bytes
        }

        /// The archive as damage left it, on a disk of its own.
        func damaged() throws -> (archive: Archive, files: MemoryFileSystem) {
            let path = place.path(percentEncoded: false).withoutTrailingSlash
            let files = good.copy(from: path, to: path)
            let archive = Archive(url: place, origin: origin, files: files)
            let file = try files.open(archive.segmentPath(changed), .update)
            try file.write(damagedBytes, at: 0)
            try file.sync()
            try files.remove(archive.segmentPath(missing))
            try files.syncFolder(archive.logPath)
            return (archive, files)
        }

        func repair(_ archive: Archive) throws -> RepairReport {
            try repaired(archive, from: SecondCopy(place, files: good))
        }

        /// What does not hold of a disk on which the repair was interrupted.
        func complaints(_ archive: Archive) throws -> [String] {
            var complaints: [String] = []
            let goodArchive = Archive(url: place, origin: origin, files: good)
            for first in try goodArchive.segments() {
                let path = archive.segmentPath(first)
                let expected = try good.contents(of: path)
                let found = archive.files.exists(path) ? try archive.files.contents(of: path) : nil
                let allowed =
                    first == changed
                    ? [expected, damagedBytes] : first == missing ? [expected, nil] : [expected]
                if !allowed.contains(found) {
                    complaints.append("\(first) is neither as it was nor as it should be")
                }
                if first == changed, found == expected {
                    let kept = archive.path + "/damaged/" + Archive.segmentName(first) + ".before-repair-1"
                    let isKept =
                        archive.files.exists(kept)
                        ? try archive.files.contents(of: kept) == damagedBytes : false
                    if !isKept { complaints.append("what was damaged is not kept") }
                }
            }
            // Repaired again, it is whole.
            let report = try repair(archive)
            if !report.refused.isEmpty { complaints.append("refused: \(report.refused)") }
            var verifier = LogVerifier(archive)
            verifier.sighting = try WriterLock.look(archive)
            complaints += try verifier.run().problems.map { "\($0)" }
            return complaints
        }
    }

    @Test("power that fails at any step leaves each file as it was or as it should be", arguments: 0..<3)
    func powerLoss(seed: Int) async throws {
        try await withTemporaryFolder { folder in
            let scene = try await Scene(in: folder)
            var generator = SeededGenerator(seed: UInt64(seed))
            var step = 0
            var isReached = true
            while isReached {
                let (archive, files) = try scene.damaged()
                let off = files.operations + step
                files.setFault { index, _ in
                    index >= off
                        ? MemoryFileSystem.Fault(number: EIO, writtenByteCount: index == off ? 77 : 0) : nil
                }
                do { _ = try scene.repair(archive) } catch { #expect(error is LogError) }
                isReached = files.operations > off
                let survivor = Archive(
                    url: folder, origin: archive.origin, files: files.afterPowerLoss(using: &generator))
                #expect(try scene.complaints(survivor) == [], "seed \(seed), step \(step)")
                step += 1
            }
            #expect(step > 40)
        }
    }

    @Test("an error at any step is told, and the next try goes through", arguments: [EIO, ENOSPC])
    func everyStepFailing(number: Int32) async throws {
        try await withTemporaryFolder { folder in
            let scene = try await Scene(in: folder)
            var step = 0
            var failures = 0
            var isReached = true
            while isReached {
                let (archive, files) = try scene.damaged()
                let failing = files.operations + step
                files.setFault { index, _ in
                    index == failing ? MemoryFileSystem.Fault(number: number, writtenByteCount: 77) : nil
                }
                do {
                    _ = try scene.repair(archive)
                } catch {
                    #expect((error as? LogError)?.code == (number == ENOSPC ? .outOfSpace : .inputOutput))
                    failures += 1
                }
                isReached = files.operations > failing
                files.setFault { _, _ in nil }
                #expect(try scene.complaints(archive) == [], "step \(step)")
                step += 1
            }
            #expect(failures > 40)
        }
    }
}
