// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `stele`: the whole product as one command.
@main
struct SteleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stele",
        abstract: "Keeps the permanent record of an app that chats over Easemob IM (环信).",
        discussion: """
            A stele is a stone on which a text is carved once and read for centuries. This one holds chat events: \
            'serve' and 'import' carve them into a log that is only ever appended to, the other commands read it.

            Example:
              stele import callbacks.jsonl history/
              stele conversations
              stele export html --out transcript

            Exit codes: 0 done, 1 the thing asked about does not hold, 64 bad usage, 65 bad input data, \
            74 input/output error.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Record",
                subcommands: [
                    InitCommand.self, ServeCommand.self, ImportCommand.self, FetchHistoryCommand.self,
                    FetchAttachmentsCommand.self,
                ]),
            CommandGroup(
                name: "Read",
                subcommands: [
                    ConversationsCommand.self, MessagesCommand.self, MembersCommand.self,
                    ActivityCommand.self, SearchCommand.self, ExportCommand.self, ReplayCommand.self,
                ]),
            CommandGroup(
                name: "Keep",
                subcommands: [
                    StatusCommand.self, GapsCommand.self, ReconcileCommand.self,
                    VerifyCommand.self, CheckpointCommand.self,
                    ProveCommand.self,
                    MirrorCommand.self, RebuildCommand.self, QuarantineCommand.self,
                ]),
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asyncCommand = command as? any AsyncParsableCommand {
                try await asyncCommand.run()
            } else {
                try command.run()
            }
        } catch {
            Failure(error).end()
        }
    }
}
