// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleEvents
import SteleTranscript

/// `stele export`: conversations as documents.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes conversations as HTML, JSON, JSON Lines, CSV, text or a bundle.",
        discussion: """
            html makes a folder that opens from disk at index.html, or a single page when --out ends in .html. \
            bundle makes the attachment of a combine-forward message (合并转发) out of chosen messages, and beside it \
            a list of what each is to the archive. The other formats are single files. The same records and options \
            give the same bytes. An export appears whole or not at all, and never replaces a file without --force.

            Examples:
              stele export html --out transcript
              stele export jsonl --conversation chat:alice:bob --from 2026-11-20 --out chat.jsonl
              stele export bundle --message 1418130416582363404 --message 1418130416582363405 --out combine
            """)

    @Argument(
        help: ArgumentHelp(
            "\(ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "format"))
    var format: ExportFormat

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The file or folder to write.", valueName: "path"))
    var out: String

    @Option(
        help: ArgumentHelp(
            "Which conversation; may repeat. All of them when none is named.", valueName: "name"))
    var conversation: [String] = []

    @OptionGroup var range: RangeOptions
    @OptionGroup(title: "Viewpoint") var viewpoint: ViewpointOptions
    @OptionGroup(title: "Viewpoint") var explanation: ExplainOptions
    @OptionGroup(title: "Appearance") var appearance: AppearanceOptions

    @Option(help: ArgumentHelp("bundle: a message to put in, in this order; may repeat.", valueName: "id"))
    var message: [String] = []

    @Flag(help: "Replace an earlier export at --out.")
    var force = false

    func validate() throws {
        try explanation.validate(viewpoint)
        if out.isEmpty { throw ValidationError("--out names a file or folder.") }
        if format != .bundle, !message.isEmpty {
            throw ValidationError("--message belongs to 'export bundle'.")
        }
        guard format == .bundle else { return }
        if message.isEmpty, conversation.count != 1 {
            throw ValidationError(
                "A bundle holds messages of one conversation: name it, or the messages with --message.")
        }
    }

    func run() throws {
        let archive = try archive.existing()
        let place = URL(fileURLWithPath: out)
        try checkPlace(place)
        let access = try ViewAccess.open(archive, at: viewpoint.standpoint)
        defer { access.close() }
        var reader = try access.reader()
        reader.explains = explanation.explain
        let header = try header(reader)
        var writer = try appearance.writer(format, to: place, of: archive, seenBy: header.seenBy)
        var bar = ProgressBar("Exporting")
        let files: [WrittenFile]
        if message.isEmpty {
            let total = UInt64(header.conversations.reduce(0) { $0 + $1.messageCount })
            files = try TranscriptRun(reader: reader, header: header)
                .write(into: &writer) { bar.update($0, of: total) }
        } else {
            files = try writeChosen(reader, into: &writer)
        }
        bar.clear()
        try report(files, header)
    }

    private func header(_ reader: TranscriptReader) throws -> TranscriptHeader {
        try reader.header(conversation, from: range.from?.instant, to: range.to?.instant)
    }

    private func checkPlace(_ place: URL) throws {
        let manager = FileManager.default
        let taken = [place, format == .bundle ? place.appendingPathExtension("json") : place]
            .first { manager.fileExists(atPath: $0.path) }
        guard let taken, !force else { return }
        throw CommandError(
            "\(taken.path) is there already.", hint: "Name another --out, or replace it with --force.",
            exit: .inputOutput)
    }

    private func writeChosen(
        _ reader: TranscriptReader, into writer: inout any TranscriptWriter
    ) throws -> [WrittenFile] {
        let messages = try message.map { try chosen($0, reader) }
        guard let first = messages.first, messages.allSatisfy({ $0.conversation == first.conversation })
        else {
            throw CommandError(
                "The messages are of more than one conversation, and a bundle holds messages of one.",
                hint: "Make a bundle for each conversation.", exit: .badUsage)
        }
        let name = first.app.map { "\($0)/\(first.conversation)" } ?? first.conversation.description
        let summary = try reader.conversation(named: name)
        try writer.begin(TranscriptHeader(conversations: [summary]))
        try writer.begin(summary)
        for message in messages { try writer.write(.message(message)) }
        try writer.end(summary)
        return try writer.finish()
    }

    private func chosen(_ id: String, _ reader: TranscriptReader) throws -> TranscriptMessage {
        let found = try reader.entries(withID: MessageID(id))
        switch found.first {
        case .message(let message)? where found.count == 1: return message
        case .hidden(let hidden)? where found.count == 1:
            var clock = try appearance.zone.clock
            let why = Wording(.english).hidden(hidden.reason, clock: &clock)
            throw CommandError(
                "Message \(id) is not seen from this viewpoint: \(why).",
                hint: "Leave out --as-seen-by, or choose another message.", exit: .doesNotHold)
        default:
            throw CommandError(
                found.isEmpty
                    ? "There is no message \(id) in this archive." : "More than one app has a message \(id).",
                hint: "'stele messages CONVERSATION --json' shows the ids there are.", exit: .doesNotHold)
        }
    }

    private func report(_ files: [WrittenFile], _ header: TranscriptHeader) throws {
        let bytes = files.reduce(0) { $0 + $1.bytes }
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("format", format.rawValue)
            line.add("out", out)
            line.add("open", files.first?.url.path)
            line.add("files", files.count)
            line.add("bytes", bytes)
            try output.print(line)
        } else {
            let count = files.count == 1 ? "1 file" : "\(files.count) files"
            try output.print(
                "Wrote \(count), \(ByteCount.text(bytes)). Open \(files.first?.url.path ?? out).")
        }
        try output.flush()
    }
}
