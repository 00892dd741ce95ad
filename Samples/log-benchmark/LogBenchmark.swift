// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// Measures the log beside SQLite and the bare disk, in one run, and prints a table.
///
/// `log-benchmark EVENTS.jsonl [FOLDER]`: one JSON event a line; works in FOLDER, by default a temporary one, which
/// should lie on the disk to be measured. Every append counts only when it is on stable storage.
@main struct LogBenchmark {
    static func main() async throws {
        guard CommandLine.arguments.count >= 2 else {
            FileHandle.standardError.write(Data("usage: log-benchmark EVENTS.jsonl [FOLDER]\n".utf8))
            exit(64)
        }
        let base = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : NSTemporaryDirectory()
        let folder = URL(filePath: base).appending(path: "log-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Left behind at worst: the numbers are printed by then.
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = try Data(contentsOf: URL(filePath: CommandLine.arguments[1]), options: .mappedIfSafe)
        let lines = data.split(separator: UInt8(ascii: "\n")).map { [UInt8]($0) }
        let byteCount = lines.reduce(0) { $0 + $1.count + 1 }
        print(
            "\(lines.count) events, \(byteCount / max(1, lines.count)) bytes each; every figure is durable\n")

        let archive = try Archive.create(folder.appending(path: "archive"))
        let append = try await appendBatches(lines, to: archive)
        let sqlite = try SQLitePeer(path: folder.appending(path: "peer.sqlite").path)
        let sqliteSeconds = try seconds {
            for start in stride(from: 0, to: lines.count, by: 64) {
                try sqlite.append(lines[start..<min(start + 64, lines.count)])
            }
        }
        let logBytes = try size(of: archive.logURL)
        let sqliteBytes = try size(of: folder) - size(of: archive.url)
        row(
            "append, 64 a batch, 4 callers", rate(lines.count, append), "SQLite FULL, 64 a transaction",
            rate(lines.count, sqliteSeconds), sqliteSeconds / append)
        row(
            "bytes an event", "\(logBytes / lines.count)", "SQLite", "\(sqliteBytes / lines.count)",
            Double(logBytes) / Double(sqliteBytes))

        let bare = try bareAppends(folder.appending(path: "bare"), count: 2000)
        let single = try await singleAppends(Array(lines.prefix(2000)), folder.appending(path: "single"))
        row(
            "one event in flight", rate(2000, single), "4 KiB append + fdatasync", rate(2000, bare),
            bare / single)

        let verifier = LogVerifier(archive)
        var problems = 0
        let verify = try seconds { problems = try verifier.run().problems.count }
        precondition(problems == 0)
        let gzip = try seconds {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "gzip -t \"$0\"/*.gz", archive.logPath]
            try process.run()
            process.waitUntilExit()
        }
        row(
            "verify (sums, sequence, tree)", megabytes(byteCount, verify), "gzip -t",
            megabytes(byteCount, gzip), gzip / verify)

        var generator = SystemRandomNumberGenerator()
        let keys = (0..<300).map { _ in Int.random(in: 0..<lines.count, using: &generator) }
        let reader = try LogReader(archive)
        let seek = try seconds {
            for key in keys {
                var cursor = try reader.cursor(from: SequenceNumber(UInt64(key)))
                guard case .lines(let found)? = try cursor.next(), found.first.rawValue == UInt64(key) else {
                    fatalError()
                }
            }
        }
        let select = try seconds { for key in keys { _ = try sqlite.read(key + 1) } }
        row(
            "seek to a record, warm", "\(Int(seek / 300 * 1e6)) µs", "SQLite row by key",
            "\(Int(select / 300 * 1e6)) µs", select / seek)
    }

    /// Four callers, each with a batch of 64 on its way.
    private static func appendBatches(_ lines: [[UInt8]], to archive: Archive) async throws -> Double {
        let writer = try LogWriter.open(archive)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    for start in stride(from: caller * 64, to: lines.count, by: 256) {
                        _ = try await writer.append(batch(lines[start..<min(start + 64, lines.count)]))
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try await writer.close()
        return seconds
    }

    private static func singleAppends(_ lines: [[UInt8]], _ folder: URL) async throws -> Double {
        let writer = try LogWriter.open(try Archive.create(folder))
        let start = ContinuousClock.now
        for line in lines { _ = try await writer.append(batch([line])) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try await writer.close()
        return seconds
    }

    private static func batch(_ lines: ArraySlice<[UInt8]>) -> LineBatch {
        var batch = LineBatch()
        batch.reserveCapacity(byteCount: lines.reduce(0) { $0 + $1.count + 48 }, count: lines.count)
        for line in lines {
            batch.append { bytes in
                bytes += Self.members
                bytes += line
            }
        }
        return batch
    }

    private static let members = Array(#""via":"callback","flow":"none","event":"#.utf8)

    private static func bareAppends(_ url: URL, count: Int) throws -> Double {
        let file = try LocalFileSystem().open(url.path, .create(isPrivate: false))
        let block = [UInt8](repeating: 0x5A, count: 4096)
        return try seconds {
            for index in 0..<count {
                try block.withUnsafeBytes { try file.write($0, at: Int64(index) * 4096) }
                try file.sync()
            }
        }
    }

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private static func size(of folder: URL) throws -> Int {
        guard
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])
        else { return 0 }
        var total = 0
        for case let url as URL in files {
            total += try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        }
        return total
    }

    private static func rate(_ count: Int, _ seconds: Double) -> String {
        "\(Int(Double(count) / seconds)) /s"
    }
    private static func megabytes(_ count: Int, _ seconds: Double) -> String {
        "\(Int(Double(count) / seconds / 1e6)) MB/s"
    }

    private static func row(_ what: String, _ ours: String, _ peer: String, _ theirs: String, _ ratio: Double)
    {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        print(
            padded(what, 32), padded(ours, 14), padded(peer, 32), padded(theirs, 14),
            "× \((ratio * 100).rounded() / 100)")
    }
}
