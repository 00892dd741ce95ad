// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// The messages of one level of a combine-forward message (合并转发), and the file that carries them.
///
/// ```
/// offset 0   2 bytes   "cm"
/// for each message, in order:
///            4 bytes   length, unsigned, big-endian
///            length    a protobuf Meta
/// last       1 byte    XOR of the bytes at odd offsets from 3 up to the one before
/// ```
///
/// The file is neither encrypted nor compressed, and its check covers every other byte only: it finds accidents, and
/// proves nothing. A combine message inside is a message like any other, with a file of its own.
package struct Bundle: Hashable, Sendable {
    /// How many messages the platform lets one level hold.
    package static let maximumMessages = 300
    /// How many levels the platform lets stand inside one another; 1 when only plain messages are inside.
    package static let maximumLevels = 10

    package var messages: [BundleMessage]

    package init(messages: [BundleMessage]) { self.messages = messages }

    /// The level a combine message of these messages has: one more than the highest inside.
    package var level: Int {
        let inside = messages.map { message in
            guard case .combine(let combine) = message.body else { return 0 }
            return max(combine.level ?? 1, 1)
        }
        return 1 + (inside.max() ?? 0)
    }
}

/// A message inside a bundle, as its sender wrote it.
package struct BundleMessage: Hashable, Sendable {
    /// The original message's id.
    package var id: MessageID
    package var app: AppKey?
    /// The original sender.
    package var from: UserID?
    /// The peer, the group or the room it was sent to.
    package var to: String
    package var kind: ConversationKind
    /// When the original was sent.
    package var time: Instant?
    package var body: Body
    /// The extension object's JSON text; nil when it is empty.
    package var ext: String?
    /// Of a room's message.
    package var priority: Message.Priority?
    package var isBroadcast = false
    package var wantsGroupReceipt = false

    package init(
        id: MessageID, app: AppKey?, from: UserID?, to: String, kind: ConversationKind, time: Instant?,
        body: Body, ext: String? = nil, priority: Message.Priority? = nil
    ) {
        self.id = id
        self.app = app
        self.from = from
        self.to = to
        self.kind = kind
        self.time = time
        self.body = body
        self.ext = ext
        self.priority = priority
    }
}

/// Why a file is no bundle, or messages cannot be made into one.
package struct BundleError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Does not start with `cm`, or is too short to.
        case notABundle
        /// The check byte at the end does not fit the rest.
        case checksum
        /// A length reaches beyond the end.
        case truncated
        /// A message's bytes are not the protobuf they should be.
        case malformedMessage
        /// More messages than ``Bundle/maximumMessages``.
        case tooManyMessages
        /// No message to write.
        case empty
        /// More levels than ``Bundle/maximumLevels``.
        case tooManyLevels
        /// A message has something that the file has no place for.
        case unwritable
    }

    package let code: Code
    /// Which message is concerned, from 1; nil for the file as a whole.
    package let message: Int?
    /// What is wrong.
    package let reason: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package var description: String {
        message.map { "message \($0) of the bundle: \(reason). \(remedy)" } ?? "\(reason). \(remedy)"
    }
}
