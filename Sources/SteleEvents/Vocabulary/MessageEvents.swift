// SPDX-License-Identifier: Apache-2.0

// What the platform itself did with a message: checked it, replaced it, pushed it.

/// A message met the sensitive-word list (敏感词).
public struct KeywordAlert: Hashable, Sendable {
    public var target: MessageID?
    /// `through`, `intercepted`, `replaced`.
    public var reason: String
    /// `pass`, `refuse`, `replace`.
    public var status: String
    public var words: [String]
    public var conversation: ConversationID?
    public var from: UserID?
    /// The peer, the group, the room.
    public var to: String = ""

    public init(target: MessageID?, reason: String, status: String, words: [String]) {
        self.target = target
        self.reason = reason
        self.status = status
        self.words = words
    }
}

/// What moderation (内容审核) decided about a message.
public struct Moderation: Hashable, Sendable {
    public var target: MessageID?
    /// `PASS`, `REJECT`, `EXCHANGE`, `RECALL`.
    public var result: String
    /// What the provider of the moderation said: `PASS`, `REVIEWED`, `REJECT`.
    public var provider: String?
    public var risk: String?
    /// The text that was judged.
    public var text: String?
    /// The file that was judged.
    public var url: String?
    /// The message's type in the platform's words: `txt`, `img` ….
    public var type: String?
    public var conversation: ConversationID?
    public var from: UserID?
    public var to: String

    public init(target: MessageID?, result: String, risk: String?, text: String?, from: UserID?, to: String) {
        self.target = target
        self.result = result
        self.risk = risk
        self.text = text
        self.from = from
        self.to = to
    }
}

/// What became of a push to one device.
public struct PushResult: Hashable, Sendable {
    public var target: MessageID?
    public var user: UserID?
    /// `success`, `fail`, `error`.
    public var status: String
    public var channel: String?
    public var detail: String?
    public var device: String?
    /// The certificate's or app's name at the vendor.
    public var notifier: String?
    /// What the vendor answered: the plain values of its answer, tokens left out.
    public var answer: String?

    public init(target: MessageID?, user: UserID?, status: String, channel: String?, detail: String?) {
        self.target = target
        self.user = user
        self.status = status
        self.channel = channel
        self.detail = detail
    }
}
