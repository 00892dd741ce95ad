// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleDamage
import SteleTestSupport
import Testing

@testable import SteleLog

/// What is damaged is put back from a second copy, and nothing else changes.
@Suite("Repair")
struct RepairTests {
    private typealias Generator = SteleTestSupport.SeededGenerator

    /// An archive, its good files, and a second copy of it.
    private struct Pair {
        let trial: TrialArchive
        let copy: URL
        let damages: DamageGenerator

        init(in folder: URL, _ state: TrialArchive.State, seed: UInt64) async throws {
            trial = try await TrialArchive.make(in: folder.appending(path: "good"), state: state, seed: seed)
            let foreign = try await TrialArchive.make(
                in: folder.appending(path: "foreign"), state: .closed, seed: seed + 100)
            damages = DamageGenerator(trial, foreign: foreign.image)
            copy = folder.appending(path: "copy")
            try trial.image.write(in: copy)
        }

        func repair() throws -> RepairReport {
            try repaired(trial.archive, from: SecondCopy(copy))
        }

        /// The archive's files as they are now.
        func files() throws -> [String: [UInt8]] {
            try ArchiveImage(trial.archive.url, recordCount: trial.image.recordCount).files
        }

        /// Segments whose records are not what they were, byte for byte; none after a repair.
        func changedSegments() throws -> [String] {
            let now = try files()
            return Set(now.keys).union(trial.image.files.keys).filter { path in
                guard path.hasPrefix("log/") else { return false }
                return now[path] != trial.image.files[path]
            }.sorted()
        }

        /// Whether the files that `damage` changed are as it left them.
        func isUntouched(by repair: RepairReport, _ damage: Damage) throws -> Bool {
            let now = try files()
            return damage.files.allSatisfy { now[$0] == damage.image.files[$0] }
        }
    }

