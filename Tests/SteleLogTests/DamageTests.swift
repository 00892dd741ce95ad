// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleDamage
import SteleTestSupport
import Testing

/// A seeded thousand of what `damage-trial` does by the ten thousand.
@Suite("Damage")
struct DamageTests {
    /// Archives, and damages of each.
    private static let seeds = 0..<4
    private static let count = 50

    @Test(
        "whatever is changed is found, named by file and record, and read around",
        arguments: TrialArchive.State.allCases, seeds)
    func everyKind(state: TrialArchive.State, seed: Int) async throws {
        try await withTemporaryDirectory { folder async throws in
            let trial = try await TrialArchive.make(
                in: folder.appending(path: "good"), state: state, seed: UInt64(seed))
            let foreign = try await TrialArchive.make(
                in: folder.appending(path: "foreign"), state: .closed, seed: UInt64(seed) + 100)
            let damages = DamageGenerator(trial, foreign: foreign.image)
            let runner = DamageTrial(trial)
            #expect(try DamageTrial.problems(of: trial.archive) == [], "there is nothing wrong before")
            var generator = SteleTestSupport.SeededGenerator(seed: UInt64(seed))
            // Each kind in turn, and between them the one that disks do by themselves.
            var kinds = DamageKind.allCases.shuffled(using: &generator).flatMap { [$0, .bitFlipped] }[...]
            var tried = 0
            while tried < Self.count {
                let kind = kinds.popFirst() ?? .bitFlipped
                guard let damage = damages.damage(kind, using: &generator) else { continue }
                let outcome = try runner.run(damage)
                #expect(outcome.complaints == [], "seed \(seed), \(state): \(damage)")
                tried += 1
            }
            #expect(try DamageTrial.problems(of: trial.archive) == [], "and nothing after it was mended")
            try await trial.close()
        }
    }

    @Test("every cut of the last bytes of a log that is being written is found")
    func liveCuts() async throws {
        try await withTemporaryDirectory { folder async throws in
            let trial = try await TrialArchive.make(in: folder, state: .live, seed: 9)
            let damages = DamageGenerator(trial, foreign: trial.image)
            let runner = DamageTrial(trial)
            let last = trial.image.segmentPaths.count - 1
            for byteCount in 1...40 {
                let damage = try #require(damages.tailCut(segment: last, byteCount: byteCount))
                #expect(try runner.run(damage).complaints == [], "\(byteCount) bytes")
            }
            try await trial.close()
        }
    }

    @Test("every cut of the last 4 KiB of the active and of a sealed segment is found", arguments: 0..<8)
    func cuts(part: Int) async throws {
        try await withTemporaryDirectory { folder async throws in
            let trial = try await TrialArchive.make(
                in: folder, state: part % 2 == 0 ? .closed : .killed, seed: 9)
            let damages = DamageGenerator(trial, foreign: trial.image)
            let runner = DamageTrial(trial)
            let last = trial.image.segmentPaths.count - 1
            // A part of the cuts each time; 'damage-trial' does them all.
            for byteCount in stride(from: 1 + part * 7, through: 4096, by: 64) {
                let damage = damages.tailCut(segment: part % 4 < 2 ? last : 1, byteCount: byteCount)
                let outcome = try runner.run(try #require(damage))
                #expect(outcome.complaints == [], "\(byteCount) bytes")
            }
        }
    }

    @Test(
        "every bit of the mark that closes a log is checked", arguments: [TrialArchive.State.closed, .sealed])
    func closingMark(state: TrialArchive.State) async throws {
        try await withTemporaryDirectory { folder async throws in
            let trial = try await TrialArchive.make(in: folder, state: state, seed: 5)
            let damages = DamageGenerator(trial, foreign: trial.image)
            let runner = DamageTrial(trial)
            let (index, mark) = try #require(
                trial.image.segments().enumerated().last.flatMap { index, entry in
                    entry.segment.members.last.map { (index, $0) }
                })
            #expect(mark.isMark)
            // Its body: the header is summed like any other.
            for bit in (mark.range.lowerBound + mark.headerByteCount) * 8..<mark.range.upperBound * 8 {
                let outcome = try runner.run(try #require(damages.bitFlipped(segment: index, bit: bit)))
                #expect(outcome.complaints == [], "bit \(bit)")
            }
        }
    }
}
