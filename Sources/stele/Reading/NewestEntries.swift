// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// A conversation's entries in a range of time, and of them, where a limit is set, those from the n-th newest message on.
struct NewestEntries {
    private var cursor: TranscriptCursor
    /// The message to begin with: others may share its instant.
    private var first: MessageID?
    private var isEmpty = false

    init(
        _ reader: TranscriptReader, _ conversation: ConversationSummary, from: Instant?, to: Instant?, limit: Int?
    ) throws {
        var from = from
        if let limit {
            let oldest = try reader.newestMessages(in: conversation, from: from, to: to, limit: limit).first
            isEmpty = oldest == nil
            from = oldest?.time ?? from
            first = oldest?.id
        }
        cursor = try reader.cursor(conversation, from: from, to: to)
    }

    mutating func next() throws -> TranscriptEntry? {
        if isEmpty { return nil }
        while let entry = try cursor.next() {
            guard let first else { return entry }
            guard case .message(let message) = entry, message.id == first else { continue }
            self.first = nil
            return entry
        }
        return nil
    }
}
