// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// What every section of the benchmark is told.
struct Settings: ParsableArguments {
    @Argument(help: "JSON events, one a line, as `sample-events` writes them.")
    var events: String

    @Option(
        help: ArgumentHelp("Work in a new folder in this one: on the disk to measure.", valueName: "path"))
    var folder: String = NSTemporaryDirectory()

    @Option(help: "How many times each figure is taken; the median counts.")
    var runs = 3

    @Option(help: "The same seed seeks to the same records.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object a row.")
    var json = false

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs must be 1 or more.") }
    }

    /// Reads the events, makes a folder to work in, and removes it afterwards.
    func withBench(_ body: (Bench) async throws -> Void) async throws {
        let events = try EventList(URL(filePath: events))
        guard events.count > 0 else { throw ValidationError("\(self.events) holds no events.") }
        let folder = URL(filePath: folder, directoryHint: .isDirectory)
            .appending(path: "log-benchmark-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Left behind at worst: the figures are printed by then.
        defer { try? FileManager.default.removeItem(at: folder) }
        let report = Report(json: json)
        report.begin("\(events.count) events, \(events.byteCount / events.count) bytes each")
        try await body(Bench(settings: self, events: events, folder: folder, report: report))
    }
}

/// What the sections work with: the events, a folder, and the stores that several of them read.
final class Bench {
    let runs: Int
    let seed: UInt64
    /// The file that the events come from.
    let source: URL
    let events: EventList
    let folder: URL
    let report: Report
    private var filled: Stores?
    private var names = 0

    init(settings: Settings, events: EventList, folder: URL, report: Report) {
        runs = settings.runs
        seed = settings.seed
        source = URL(filePath: settings.events)
        self.events = events
        self.folder = folder
        self.report = report
    }

    /// A place in the folder where nothing is yet.
    func place(_ name: String) -> URL {
        names += 1
        return folder.appending(path: "\(names)-\(name)")
    }

    /// The same events in each store, filled when first asked for.
    func stores() async throws -> Stores {
        if let filled { return filled }
        let stores = try await Stores(self)
        filled = stores
        return stores
    }
}
