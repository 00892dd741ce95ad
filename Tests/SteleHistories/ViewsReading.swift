// SPDX-License-Identifier: Apache-2.0

import SteleEvents
package import SteleProjection

extension Views {
    /// What people are shown of the views, as text: conversations, their messages and all that is known of each.
    ///
    /// Without sequences, capture times and anything else that tells in which order records came.
    package func reading() throws -> [String] {
        try read { reader in
            var lines: [String] = []
            for conversation in try reader.conversations() {
                lines.append(
                    Self.line(
                        conversation.name, conversation.title, conversation.participants,
                        conversation.messageCount, conversation.commandCount, conversation.first,
                        conversation.last))
                var place: MessagePosition?
                while case let page = try reader.messages(in: conversation, after: place, limit: 50),
                    let last = page.last
                {
                    for (message, details) in zip(page, try reader.details(of: page)) {
                        lines.append(Self.line(message, details))
                    }
                    place = MessagePosition(last)
                }
            }
            return lines
        }
    }

    private static func line(_ message: MessageEntry, _ details: MessageDetails) -> String {
        line(
            message.id, message.conversation, message.app, message.from, message.to, message.time,
            message.statedTime, message.body, message.ext, message.hasOriginal, message.standing,
            message.priority, message.isBroadcast, message.isOnlineOnly, message.wantsGroupReceipt,
            message.isContentReplaced, message.isTargeted, details.edits, details.recall, details.delivered,
            details.read, details.readCount, details.reactions, details.pin, details.thread,
            details.receivers, details.refusal)
    }

    private static func line(_ values: Any?...) -> String {
        values.map { $0.map { String(describing: $0) } ?? "-" }.joined(separator: " | ")
    }
}
