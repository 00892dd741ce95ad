// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleLog
package import SteleProjection

/// Reads transcripts out of one state of the views, whatever is folded meanwhile.
package struct TranscriptReader: Sendable {
    package let snapshot: ViewsSnapshot
    let archive: Archive

    /// From where they are read.
    package var viewpoint = Viewpoint.archive
    /// Whether hidden messages are told of, with the reason; they are left out otherwise.
    package var explains = false
    /// The point in time that heads tell of.
    package var asOf: AsOf?

    package init(_ snapshot: ViewsSnapshot, archive: Archive) {
        self.snapshot = snapshot
        self.archive = archive
    }

    /// The present state of `views`.
    package init(_ views: Views, archive: Archive) throws {
        try self.init(views.snapshot(), archive: archive)
    }

    /// Every conversation of which anything is seen, the last active first.
    package func conversations() throws -> [ConversationSummary] {
        try snapshot.read { reader in try summaries(try reader.conversations(from: viewpoint), reader) }
    }

    /// The conversation with a name as `stele conversations` prints it.
    ///
    /// - Throws: ``ConversationNameError``, with the names most like it.
    package func conversation(named name: String) throws -> ConversationSummary {
        try snapshot.read { reader in try summaries([try resolve(name, reader)], reader)[0] }
    }

    /// Whether any record tells of a user.
    package func knows(_ user: UserID) throws -> Bool { try snapshot.read { try $0.knows(user) } }

    /// What stands at the head of a transcript of some conversations, in their order; of all when none is named.
    package func header(
        _ names: [String] = [], from: Instant? = nil, to: Instant? = nil
    ) throws -> TranscriptHeader {
        try snapshot.read { reader in
            let entries =
                names.isEmpty
                ? try reader.conversations(from: viewpoint) : try names.map { try resolve($0, reader) }
            var header = TranscriptHeader(
                conversations: try summaries(entries, reader), from: from, to: to,
                recordCount: try reader.appliedEnd().rawValue)
            header.asOf = asOf
            header.seenBy = viewpoint.viewer
            return header
        }
    }

    /// A cursor over what is in a conversation, before its first entry.
    ///
    /// `from` is the first instant wanted, `to` the first no longer wanted.
    package func cursor(
        _ conversation: ConversationSummary, from: Instant? = nil, to: Instant? = nil
    ) throws -> TranscriptCursor {
        TranscriptCursor(self, try place(conversation), from: from, to: to)
    }

    /// The newest messages of a conversation in the order of their time, commands (透传) and all.
    ///
    /// `position` is the message after the last wanted, for the page before one that was read.
    package func newestMessages(
        in conversation: ConversationSummary, before position: MessagePosition? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> [TranscriptMessage] {
        let place = try place(conversation)
        return try snapshot.read { reader in
            var found: [TranscriptMessage] = []
            var position = position
            // Hidden messages do not count: where there are any, the page before has the rest.
            let size = place.outlook == nil ? limit : max(limit, TranscriptCursor.pageSize)
            while true {
                let page = try reader.newestMessages(
                    in: place.conversation, before: position, from: from, to: end(to), limit: size)
                found = try messages(of: page, in: place, reader) + found
                guard found.count < limit, page.count == size, let first = page.first else { break }
                position = MessagePosition(first)
            }
            return found.suffix(limit)
        }
    }

    /// The entries of a conversation with one message's id: the message, or why it is hidden; one of each app that gave the id.
    package func entries(withID id: MessageID) throws -> [TranscriptEntry] {
        try snapshot.read { reader in
            try reader.messages(withID: id).flatMap { message -> [TranscriptEntry] in
                guard let conversation = try reader.conversation(of: message) else { return [] }
                let place = try place(conversation, reader)
                return try TranscriptPage([message], in: place, reader, archive).transcriptEntries()
            }
        }
    }

    /// The messages with an id that are in a conversation and seen: one, or one of each app that gave the id.
    package func messages(withID id: MessageID) throws -> [TranscriptMessage] {
        try entries(withID: id).compactMap(\.message)
    }

    // MARK: Pages

    /// A page's entries; hidden messages among them only if the reader is to explain itself.
    func entries(
        of page: [MessageEntry], in place: TranscriptPlace, _ reader: ViewsReader
    ) throws -> [TranscriptEntry] {
        let entries = try TranscriptPage(page, in: place, reader, archive).transcriptEntries()
        return explains || place.outlook == nil ? entries : entries.filter { $0.message != nil }
    }

    private func messages(
        of page: [MessageEntry], in place: TranscriptPlace, _ reader: ViewsReader
    ) throws -> [TranscriptMessage] {
        try TranscriptPage(page, in: place, reader, archive).transcriptEntries().compactMap(\.message)
    }

    /// The first instant no longer wanted: nothing is read of what came after the moment stood at.
    package func end(_ to: Instant?) -> Instant? {
        [to, viewpoint.moment?.end].compactMap(\.self).min()
    }

    private func place(_ conversation: ConversationSummary) throws -> TranscriptPlace {
        try snapshot.read { reader in
            try place(try ConversationName.resolve(conversation.name, reader), reader)
        }
    }

    private func place(_ conversation: ConversationEntry, _ reader: ViewsReader) throws -> TranscriptPlace {
        TranscriptPlace(
            conversation: conversation, outlook: try reader.outlook(on: conversation, from: viewpoint))
    }

    // MARK: Summaries

    private func resolve(_ name: String, _ reader: ViewsReader) throws -> ConversationEntry {
        try reader.entry(try ConversationName.resolve(name, reader), from: viewpoint)
    }

    private func summaries(
        _ entries: [ConversationEntry], _ reader: ViewsReader
    ) throws -> [ConversationSummary] {
        var names: [AppKey?: [UserID: String]] = [:]
        for (app, entries) in Dictionary(grouping: entries, by: \.app) {
            names[app] = try reader.displayNames(
                Set(entries.flatMap(\.participants)), app: app, by: viewpoint.moment?.instant)
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

extension TranscriptEntry {
    /// The message, unless it is something else.
    fileprivate var message: TranscriptMessage? {
        if case .message(let message) = self { message } else { nil }
    }
}
