// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog
import SteleProjection

/// Measures the fold beside SQLite's own JSON functions; each part is a command, run as a process of its own.
///
/// `Samples/benchmark-views` builds it, runs the parts by turns and prints a table. A part prints one JSON object.
@main
struct ViewsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "views-benchmark",
        abstract: "The views beside SQLite's JSON functions and trigram index.",
        subcommands: [MakeLog.self, RebuildViews.self, LoadSQLite.self, FollowLive.self])
}

/// What a part measured.
struct Measurement: Encodable {
    var events: Int
    var seconds: Double
    /// Bytes of what was made.
    var bytes: Int

    func print() throws { try Output.print(self) }
}

enum Output {
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

struct MakeLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Writes events into the log of a new archive.")

    @Argument(help: "JSON events, one a line.") var events: String
    @Argument(help: "The archive's folder, not there yet.") var archive: String

    func run() async throws {
        let start = ContinuousClock.now
        let archive = try Archive.openOrCreate(URL(filePath: archive, directoryHint: .isDirectory))
        let writer = try LogWriter.open(archive)
        var file = try EventFile(events)
        var count = 0
        while let batch = try file.nextBatch(1000) {
            _ = try await writer.append(batch)
            count += batch.count
        }
        try await writer.close()
        let bytes = try Folder.byteCount(below: archive.logURL)
        try Measurement(events: count, seconds: start.secondsAgo, bytes: bytes).print()
    }
}

struct RebuildViews: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Folds the whole log into new views, search included.")

    @Argument(help: "The archive's folder.") var archive: String

    func run() throws {
        let archive = try Archive.open(URL(filePath: archive, directoryHint: .isDirectory))
        let start = ContinuousClock.now
        try Projector.rebuild(archive)
        let seconds = start.secondsAgo
        let views = try Views(archive)
        let bytes = try archive.viewsURL.resolvingSymlinksInPath().resourceValues(forKeys: [.fileSizeKey])
        try Measurement(
            events: Int(views.appliedEnd().rawValue), seconds: seconds, bytes: bytes.fileSize ?? 0
        ).print()
    }
}

struct LoadSQLite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sqlite", abstract: "Loads the same events with SQLite's JSON functions.")

    @Argument(help: "JSON events, one a line.") var events: String
    @Argument(help: "The database to make.") var database: String

    func run() throws {
        let start = ContinuousClock.now
        let peer = try JSONPeer(path: database)
        var file = try EventFile(events)
        var count = 0
        while let line = try file.nextLine() {
            try peer.add(line)
            count += 1
        }
        try peer.finish()
        let size = try URL(filePath: database).resourceValues(forKeys: [.fileSizeKey]).fileSize
        try Measurement(events: count, seconds: start.secondsAgo, bytes: size ?? 0).print()
    }
}

extension ContinuousClock.Instant {
    var secondsAgo: Double { (ContinuousClock.now - self) / .seconds(1) }
}

enum Folder {
    static func byteCount(below folder: URL) throws -> Int {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try names.reduce(0) { sum, name in
            try sum + (folder.appending(path: name).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
        }
    }
}
