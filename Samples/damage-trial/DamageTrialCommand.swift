// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleDamage
import SteleTestSupport

/// `damage-trial`: damages small archives in every way the tests know, thousands of times, and prints what was found.
@main
struct DamageTrialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "damage-trial",
        abstract: "Damages small archives in every way and prints whether all of it was found and named.",
        discussion: """
            Each archive is damaged, verified, read and mended, one damage at a time. "Found" means that verifying \
            named it, in a file that is or was there, at a record no further than a member away; "read" that the \
            good records came before and after it, in order, once, with a hole for all others.

            Example:
              swift run -c release damage-trial --flips 10000
            """)

    @Option(help: "Random single bits to flip, over all archives.")
    var flips = 10_000

    @Option(help: "Random damages of every other kind, for each archive.")
    var rounds = 60

    @Option(help: "Bytes cut from the end of the active and of a sealed segment, one more each time.")
    var cuts = 4096

    @Option(help: "What the random numbers begin with.")
    var seed: UInt64 = 1

    func run() async throws {
        var table = TrialTable()
        let start = ContinuousClock.now
        for (number, state) in TrialArchive.State.allCases.enumerated() {
            try await withTemporaryDirectory { folder async throws in
                let trial = try await TrialArchive.make(
                    in: folder.appending(path: "good"), state: state, seed: seed)
                let foreign = try await TrialArchive.make(
                    in: folder.appending(path: "foreign"), state: .closed, seed: seed + 1)
                try self.trial(trial, foreign.image, seed: seed &* 1000 + UInt64(number), &table)
                try await trial.close()
            }
        }
        table.end(after: ContinuousClock.now - start)
        if table.complaintCount > 0 { throw ExitCode(1) }
    }

    private func trial(
        _ archive: TrialArchive, _ foreign: ArchiveImage, seed: UInt64, _ table: inout TrialTable
    ) throws {
        let damages = DamageGenerator(archive, foreign: foreign)
        let runner = DamageTrial(archive)
        var generator = SeededGenerator(seed: seed)
        table.begin(archive)

        func run(_ name: String, _ damages: some Sequence<Damage?>) throws {
            var row = TrialTable.Row(name: name)
            for case let damage? in damages { row.add(damage, try runner.run(damage)) }
            table.add(row)
        }
        let count = flips / TrialArchive.State.allCases.count
        try run("bitFlipped", (0..<count).lazy.map { _ in damages.damage(.bitFlipped, using: &generator) })
        let last = archive.image.segmentPaths.count - 1
        try run("every cut, active", (1...cuts).lazy.map { damages.tailCut(segment: last, byteCount: $0) })
        try run("every cut, sealed", (1...cuts).lazy.map { damages.tailCut(segment: 1, byteCount: $0) })
        for kind in DamageKind.allCases where kind != .bitFlipped {
            try run(
                kind.rawValue, (0..<rounds).lazy.map { _ in damages.damage(kind, using: &generator) })
        }
        try run("each structural case", damages.structural())
    }
}

/// What was tried and what came of it, printed as it comes.
struct TrialTable {
    private var total = Row(name: "all")
    private(set) var complaintCount = 0

    struct Row {
        let name: String
        var cases = 0
        var found = 0
        var complained = 0
        var examples: [String] = []

        init(name: String) { self.name = name }

        mutating func add(_ damage: Damage, _ outcome: DamageTrial.Outcome) {
            cases += 1
            if !outcome.problems.isEmpty { found += 1 }
            guard !outcome.complaints.isEmpty else { return }
            complained += 1
            if examples.count < 3 {
                examples.append("\(damage): \(outcome.complaints.joined(separator: "; "))")
            }
        }
    }

    func begin(_ archive: TrialArchive) {
        let bytes = archive.image.files.values.reduce(0) { $0 + $1.count }
        Self.say(
            "\n\(archive.state): \(archive.image.recordCount) records, \(archive.image.segmentPaths.count) segments, \(bytes) bytes"
        )
        Self.say(
            "  " + Self.pad("damage", 24) + Self.lead("cases") + Self.lead("found") + Self.lead("as promised")
        )
    }

    mutating func add(_ row: Row) {
        Self.say(Self.text(row))
        for example in row.examples { Self.say("    \(example)") }
        total.cases += row.cases
        total.found += row.found
        total.complained += row.complained
        complaintCount += row.complained
    }

    func end(after time: Duration) {
        Self.say("\n" + Self.text(total))
        Self.say("  in \(time.formatted(.units(allowed: [.minutes, .seconds])))")
    }

    /// Prints at once: what runs for minutes shows how far it is, in a file too.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    private static func text(_ row: Row) -> String {
        "  " + pad(row.name, 24) + lead("\(row.cases)") + lead("\(row.found)")
            + lead("\(row.cases - row.complained)")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func lead(_ text: String) -> String {
        String(repeating: " ", count: max(1, 12 - text.count)) + text
    }
}
