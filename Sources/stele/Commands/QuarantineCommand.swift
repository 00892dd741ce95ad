// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleProjection
import SteleTranscript

/// `stele quarantine`: what no decoder understands.
struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Lists the records that no decoder understands.",
        discussion: """
            They are in the log like every other record, and a later version of Stele with 'stele rebuild' may \
            understand them. Their bytes: 'stele replay --from SEQ --until SEQ+1 --raw'.

            Example:
              stele quarantine
            """)

    private static let pageSize = 1000

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let access = try ViewAccess(upToDate: try archive.existing())
        let output = StandardOutput()
        var last: UInt64?
        while true {
            let page = try access.views.read { try $0.quarantine(after: last, limit: Self.pageSize) }
            for entry in page { try print(entry, to: output) }
            guard page.count == Self.pageSize, let end = page.last else { break }
            last = end.sequence
        }
        try output.flush()
    }

    private func print(_ entry: QuarantineEntry, to output: StandardOutput) throws {
        guard self.output.isJSON else {
            let surface = entry.surface?.rawValue ?? "-"
            return try output.print("\(entry.sequence)  \(surface)  \(TerminalText.visible(entry.reason))")
        }
        var line = JSONLine()
        line.add("seq", entry.sequence)
        line.add("at", entry.capturedAt?.description)
        line.add("via", entry.surface?.rawValue)
        line.add("reason", entry.reason)
        try output.print(line)
    }
}