    @Test(
        "whatever is changed is put back, byte for byte", arguments: DamageKind.allCases,
        [TrialArchive.State.closed, .killed, .sealed])
    func everyKind(kind: DamageKind, state: TrialArchive.State) async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, state, seed: 3)
            var generator = Generator(seed: 3)
            var tried = 0
            for _ in 0..<20 where tried < 6 {
                guard let damage = pair.damages.damage(kind, using: &generator) else { continue }
                try damage.image.write(in: pair.trial.archive.url)
                #expect(
                    try !DamageTrial.problems(of: pair.trial.archive).isEmpty, "the damage is real: \(damage)"
                )
                let report = try pair.repair()
                #expect(try pair.changedSegments() == [], "\(damage)")
                let problems = try DamageTrial.problems(of: pair.trial.archive)
                if state == .killed, damage.files == ["lock"], !problems.isEmpty {
                    // Where an unclosed log ended, nobody but its next writer can find out.
                    #expect(
                        report.refused.map(\.file) == ["lock"] && problems.map(\.file) == ["lock"],
                        "\(damage)")
                    try await LogWriter.open(pair.trial.archive).close()
                    #expect(try DamageTrial.problems(of: pair.trial.archive) == [], "\(damage)")
                } else {
                    #expect(report.refused == [] && !report.repaired.isEmpty, "\(damage): \(report)")
                    #expect(problems == [], "\(damage)")
                }
                try pair.trial.image.write(in: pair.trial.archive.url)
                tried += 1
            }
            #expect(tried > 0)
            let lines = try LogReader(pair.trial.archive).everything()
            #expect(lines.lines.count == pair.trial.lines.count && lines.holes.isEmpty)
        }
    }

    @Test("exactly the damaged member is taken from the copy, and what was there is kept")
    func oneMember() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 4)
            let (path, segment) = pair.trial.image.segments()[2]
            let member = segment.members[1]
            let damage = try #require(
                pair.damages.bitFlipped(
                    segment: 2, bit: (member.range.lowerBound + member.headerByteCount + 9) * 8))
            try damage.image.write(in: pair.trial.archive.url)
            let report = try pair.repair()
            let repair = try #require(report.repaired.first)
            #expect(report.repaired.count == 1)
            #expect(repair.file == path && repair.sequence == member.first)
            #expect(repair.records == Int(member.end - member.first))
            #expect(repair.what == "a member was put back")
            let kept = try #require(repair.keptCopy)
            let bytes = try Data(contentsOf: pair.trial.archive.url.appending(path: kept))
            #expect([UInt8](bytes) == damage.image.files[path])
        }
    }

    @Test("two copies damaged in different members make one whole log", arguments: 0..<10)
    func bothDamaged(seed: Int) async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: UInt64(seed))
            var generator = Generator(seed: UInt64(seed))
            let index = generator.int(in: 0..<pair.trial.image.segmentPaths.count)
            let members = pair.trial.image.segments()[index].segment.members
            let first = generator.int(in: 0..<members.count)
            let second = (first + 1 + generator.int(in: 0..<members.count - 1)) % members.count
            let ours = try #require(flip(pair, index, members[first], &generator))
            let theirs = try #require(flip(pair, index, members[second], &generator))
            try ours.image.write(in: pair.trial.archive.url)
            try theirs.image.write(in: pair.copy)
            let report = try pair.repair()
            #expect(report.refused == [], "seed \(seed): \(ours), \(theirs)")
            #expect(try pair.changedSegments() == [], "seed \(seed): \(ours), \(theirs)")
        }
    }

    private func flip(
        _ pair: Pair, _ index: Int, _ member: SegmentImage.Member, _ generator: inout Generator
    ) -> Damage? {
        let bits = member.range.lowerBound * 8..<member.range.upperBound * 8
        return pair.damages.bitFlipped(segment: index, bit: generator.int(in: bits))
    }

    @Test("a copy damaged in the same member is refused, named, and ours stays as it is")
    func equallyDamaged() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 5)
            let member = pair.trial.image.segments()[1].segment.members[2]
            let bit = (member.range.upperBound - 40) * 8
            let ours = try #require(pair.damages.bitFlipped(segment: 1, bit: bit))
            let theirs = try #require(pair.damages.bitFlipped(segment: 1, bit: bit + 80))
            try ours.image.write(in: pair.trial.archive.url)
            try theirs.image.write(in: pair.copy)
            let report = try pair.repair()
            #expect(report.repaired == [])
            #expect(report.refused.map(\.sequence) == [member.first])
            #expect(report.refused.first?.what.contains("no good member") == true)
            #expect(try pair.isUntouched(by: report, ours))
        }
    }

    @Test("of two damages, one of which the copy has too, the other one is put back")
    func partly() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 6)
            let (path, segment) = pair.trial.image.segments()[1]
            let (shared, own) = (segment.members[1], segment.members[3])
            var ours = pair.trial.image
            for member in [shared, own] { ours.files[path]?[member.range.upperBound - 30] ^= 4 }
            ours.isGood = false
            var theirs = pair.trial.image
            theirs.files[path]?[shared.range.upperBound - 20] ^= 4
            theirs.isGood = false
            try ours.write(in: pair.trial.archive.url)
            try theirs.write(in: pair.copy)
            let report = try pair.repair()
            #expect(report.repaired.map(\.sequence) == [own.first])
            #expect(report.refused.map(\.sequence) == [shared.first])
            var expected = try #require(pair.trial.image.files[path])
            expected[shared.range.upperBound - 30] ^= 4
            #expect(try pair.files()[path] == expected)
        }
    }

    @Test("another archive is no second copy", arguments: [0, 1, 2])
    func foreignCopy(segment: Int) async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 7)
            let member = pair.trial.image.segments()[segment].segment.members[0]
            let damage = try #require(
                pair.damages.bitFlipped(segment: segment, bit: member.range.upperBound * 8 - 100))
            try damage.image.write(in: pair.trial.archive.url)
            let report = try repaired(
                pair.trial.archive, from: SecondCopy(folder.appending(path: "foreign/written")))
            #expect(report.repaired == [])
            #expect(report.refused.map(\.sequence) == [member.first])
            #expect(try pair.isUntouched(by: report, damage))
        }
    }

    @Test("a forged line in the copy is refused, though every sum in the copy fits it")
    func forgedCopy() async throws {
        try await withTemporaryDirectory { folder async throws in
            func bytes(_ batches: [LineBatch]) async throws -> [UInt8] {
                let place = folder.appending(path: UUID().uuidString)
                let archive = try Archive.create(place)
                var options = LogOptions()
                options.memberByteCount = 6000
                options.clock = { 1_700_000_000_000_000 }
                let writer = try LogWriter.open(archive, options: options)
                for batch in batches { _ = try await writer.append(batch) }
                try await writer.close()
                return [UInt8](
                    try Data(contentsOf: archive.logURL.appending(path: Archive.segmentName(.zero))))
            }
            var batches = (0..<8).map { LineBatch($0 * 60..<$0 * 60 + 60) }
            let honest = try await bytes(batches)
            batches[2] = LineBatch(120..<180, salt: "forged")
            let forged = try await bytes(batches)

            let archive = try Archive.create(folder.appending(path: "archive"))
            let url = archive.logURL.appending(path: Archive.segmentName(.zero))
            var damaged = honest
            let member = try #require(SegmentImage(honest, end: 480).members.first { $0.first == 120 })
            damaged[member.range.upperBound - 30] ^= 1
            try Data(damaged).write(to: url)
            let copy = folder.appending(path: "copy")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            let copied = copy.appending(path: Archive.segmentName(.zero))
            try Data(forged).write(to: copied)
            let report = try repaired(archive, from: SecondCopy(copy))
            #expect(report.repaired.filter { $0.file.hasPrefix("log/") } == [])
            #expect(report.refused.first?.sequence == 120)
            #expect([UInt8](try Data(contentsOf: url)) == damaged)
            // The honest one from the same place is taken.
            try Data(honest).write(to: copied)
            #expect(try repaired(archive, from: SecondCopy(copy)).refused == [])
            #expect([UInt8](try Data(contentsOf: url)) == honest)
        }
    }

    @Test("a segment compressed otherwise is taken as a whole")
    func recompressed() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 8)
            let copy = try Archive.open(pair.copy)
            let first = try copy.segments()[1]
            let outcome = try SealedRewrite(copy, options: LogOptions(), level: 9).run(first) { false }
            #expect(outcome == .rewritten)
            let path = ArchiveImage.path(first.rawValue)
            let rewritten = try Data(contentsOf: pair.copy.appending(path: path))
            let damage = try #require(pair.damages.bitFlipped(segment: 1, bit: 9000))
            try damage.image.write(in: pair.trial.archive.url)
            let report = try pair.repair()
            #expect(report.refused == [])
            #expect(report.repaired.map(\.what) == ["the whole segment was replaced"])
            #expect(try pair.files()[path] == [UInt8](rewritten))
            #expect(try DamageTrial.problems(of: pair.trial.archive) == [])
            // And a damaged one of that form is refused.
            try damage.image.write(in: pair.trial.archive.url)
            var bad = rewritten
            bad[bad.count / 2] ^= 1
            try bad.write(to: pair.copy.appending(path: path))
            #expect(try !pair.repair().refused.isEmpty)
            #expect(try pair.isUntouched(by: report, damage))
        }
    }

    @Test(
        "a swap that was half undone when power failed is put right from what was kept, without a copy of it")
    func halfUndoneSwap() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 12)
            let paths = pair.trial.image.segmentPaths
            let (one, other) = (paths[1], paths[2])
            let archive = pair.trial.archive
            let name = try #require(one.split(separator: "/").last)
            // The first of two files was put right, and what it held lies in `damaged` alone.
            let kept = archive.url.appending(path: "damaged/\(name).before-repair-1")
            try FileManager.default.createDirectory(
                at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
            let bytes = try #require(pair.trial.image.files[other])
            try Data(bytes).write(to: kept)
            try Data(try #require(pair.trial.image.files[one])).write(to: archive.url.appending(path: other))
            try FileManager.default.removeItem(at: pair.copy.appending(path: other))
            #expect(try !DamageTrial.problems(of: archive).isEmpty)
            let report = try pair.repair()
            #expect(report.refused == [])
            #expect(report.repaired.first?.source == "damaged/\(name).before-repair-1", "\(report)")
            #expect(try Data(contentsOf: archive.url.appending(path: other)) == Data(bytes))
            #expect(try DamageTrial.problems(of: archive) == [])
        }
    }

    @Test("records at the log's end that nothing here vouches for are not taken")
    func unvouchedEnd() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .reopened, seed: 9)
            let last = pair.trial.image.segmentPaths.count - 1
            let damage = try #require(pair.damages.segmentDropped(last))
            try damage.image.write(in: pair.trial.archive.url)
            // A writer's word that leaves out with what the segment before the active one ended.
            let lock = URL(filePath: pair.trial.archive.lockPath)
            let word = try Data(contentsOf: lock)
            var end = try #require(WriterLock.durableEnd(Array(word.prefix(WriterLock.lineByteCount))))
            #expect(end.offset == 0)
            end.memberCRC = 0
            try Data(WriterLock.line(end) + word.dropFirst(WriterLock.lineByteCount)).write(to: lock)
            let report = try pair.repair()
            #expect(report.repaired == [])
            #expect(report.refused.first?.what.contains("nothing here vouches for them") == true)
        }
    }

    @Test("the last sealed segment is put back, with the end mark that its writer vouched for")
    func vouchedEnd() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .reopened, seed: 9)
            let last = pair.trial.image.segmentPaths.count - 1
            let damage = try #require(pair.damages.segmentDropped(last))
            try damage.image.write(in: pair.trial.archive.url)
            let report = try pair.repair()
            #expect(report.refused == [] && report.repaired.map(\.what) == ["the segment was missing"])
            #expect(try pair.changedSegments() == [])
            #expect(try DamageTrial.problems(of: pair.trial.archive) == [])
        }
    }

    @Test("while a writer lives nothing is repaired, and the writer is named")
    func liveWriter() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .live, seed: 10)
            let error = #expect(throws: LogError.self) { try pair.repair() }
            #expect(error?.code == .lockedByAnotherProcess)
            #expect(error?.what.contains("process \(getpid())") == true)
            try await pair.trial.close()
        }
    }

    @Test("after a repair the log is written on")
    func writtenOn() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .killed, seed: 11)
            let last = pair.trial.image.segmentPaths.count - 1
            let member = try #require(pair.trial.image.segments()[last].segment.members.last)
            let damage = try #require(
                pair.damages.bitFlipped(
                    segment: last, bit: (member.range.lowerBound + member.headerByteCount + 5) * 8))
            try damage.image.write(in: pair.trial.archive.url)
            #expect(try pair.repair().refused == [])
            let writer = try LogWriter.open(pair.trial.archive)
            #expect(writer.durableEnd.rawValue == pair.trial.image.recordCount)
            #expect(writer.recovery?.lostRecords ?? 0 == 0)
            _ = try await writer.append(LineBatch(0..<3))
            try await writer.close()
            #expect(try DamageTrial.problems(of: pair.trial.archive) == [])
        }
    }

    @Test("a received file that was changed or removed is put back, one the copy has changed too is not")
    func attachments() async throws {
        try await withTemporaryDirectory { folder async throws in
            let pair = try await Pair(in: folder, .closed, seed: 12)
            let archive = pair.trial.archive
            let copy = try Archive.open(pair.copy)
            var paths: [String] = []
            for text in ["tea", "rain", "kiln"] {
                let name = try archive.storeAttachment(Array(text.utf8))
                #expect(try copy.storeAttachment(Array(text.utf8)) == name)
                paths.append("attachments/sha256/\(name.prefix(2))/\(name)")
            }
            #expect(try AttachmentCheck(archive).run().problems == [])
            func change(_ path: String, _ text: String, in archive: Archive) throws {
                try Data(text.utf8).write(to: archive.url.appending(path: path))
            }
            try change(paths[0], "teA", in: archive)
            try change(paths[2], "kilN", in: archive)
            try change(paths[2], "Kiln", in: copy)
            try FileManager.default.removeItem(at: archive.url.appending(path: paths[1]))
            let problems = try AttachmentCheck(archive).run().problems
            #expect(Set(problems.map(\.file)) == [paths[0], paths[2]])
            let missing = try #require(paths[1].split(separator: "/").last.map(String.init))
            let report = try AttachmentRepair(archive, from: SecondCopy(pair.copy)).run(
                changed: problems.map(\.file), missing: [missing])
            #expect(Set(report.repaired.map(\.file)) == [paths[0], paths[1]])
            #expect(report.refused.map(\.file) == [paths[2]])
            #expect(try AttachmentCheck(archive).run().problems.map(\.file) == [paths[2]])
            let kept = try #require(report.repaired.first { $0.file == paths[0] }?.keptCopy)
            #expect(try Data(contentsOf: archive.url.appending(path: kept)) == Data("teA".utf8))
        }
    }
}

/// Repairs and lets go of the writer's lock.
func repaired(_ archive: Archive, from copy: SecondCopy) throws -> RepairReport {
    var repair = try LogRepair(archive, from: copy)
    return try repair.run()
}
