// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSONExporter
import SteleEvents
import SteleProjection
import SteleTranscript

/// `stele search`: messages that hold a text.
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds messages by what they say, the newest first.",
        discussion: """
            Words separated by spaces must all be there. Any run of Chinese, Japanese or Korean characters is found, \
            from one on; other words are found whole, in any case. Nothing in the text is query syntax. Earlier \
            contents of edited messages are found too. --json prints the messages as 'stele messages --json' does.

            Examples:
              stele search 订单
              stele search "review moved" --conversation chat:alice:bob --from 2026-11-01
            """)

    @Argument(help: "What to look for.")
    var text: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions

    @Option(help: ArgumentHelp("Only in this conversation.", valueName: "name"))
    var conversation: String?

    @Option(help: ArgumentHelp("Only by this user.", valueName: "user"))
    var sender: String?

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("At most so many, the newest.", valueName: "n"))
    var limit = 100

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is at least 1.") }
    }

    func run() throws {
        let access = try ViewAccess(upToDate: try archive.existing())
        let snapshot = try access.views.snapshot()
        let reader = TranscriptReader(snapshot, archive: access.archive)
        let place = try conversation.map { try reader.conversation(named: $0) }
        let hits = try snapshot.read { views in
            try views.search(
                SearchRequest(
                    text, conversation: try place.flatMap { try views.conversation($0.id, app: $0.app) },
                    sender: sender.map { UserID($0) }, from: range.from?.instant, to: range.to?.instant, limit: limit))
        }
        if output.isJSON { try printJSON(hits, reader) } else { try tell(hits, snapshot) }
    }

    private func printJSON(_ hits: [SearchHit], _ reader: TranscriptReader) throws {
        let output = StandardOutput()
        var encoder = MessageEncoder()
        for hit in hits {
            for found in try reader.foundMessages(withID: hit.message.id) where found.message.app == hit.message.app {
                try output.printLine { encoder.append(found.message, name: found.name, to: &$0) }
            }
        }
        try output.flush()
    }

    private func tell(_ hits: [SearchHit], _ snapshot: ViewsSnapshot) throws {
        let output = StandardOutput()
        let style = Style()
        var clock = try zone.clock
        for hit in hits {
            let name = try snapshot.read { try $0.conversation(of: hit.message)?.name } ?? "-"
            let text = hit.snippet.parts.map { part in
                let visible = TerminalText.visible(part.text)
                return part.isHit ? style.bold(style.yellow(visible)) : visible
            }.joined()
            let sender = TerminalText.visible(hit.message.from?.rawValue ?? "-")
            try output.print(
                style.dim(clock.minuteText(hit.message.time)) + "  " + style.cyan(TerminalText.visible(name)) + "  "
                    + sender + ": " + text + (hit.isInEdit ? style.dim("  (edited)") : ""))
        }
        try output.flush()
        if hits.isEmpty { StandardError.print("note: nothing found.") }
    }
}

extension TranscriptReader {
    /// The messages with an id, each with the name that its conversation is printed by.
    fileprivate func foundMessages(withID id: MessageID) throws -> [(message: TranscriptMessage, name: String)] {
        try messages(withID: id).map { message in
            let name = message.app.map { "\($0)/\(message.conversation)" } ?? message.conversation.description
            return (message, try conversation(named: name).name)
        }
    }
}
