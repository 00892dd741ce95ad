// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import JSONExporter
import SteleEvents
import SteleTranscript
import TextExporter

/// `stele messages`: one conversation as people read it.
struct MessagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages",
        abstract: "Prints the messages of a conversation.",
        discussion: """
            By time, with edits, recalls and receipts. --json prints one message a line, in the form of \
            'stele export jsonl'; what was done to a group or room between the messages is left out then.

            Examples:
              stele messages chat:alice:bob --time-zone Asia/Shanghai
              stele messages group:262246968131585 --from 2026-11-20 --to 2026-11-21 --json
              stele messages group:262246968131585 --as-seen-by bob --as-of 2026-11-20T18:00Z --clock happened --explain
            """)

    @Argument(help: ArgumentHelp("The name, as 'stele conversations' prints it.", valueName: "conversation"))
    var conversation: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions
    @OptionGroup var language: LanguageOptions
    @OptionGroup var range: RangeOptions
    @OptionGroup(title: "Viewpoint") var viewpoint: ViewpointOptions
    @OptionGroup(title: "Viewpoint") var explanation: ExplainOptions

    @Option(help: ArgumentHelp("Only the newest so many of them.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Show commands (透传), receipts and sightings too.")
    var details = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
        try explanation.validate(viewpoint)
    }

    func run() throws {
        let access = try ViewAccess.open(try archive.existing(), at: viewpoint.standpoint)
        defer { access.close() }
        var reader = try access.reader()
        reader.explains = explanation.explain
        let header = try reader.header([conversation], from: range.from?.instant, to: range.to?.instant)
        let summary = header.conversations[0]
        let file = OutputFile(descriptor: STDOUT_FILENO)
        var writer = try writer(to: file)
        try writer.begin(header)
        try writer.begin(summary)
        var entries = try NewestEntries(
            reader, summary, from: range.from?.instant, to: range.to?.instant, limit: limit)
        while let entry = try entries.next() {
            if case .notice = entry, output.isJSON { continue }
            try writer.write(entry)
        }
        try writer.end(summary)
        _ = try writer.finish()
    }

    private func writer(to file: OutputFile) throws -> any TranscriptWriter {
        if output.isJSON { return JSONLinesWriter(to: file) }
        var options = TextWriter.Options()
        options.timeZone = try zone.clock.zone
        options.language = language.value
        options.showsDetails = details
        if Terminal.isOutput { options.width = Terminal.width }
        return TextWriter(to: file, options: options)
    }
}

extension LanguageOptions {
    var value: TranscriptLanguage {
        switch language {
        case .en: .english
        case .zh: .chinese
        }
    }
}
