// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// Writes synthetic, correctly signed callbacks of an invented app, one JSON object a line.
///
/// The same count and seed give the same bytes on every machine. Lines are made and written as they come: memory
/// grows with the number of conversations, not of events.
@main
struct SampleEvents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-events",
        abstract: "Synthetic callbacks for load tests and benchmarks, one JSON object a line.",
        discussion: """
            Four in five are texts, Chinese and English; the rest are the other message types, read receipts, \
            edits and recalls. Users and conversations are chosen by 1/rank, so a few are very busy. Every line \
            is signed with the secret given, for the app key `load#test`.
            """)

    @Option(help: "How many events to write.")
    var count = 100_000

    @Option(help: "The same seed gives the same events.")
    var seed: UInt64 = 1

    @Option(help: "The secret that signs them.")
    var secret = "test-secret"

    @Option(help: ArgumentHelp("The file to write; standard output without it.", valueName: "path"))
    var out: String?

    @Flag(help: "Compress with gzip.")
    var gzip = false

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--count must be 1 or more.") }
    }

    func run() throws {
        let sink = try EventSink(path: out, compresses: gzip)
        var generator = EventGenerator(count: count, seed: seed, secret: secret)
        var buffer: [UInt8] = []
        buffer.reserveCapacity(2 * EventSink.chunkBytes)
        for _ in 0..<count {
            generator.appendNext(to: &buffer)
            if buffer.count >= EventSink.chunkBytes {
                try sink.write(buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try sink.write(buffer)
        try sink.finish()
    }
}
