// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Until when the users of a single chat had read everything, within the time of one page.
package struct ConversationReads: Sendable {
    /// Of each reader, in order.
    fileprivate var times: [UserID: [Instant]] = [:]

    /// When `reader` first told to have read everything up to a time that is no earlier than `time`.
    package func firstRead(by reader: UserID, notBefore time: Instant) -> Instant? {
        guard let times = times[reader] else { return nil }
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low < times.count ? times[low] : nil
    }

    package var readers: Dictionary<UserID, [Instant]>.Keys { times.keys }
}

extension ViewsReader {
    /// The conversation reads that concern messages between two instants, both included.
    package func conversationReads(
        in conversation: ConversationEntry, from: Instant, through: Instant
    ) throws -> ConversationReads {
        var reads = ConversationReads()
        guard conversation.id.kind == .chat, try hasRows("conversation_reads") else { return reads }
        // Those in the span, and of each reader the first one after it.
        let app = conversation.appNumber == nil ? "" : "AND app = ?"
        let inside = try statement(
            "SELECT user, time FROM conversation_reads WHERE conversation = ? \(app) AND time BETWEEN ? AND ?"
        )
        let after = try statement(
            """
            SELECT user, min(time) FROM conversation_reads WHERE conversation = ? \(app) AND time > ? GROUP BY user
            """)
        for (rows, bounds) in [(inside, [from, through]), (after, [through])] {
            rows.put(conversation.number)
            if let app = conversation.appNumber { rows.put(app) }
            for bound in bounds { rows.put(bound.microseconds) }
            defer { rows.reset() }
            while try rows.step() {
                guard let reader = try user(rows.int(0)) else { continue }
                reads.times[reader, default: []].append(Instant(microseconds: rows.int(1)))
            }
        }
        for reader in reads.times.keys { reads.times[reader]?.sort() }
        return reads
    }
}
