// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// One edit of a message, told once or more.
package struct EditEntry: Hashable, Sendable {
    package let body: Body
    package let ext: String?
    package let time: Instant?
    package let editor: UserID?
    /// How often the message was edited, this time included; nil when not told.
    package let count: Int?
}

/// All that recalls of one message add up to.
package struct RecallEntry: Hashable, Sendable {
    package var by: UserID?
    package var time: Instant?
    package var notice: String?
}

package struct ReceiptEntry: Hashable, Sendable {
    package let user: UserID
    package let time: Instant?
    /// Text sent with a group read receipt.
    package let content: String?
}

package struct RefusalEntry: Hashable, Sendable {
    package let code: Int?
    package let reason: String
}

package struct PinEntry: Hashable, Sendable {
    package let by: UserID?
    package let time: Instant?
}

/// A thread (子区) and its newest name.
package struct StartedThreadEntry: Hashable, Sendable {
    package let id: String
    package let name: String?
}

/// A content that a sender tried to send.
package struct AttemptEntry: Hashable, Sendable {
    package let body: Body
    package let ext: String?
    package let time: Instant?
}

package struct KeywordAlertEntry: Hashable, Sendable {
    package let time: Instant?
    /// `pass`, `refuse`, `replace`.
    package let status: String
    /// `through`, `intercepted`, `replaced`.
    package let reason: String
    package let words: [String]
}

package struct ModerationEntry: Hashable, Sendable {
    package let time: Instant?
    /// `PASS`, `REJECT`, `EXCHANGE`, `RECALL`.
    package let result: String
    package let provider: String?
    package let risk: String?
    package let type: String?
    package let text: String?
    package let url: String?
}

package struct PushEntry: Hashable, Sendable {
    package let user: UserID?
    package let time: Instant?
    /// `success`, `fail`, `error`.
    package let status: String
    package let channel: String?
    package let detail: String?
    package let device: String?
    package let notifier: String?
    package let answer: String?
}
