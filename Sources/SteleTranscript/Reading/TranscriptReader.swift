// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleLog
package import SteleProjection

/// Reads transcripts out of one state of the views, whatever is folded meanwhile.
package struct TranscriptReader: Sendable {
    let snapshot: ViewsSnapshot
    let archive: Archive

    package init(_ snapshot: ViewsSnapshot, archive: Archive) {
        self.snapshot = snapshot
        self.archive = archive
    }

    /// The present state of `views`.
    package init(_ views: Views, archive: Archive) throws {
        try self.init(views.snapshot(), archive: archive)
    }

    /// Every conversation, the last active first.
    package func conversations() throws -> [ConversationSummary] {
        try snapshot.read { reader in try Self.summaries(try reader.conversations(), reader) }
    }

    /// The conversation with a name as `stele conversations` prints it.
    ///
    /// - Throws: ``ConversationNameError``, with the names most like it.
    package func conversation(named name: String) throws -> ConversationSummary {
        try snapshot.read { reader in
            try Self.summaries([try ConversationName.resolve(name, reader)], reader)[0]
        }
    }

    /// What stands at the head of a transcript of some conversations, in their order; of all when none is named.
    package func header(
        _ names: [String] = [], from: Instant? = nil, to: Instant? = nil
    ) throws -> TranscriptHeader {
        try snapshot.read { reader in
            let entries =
                names.isEmpty
                ? try reader.conversations() : try names.map { try ConversationName.resolve($0, reader) }
            return TranscriptHeader(
                conversations: try Self.summaries(entries, reader), from: from, to: to,
                recordCount: try reader.appliedEnd().rawValue)
        }
    }

    /// A cursor over what is in a conversation, before its first entry.
    ///
    /// `from` is the first instant wanted, `to` the first no longer wanted.
    package func cursor(
        _ conversation: ConversationSummary, from: Instant? = nil, to: Instant? = nil
    ) throws -> TranscriptCursor {
        TranscriptCursor(self, try entry(conversation), from: from, to: to)
    }

    /// The newest messages of a conversation in the order of their time, commands (透传) and all.
    ///
    /// `position` is the message after the last wanted, for the page before one that was read.
    package func newestMessages(
        in conversation: ConversationSummary, before position: MessagePosition? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> [TranscriptMessage] {
        let entry = try entry(conversation)
        return try snapshot.read { reader in
            let page = try reader.newestMessages(
                in: entry, before: position, from: from, to: to, limit: limit)
            return try TranscriptPage(page, in: entry, reader, archive).messages()
        }
    }

    /// Messages of a conversation in the order of their time, from a place on.
    package func messages(
        in conversation: ConversationSummary, after position: MessagePosition? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> [TranscriptMessage] {
        let entry = try entry(conversation)
        return try snapshot.read { reader in
            let page = try reader.messages(in: entry, after: position, from: from, to: to, limit: limit)
            return try TranscriptPage(page, in: entry, reader, archive).messages()
        }
    }

    /// The messages with an id that are in a conversation: one, or one of each app that gave the id.
    package func messages(withID id: MessageID) throws -> [TranscriptMessage] {
        try snapshot.read { reader in
            try reader.messages(withID: id).flatMap { message -> [TranscriptMessage] in
                guard let entry = try reader.conversation(of: message) else { return [] }
                return try TranscriptPage([message], in: entry, reader, archive).messages()
            }
        }
    }

    private func entry(_ conversation: ConversationSummary) throws -> ConversationEntry {
        try snapshot.read { reader in try ConversationName.resolve(conversation.name, reader) }
    }

    // MARK: Summaries

    private static func summaries(
        _ entries: [ConversationEntry], _ reader: ViewsReader
    ) throws -> [ConversationSummary] {
        var names: [AppKey?: [UserID: String]] = [:]
        for (app, entries) in Dictionary(grouping: entries, by: \.app) {
            names[app] = try reader.displayNames(Set(entries.flatMap(\.participants)), app: app)
        }
        return entries.map { entry in
            ConversationSummary(
                id: entry.id, app: entry.app, name: entry.name, title: entry.title,
                participants: entry.participants.map { user in
                    Participant(user: user, displayName: names[entry.app]?[user])
                },
                messageCount: entry.messageCount, first: entry.first, last: entry.last)
        }
    }
}
