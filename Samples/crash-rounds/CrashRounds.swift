// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Kills a log's writer again and again, and asks each time whether everything acknowledged is there.
///
/// A round: a process opens the archive and appends from many tasks at once, telling each acknowledgement on a pipe. It
/// is killed (SIGKILL) at a random instant, also while it opens or recovers. All rounds use the same archive.
@main
struct CrashRounds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash-rounds",
        abstract: "Kills a log's writer again and again, and checks what it had acknowledged.",
        subcommands: [Run.self, Victim.self], defaultSubcommand: Run.self)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The rounds.")

        @Option(help: "How many times to kill.") var rounds = 200
        @Option(help: "Tasks that append at once.") var writers = 64
        @Option(help: "Decides when each round is killed, and what is written.") var seed: UInt64 = 1
        @Option(help: "Rounds between two checks of the whole log; the last round is one.") var every = 10
        @Argument(help: "Where to work; a temporary folder if none is named.") var folder: String?

        func run() async throws {
            let base = folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
            let place = base.appending(path: "crash-rounds-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            var campaign = try Campaign(place: place, writers: writers, seed: seed)
            for round in 0..<rounds {
                let isFull = round % every == every - 1 || round == rounds - 1
                do {
                    try await campaign.round(round, isFull: isFull)
                } catch {
                    print("round \(round): \(error)")
                    print("kept for a look: \(place.path)")
                    throw ExitCode(1)
                }
                if isFull { print(campaign.summary(rounds: round + 1)) }
            }
            try FileManager.default.removeItem(at: place)
        }
    }
}

/// What must never happen, in words.
struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
