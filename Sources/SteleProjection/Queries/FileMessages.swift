// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// A message that names files.
package struct FileMessage: Hashable, Sendable {
    /// Of the first record that showed it: where the next page begins.
    package let sequence: UInt64
    package let id: MessageID
    package let app: AppKey?
    package let time: Instant
    /// The attachment before its thumbnail.
    package let files: [FileReference]
}

extension ViewsReader {
    /// Messages that name files, those first seen last before the others.
    ///
    /// At most `limit` of those whose first record is `start` or later, and before `end`; nil for no end.
    package func fileMessages(before end: UInt64? = nil, from start: UInt64 = 0, limit: Int) throws
        -> [FileMessage]
    {
        // The types stand here as in the index, which is used for that.
        let rows = try statement(
            """
            SELECT * FROM messages WHERE seq >= ? AND seq < ? AND \(Schema.typesWithFiles)
            ORDER BY seq DESC LIMIT ?
            """)
        rows.put(Int64(start))
        rows.put(end.map { Int64($0) } ?? Int64.max)
        rows.put(limit)
        return try rows.all { row in
            let state = MessageState(row: row)
            return FileMessage(
                sequence: UInt64(state.sequence), id: state.id, app: try app(state.app),
                time: Instant(microseconds: state.time), files: state.body.body.files)
        }
    }

    /// The messages of one conversation that name files, the newest first.
    ///
    /// `position` is the message after the last wanted; the next page begins at the last message looked at.
    package func fileMessages(
        in conversation: ConversationEntry, before position: MessagePosition?, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> (messages: [FileMessage], next: MessagePosition?) {
        let page = try newestMessages(
            in: conversation, before: position, from: from, to: to, limit: limit)
        let messages = page.reversed().compactMap { entry -> FileMessage? in
            let files = entry.body.files
            guard !files.isEmpty else { return nil }
            return FileMessage(
                sequence: entry.firstSighting.sequence, id: entry.id, app: entry.app, time: entry.time,
                files: files)
        }
        return (messages, page.count < limit ? nil : page.first.map { MessagePosition($0) })
    }
}
