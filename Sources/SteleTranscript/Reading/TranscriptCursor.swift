// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection

/// Walks through a conversation: messages by time and id, and between them what was done to the group or room.
///
/// Pages of bounded size out of one state of the views: memory does not grow with the conversation.
package struct TranscriptCursor: Sendable {
    /// Messages, or notices, read at once.
    static let pageSize = 500

    private let source: TranscriptReader
    private let place: TranscriptPlace
    private let from: Instant?
    private let to: Instant?

    private var messages: [TranscriptEntry] = []
    private var nextMessage = 0
    private var lastMessage: MessagePosition?
    private var hasMoreMessages = true
    private var notices: [NoticeEntry] = []
    private var nextNotice = 0
    private var lastNotice: NoticeEntry?
    private var hasMoreNotices = true
    private var retelling = RetoldNotices()

    init(_ source: TranscriptReader, _ place: TranscriptPlace, from: Instant?, to: Instant?) {
        self.source = source
        self.place = place
        self.from = from
        self.to = source.end(to)
    }

    /// The next entry; nil at the end.
    package mutating func next() throws -> TranscriptEntry? {
        if nextMessage == messages.count, hasMoreMessages { try readMessages() }
        if nextNotice == notices.count, hasMoreNotices { try readNotices() }
        let message = nextMessage < messages.count ? messages[nextMessage] : nil
        let notice = nextNotice < notices.count ? notices[nextNotice] : nil
        // What was done at a message's instant is told before it: who joins can be written to.
        if let notice, message.map({ notice.time <= $0.time }) ?? true {
            nextNotice += 1
            return .notice(
                TranscriptNotice(
                    conversation: place.conversation.id, time: notice.time, sequence: notice.sequence,
                    operation: notice.operation))
        }
        guard let message else { return nil }
        nextMessage += 1
        return message
    }

    private mutating func readMessages() throws {
        messages = []
        nextMessage = 0
        // A page of nothing but hidden messages leads to the next one.
        while messages.isEmpty, hasMoreMessages {
            let (page, entries) = try source.snapshot.read { reader in
                let page = try reader.messages(
                    in: place.conversation, after: lastMessage, from: from, to: to, limit: Self.pageSize)
                return (page, try source.entries(of: page, in: place, reader))
            }
            messages = entries
            hasMoreMessages = page.count == Self.pageSize
            lastMessage = page.last.map { MessagePosition($0) } ?? lastMessage
        }
    }

    private mutating func readNotices() throws {
        notices = []
        nextNotice = 0
        // A page of nothing but repetitions leads to the next one.
        while notices.isEmpty, hasMoreNotices {
            let page = try source.snapshot.read { reader in
                try reader.notices(
                    in: place.conversation, after: lastNotice, from: from, to: to, limit: Self.pageSize)
            }
            hasMoreNotices = page.count == Self.pageSize
            lastNotice = page.last ?? lastNotice
            notices = page.filter { notice in
                place.outlook?.shows(notice.operation, at: notice.time) ?? true && !retelling.repeats(notice)
            }
        }
    }
}
