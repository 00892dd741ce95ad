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
            not been seen yet, 'gaps' the gaps that are open \
            ('stele gaps' names them). 'mirror' tells how far the second copy is behind ('serve --mirror', 'mirror').

            Example:
              stele status --json
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let archive = try archive.existing()
        let report = try StatusReport(archive, try ViewAccess(upToDate: archive).views)
        let output = StandardOutput()
        if self.output.isJSON {
            try output.print(report.line)
        } else {
            for line in report.text(style: Style()) { try output.print(line) }
        }
        try output.flush()
    }
}

/// The archive in numbers.
struct StatusReport {
    private let archive: Archive
    private let log: LogSize
    private let views: ViewsStatus
    /// The newest one kept.
    private let checkpoint: NewestCheckpoint?
    /// Why there is none to tell of, when its file is at fault.
    private let checkpointProblem: String?
    private let mirror: MirrorStatus?
    /// Open ones.
    private let gaps: Int

    init(_ archive: Archive, _ views: Views) throws {
        self.archive = archive
        (self.views, gaps) = try views.read { reader in
            (try reader.status(), try reader.gaps(GapOptions(now: .now)).count { $0.isOpen })
        }
        // After the views: the log is never seen shorter than what they show.
        log = try LogSize(archive)
        do {
            checkpoint = try NewestCheckpoint(archive)
            checkpointProblem = nil
        } catch let error as LogError {
            checkpoint = nil
            checkpointProblem = "\(error)"
        }
        mirror = try MirrorStatus(of: archive)
    }

    /// Records that the views do not show yet.
    private var lag: UInt64 { log.records - min(log.records, views.applied.map { $0.rawValue + 1 } ?? 0) }

    var line: JSONLine {
        var line = JSONLine()
        line.add("archive", archive.path)
        line.add("origin", archive.origin)
        line.add("records", log.records)
        line.add("segments", log.segments)
        line.add("bytes", log.bytes)
        line.add("applied", views.applied?.rawValue)
        line.add("lag", lag)
        line.add("quarantined", views.quarantined)
        line.add("held", views.held)
        line.add("gaps", gaps)
        line.add("conversations", views.conversations)
        line.add("messages", views.messages)
        line.add("checkpoint", checkpoint?.line)
        line.add("mirror", mirror?.line)
        return line
    }

    func text(style: Style) -> [String] {
        let rows: [(String, String)] = [
            ("archive", "\(archive.path) (\(archive.origin))"),
            (
                "records",
                "\(log.records) in \(log.segments) \(log.segments == 1 ? "segment" : "segments"), \(ByteCount.text(log.bytes))"
            ),
            ("views", views.applied.map { "up to record \($0), \(lag) behind" } ?? "empty"),
            ("conversations", "\(views.conversations) with \(views.messages) messages"),
            ("held", "\(views.held) facts about messages not seen yet"),
            ("gaps", gaps == 0 ? "none open" : "\(gaps) open: 'stele gaps' names them"),
            ("quarantined", "\(views.quarantined) records that no decoder understands"),
            ("checkpoint", checkpoint?.text(records: log.records) ?? checkpointProblem ?? "none"),
            ("mirror", mirror?.text ?? "none"),
        ]
        return rows.map { style.bold($0.padding(toLength: 15, withPad: " ", startingAt: 0)) + $1 }
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
        bytes = try files.reduce(0) {
            $0 + Int64(try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
        }
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
