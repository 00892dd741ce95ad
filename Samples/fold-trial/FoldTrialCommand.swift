// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleEvents
import SteleHistories
import SteleLog
import SteleProjection
import SteleTestSupport

/// `fold-trial`: puts invented histories to every test of the fold's law, by the thousand, and prints what did not hold.
@main
struct FoldTrialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fold-trial",
        abstract: "Folds invented histories in every order and prints whether the views were the same.",
        discussion: """
            Of each history the views are built straight, and compared whole with those of the same records restarted, \
            shuffled, reversed, by surface, delayed, repeated and split over two logs. Then records are changed as nobody \
            would write them, and folded: each must end in the views or in the quarantine.

            Everything is read and written through files; a folder in memory makes it quick.

            Example:
              swift run -c release fold-trial --seeds 2000 --folder /dev/shm
            """)

    @Option(help: "How many histories.")
    var seeds = 1000

    @Option(help: "The first history's seed.")
    var from: UInt64 = 1

    @Option(help: "Records in a history, more or less.")
    var records = 120

    @Option(help: "How many records are changed and folded for each history.")
    var mutations = 60

    @Option(help: ArgumentHelp("Work in new folders in this one.", valueName: "path"))
    var folder = NSTemporaryDirectory()

    func run() async throws {
        let start = ContinuousClock.now
        var wrong = 0
        var folded = 0
        for seed in from..<(from + UInt64(seeds)) {
            let place = URL(filePath: folder, directoryHint: .isDirectory)
                .appending(path: "fold-trial-\(UUID().uuidString)", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            // Left behind at worst, in a folder for such things.
            defer { try? FileManager.default.removeItem(at: place) }
            var trial = FoldTrial(seed: seed, records: records, in: place)
            var complaints = try await trial.run()
            complaints += try await trial.poisoned(mutations)
            folded += trial.history.lines.count
            if !complaints.isEmpty {
                wrong += 1
                say("seed \(seed):")
                for complaint in complaints { say("    \(complaint)") }
            }
            if (seed - from + 1) % 100 == 0 {
                say("\(seed - from + 1) histories, \(wrong) of them with complaints")
            }
        }
        let laws = FoldTrial.Law.allCases.count
        say(
            "\(seeds) histories of \(folded / max(1, seeds)) records, each folded \(laws + 1) ways, and "
                + "\(seeds * mutations) changed records; \(wrong) histories with complaints; "
                + (ContinuousClock.now - start).formatted(.units(allowed: [.minutes, .seconds])))
        if wrong > 0 { throw ExitCode(1) }
    }

    /// Prints at once: what runs for minutes shows how far it is, in a file too.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
