// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleProjection
import SteleTranscript

/// `stele members`: who is and who was in a conversation.
struct MembersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members",
        abstract: "Tells who is and who was in a conversation, and what was done to it.",
        discussion: """
            When each member came and went, who let them in or out, roles, mutes and lists over time; of the group or \
            room its names, announcement, shared files, attributes and refused operations. A time that no record \
            tells is '?': the member was there before the archive begins, or nothing tells of their leaving.

            --json prints the conversation on the first line and one member a line after it.

            Examples:
              stele members group:262246968131585
              stele members group:262246968131585 --at 2026-11-20T09:30:00+08:00
              stele members room:185145305923585 --json | jq -c 'select(.role == "owner")'
            """)

    @Argument(help: ArgumentHelp("The name, as 'stele conversations' prints it.", valueName: "conversation"))
    var conversation: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions

    @Option(
        help: ArgumentHelp(
            "Only who was in it at this time: RFC 3339, or a date (UTC).", valueName: "time"))
    var at: TimeArgument?

    func run() throws {
        let access = try ViewAccess(upToDate: try archive.existing())
        let snapshot = try access.views.snapshot()
        let summary = try TranscriptReader(snapshot, archive: access.archive).conversation(
            named: conversation)
        let output = StandardOutput()
        try snapshot.read { reader in
            guard let entry = try reader.conversation(summary.id, app: summary.app) else { return }
            let state = try reader.groupState(of: entry)
            if self.output.isJSON {
                try output.print(JSONLine(state, of: entry))
                try reader.members(in: entry) { member in
                    if isWanted(member) { try output.print(JSONLine(member, at: at?.instant)) }
                }
            } else {
                try printText(state, of: entry, reader, to: output)
            }
        }
        try output.flush()
    }

    private func isWanted(_ member: MemberEntry) -> Bool {
        at.map { member.membership.stay(at: $0.instant) != nil } ?? true
    }

    private func printText(
        _ state: GroupState, of entry: ConversationEntry, _ reader: ViewsReader, to output: StandardOutput
    ) throws {
        var page = MembersPage(clock: try zone.clock)
        for line in page.heading(state, of: entry) { try output.print(line) }
        // A table's columns are as wide as its widest cell: a room with very many members is long to print either way.
        try reader.members(in: entry) { if isWanted($0) { page.add($0, at: at?.instant) } }
        for line in page.table.lines(width: Terminal.isOutput ? Terminal.width : nil, style: Style()) {
            try output.print(line)
        }
    }
}
