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
            contents of edited messages are found too, but from a viewpoint nothing that is not seen from there. --json prints the messages as 'stele messages --json' does.

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
    @OptionGroup(title: "Viewpoint") var viewpoint: ViewpointOptions

    @Option(help: ArgumentHelp("At most so many, the newest.", valueName: "n"))
    var limit = MessageSearch.defaultLimit

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is at least 1.") }
    }

    func run() throws {
        let access = try ViewAccess.open(try archive.existing(), at: viewpoint.standpoint)
        defer { access.close() }
        let search = MessageSearch(reader: try access.reader())
        let found = try search.messages(
            text, conversation: conversation, sender: sender.map { UserID($0) }, from: range.from?.instant,
            to: range.to?.instant, limit: limit)
        let output = StandardOutput()
        if self.output.isJSON {
            var encoder = MessageEncoder()
            for hit in found {
                try output.printLine { encoder.append(hit.message, name: hit.name, to: &$0) }
            }
        } else {
            try tell(found, to: output)
        }
        try output.flush()
        if found.isEmpty { StandardError.print("note: nothing found.") }
    }

    private func tell(_ found: [FoundMessage], to output: StandardOutput) throws {
        let style = Style()
        var clock = try zone.clock
        for hit in found {
            let text = hit.snippet.parts.map { part in
                let visible = TerminalText.visible(part.text.replacing("\n", with: " "))
                return part.isHit ? style.bold(style.yellow(visible)) : visible
            }.joined()
            let sender = TerminalText.visible(hit.message.from?.user.rawValue ?? "-")
            try output.print(
                style.dim(clock.minuteText(hit.message.time)) + "  "
                    + style.cyan(TerminalText.visible(hit.name)) + "  "
                    + sender + ": " + text + (hit.isInEdit ? style.dim("  (edited)") : ""))
        }
    }
}
