// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Measures the log beside SQLite, gzip and the bare disk, all in one run and on one disk.
///
/// `Samples/benchmark-log` builds and runs it; each section can also be run by itself, under a profiler for one.
/// Every append counts only when it is on stable storage.
@main
struct LogBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-benchmark",
        abstract: "The log beside SQLite, gzip and the bare disk, in one run.",
        discussion: """
            Every figure is measured --runs times, ours and the peer's by turns. Shown are medians; a ratio is \
            ours divided by the peer's, run by run: its median, least and greatest.
            """,
        subcommands: [
            Append.self, Single.self, Size.self, Verify.self, Seek.self, Recover.self, All.self,
        ])
}

/// A part of the benchmark, which is a command of its own.
protocol Section: AsyncParsableCommand {
    var settings: Settings { get }

    /// Measures and reports row by row.
    func measure(_ bench: Bench) async throws
}

extension Section {
    func run() async throws { try await settings.withBench(measure) }
}

struct All: Section {
    static let configuration = CommandConfiguration(abstract: "Every section, one after the other.")
    @OptionGroup var settings: Settings

    func measure(_ bench: Bench) async throws {
        try await Append.measure(bench)
        try await Single.measure(bench)
        try await Size.measure(bench)
        try await Verify.measure(bench)
        try await Seek.measure(bench)
        try await Recover.measure(bench)
    }
}
