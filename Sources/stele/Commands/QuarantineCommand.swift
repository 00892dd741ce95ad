// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript

/// `stele quarantine`: what no decoder understands.
struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Lists the records that no decoder understands.",
        discussion: """
            They are in the log like every other record, and a later version of Stele with 'stele rebuild' may \
            understand them. --lines shows each as the log has it.

            Examples:
              stele quarantine
              stele quarantine 4711 --lines
            """)

    private static let pageSize = 1000

    @Argument(help: ArgumentHelp("Only these records.", valueName: "sequence"))
    var sequences: [UInt64] = []

    @Flag(help: "Show each record's line, as the log has it, too.")
    var lines = false

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let access = try ViewAccess(upToDate: try archive.existing())
        let reader = lines ? try LogReader(access.archive) : nil
        let output = StandardOutput()
        if !sequences.isEmpty {
            for sequence in sequences {
                let after = sequence == 0 ? nil : sequence - 1
                let found = try access.views.read { try $0.quarantine(after: after, limit: 1) }.first
                guard let entry = found, entry.sequence == sequence else {
                    throw CommandError(
                        "Record \(sequence) is not in the quarantine.",
                        hint: "'stele quarantine' lists those that are.", exit: .doesNotHold)
                }
                try print(entry, line: line(entry, reader), to: output)
            }
            return try output.flush()
        }
        var last: UInt64?
        while true {
            let page = try access.views.read { try $0.quarantine(after: last, limit: Self.pageSize) }
            for entry in page { try print(entry, line: line(entry, reader), to: output) }
            guard page.count == Self.pageSize, let end = page.last else { break }
            last = end.sequence
        }
        try output.flush()
    }

    /// The record's line, where lines are shown; nil for a part of the log that cannot be read, which the reason tells.
    private func line(_ entry: QuarantineEntry, _ reader: LogReader?) throws -> String? {
        do throws(LogError) {
            return try reader.map { reader throws(LogError) in
                String(decoding: try reader.line(SequenceNumber(entry.sequence)), as: UTF8.self)
            }
        } catch {
            guard error.code == .damaged else { throw error }
            return nil
        }
    }

    private func print(_ entry: QuarantineEntry, line text: String?, to output: StandardOutput) throws {
        guard self.output.isJSON else {
            let surface = entry.surface?.rawValue ?? "-"
            try output.print("\(entry.sequence)  \(surface)  \(TerminalText.visible(entry.reason))")
            if let text { try output.print("    \(TerminalText.visible(text))") }
            return
        }
        var line = JSONLine()
        line.add("seq", entry.sequence)
        line.add("at", entry.capturedAt?.description)
        line.add("via", entry.surface?.rawValue)
        line.add("reason", entry.reason)
        if lines { line.add("line", text) }
        try output.print(line)
    }
}
