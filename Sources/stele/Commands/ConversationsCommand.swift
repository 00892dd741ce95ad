// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSONExporter
import SteleEvents
import SteleTranscript

/// `stele conversations`: the list.
struct ConversationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conversations",
        abstract: "Lists the conversations, the last active first.",
        discussion: """
            The names are what other commands take: chat:alice:bob, group:ID, room:ID, thread:ID, with an App Key \
            and a slash before them where the archive holds more than one app. From a viewpoint, those of which \
            something is seen, counted by what is seen.

            Examples:
              stele conversations --json
              stele conversations --as-seen-by bob
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions
    @OptionGroup(title: "Viewpoint") var viewpoint: ViewpointOptions

    func run() throws {
        let access = try ViewAccess.open(try archive.existing(), at: viewpoint.standpoint)
        defer { access.close() }
        let conversations = try access.reader().conversations()
        let output = StandardOutput()
        if self.output.isJSON {
            var encoder = MessageEncoder()
            for conversation in conversations {
                try output.printLine { encoder.append(conversation, to: &$0) }
            }
        } else {
            for line in try table(conversations) { try output.print(line) }
        }
        try output.flush()
    }

    private func table(_ conversations: [ConversationSummary]) throws -> [String] {
        var clock = try zone.clock
        var table = Table([
            .init(title: "Conversation"), .init(title: "Messages", isRightAligned: true),
            .init(title: "Last"),
            .init(title: "Title or people", isFlexible: true),
        ])
        for conversation in conversations {
            let people = conversation.participants.map { $0.displayName ?? $0.user.rawValue }.joined(
                separator: ", ")
            table.add([
                TerminalText.visible(conversation.name), "\(conversation.messageCount)",
                conversation.last.map { clock.minuteText($0) } ?? "-",
                TerminalText.visible(conversation.title ?? people),
            ])
        }
        return table.lines(width: Terminal.isOutput ? Terminal.width : nil, style: Style())
    }
}
