// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog
import SteleProjection

/// `stele status`: the archive in numbers.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tells how much the archive holds and how far its views are.",
        discussion: """
            'applied' is the last record that the views show, 'quarantined' counts records that no decoder \
            understands ('stele quarantine' lists them), 'held' counts receipts, recalls and edits whose message has \
            not been seen yet.

            Example:
              stele status --json
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let archive = try archive.existing()
        let access = try ViewAccess(upToDate: archive)
        let status = try access.views.read { try $0.status() }
        let log = try LogSize(archive)
        if output.isJSON { try print(log, status, archive) } else { try tell(log, status, archive) }
    }

    private func print(_ log: LogSize, _ status: ViewsStatus, _ archive: Archive) throws {
        var line = JSONLine()
        line.add("archive", archive.path)
        line.add("origin", archive.origin)
        line.add("records", log.records)
        line.add("segments", log.segments)
        line.add("bytes", log.bytes)
        line.add("applied", status.applied?.rawValue)
        line.add("lag", log.records - min(log.records, status.applied.map { $0.rawValue + 1 } ?? 0))
        line.add("quarantined", status.quarantined)
        line.add("held", status.held)
        line.add("conversations", status.conversations)
        line.add("messages", status.messages)
        line.add("checkpoint", String?.none)
        let output = StandardOutput()
        try output.print(line)
        try output.flush()
    }

    private func tell(_ log: LogSize, _ status: ViewsStatus, _ archive: Archive) throws {
        let rows: [(String, String)] = [
            ("archive", "\(archive.path) (\(archive.origin))"),
            ("records", "\(log.records) in \(log.segments) segments, \(ByteCount.text(log.bytes))"),
            ("views", status.applied.map { "up to record \($0)" } ?? "empty"),
            ("conversations", "\(status.conversations) with \(status.messages) messages"),
            ("held", "\(status.held) facts about messages not seen yet"),
            ("quarantined", "\(status.quarantined) records that no decoder understands"),
            ("checkpoint", "none"),
        ]
        let style = Style()
        let output = StandardOutput()
        for (name, value) in rows {
            try output.print(style.bold(name.padding(toLength: 15, withPad: " ", startingAt: 0)) + value)
        }
        try output.flush()
    }
}

/// How much the log holds.
struct LogSize {
    let records: UInt64
    let segments: Int
    /// On disk.
    let bytes: Int64

    init(_ archive: Archive) throws {
        records = try LogReader(archive).end().rawValue
        let files = try FileManager.default.contentsOfDirectory(
            at: archive.logURL, includingPropertiesForKeys: [.fileSizeKey]
        ).filter { $0.lastPathComponent.hasSuffix(".jsonl.gz") }
        segments = files.count
        bytes = try files.reduce(0) { $0 + Int64(try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0) }
    }
}

/// Bytes as people read them.
enum ByteCount {
    static func text(_ bytes: Int64) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let number = unit == 0 ? "\(bytes)" : "\((value * 10).rounded() / 10)"
        return "\(number) \(units[unit])"
    }
}
