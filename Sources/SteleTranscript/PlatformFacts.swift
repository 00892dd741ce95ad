// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

/// What the platform did with a message between its sender and its receivers: each a fact of its own.
public struct PlatformFacts: Hashable, Sendable {
    /// What the sender tried to send, where readers were given something else.
    public var attempts: [Attempt] = []
    /// Whether a client was told that the content is not the sender's.
    public var isContentReplaced = false
    /// Times it met the sensitive-word list (敏感词).
    public var keywordAlerts: [KeywordMark] = []
    /// What moderation (内容审核) decided.
    public var moderations: [ModerationMark] = []
    /// What became of the pushes that told offline receivers of it.
    public var pushes: [PushMark] = []

    public init() {}

    public var isEmpty: Bool { self == PlatformFacts() }

    /// Whether a check of the platform stopped it.
    public var isBlocked: Bool {
        keywordAlerts.contains { $0.status == "refuse" } || moderations.contains { $0.result == "REJECT" }
    }

    /// Whether a check of the platform changed what it says.
    public var isReplaced: Bool {
        isContentReplaced || keywordAlerts.contains { $0.status == "replace" }
            || moderations.contains { $0.result == "EXCHANGE" }
    }
}

/// A content as its sender meant it.
public struct Attempt: Hashable, Sendable {
    public var body: Body
    public var ext: String?
    public var time: Instant?

    public init(body: Body, ext: String? = nil, time: Instant?) {
        self.body = body
        self.ext = ext
        self.time = time
    }
}

public struct KeywordMark: Hashable, Sendable {
    public var time: Instant?
    /// `pass`, `refuse`, `replace`.
    public var status: String
    /// `through`, `intercepted`, `replaced`.
    public var reason: String
    public var words: [String]

    public init(time: Instant?, status: String, reason: String, words: [String]) {
        self.time = time
        self.status = status
        self.reason = reason
        self.words = words
    }
}

public struct ModerationMark: Hashable, Sendable {
    public var time: Instant?
    /// `PASS`, `REJECT`, `EXCHANGE`, `RECALL`.
    public var result: String
    /// The provider's own verdict.
    public var provider: String?
    public var risk: String?
    /// The text that was judged, and the file.
    public var text: String?
    public var url: String?

    public init(time: Instant?, result: String, provider: String?, risk: String?, text: String?, url: String?)
    {
        self.time = time
        self.result = result
        self.provider = provider
        self.risk = risk
        self.text = text
        self.url = url
    }
}

public struct PushMark: Hashable, Sendable {
    public var user: UserID?
    public var time: Instant?
    /// `success`, `fail`, `error`.
    public var status: String
    /// `APNS`, `VIVOPUSH` ….
    public var channel: String?
    public var detail: String?
    public var device: String?
    /// What the vendor answered, tokens left out.
    public var answer: String?

    public init(
        user: UserID?, time: Instant?, status: String, channel: String?, detail: String?, device: String?,
        answer: String?
    ) {
        self.user = user
        self.time = time
        self.status = status
        self.channel = channel
        self.detail = detail
        self.device = device
        self.answer = answer
    }
}

/// That a message is pinned in its conversation.
public struct PinMark: Hashable, Sendable {
    public var by: UserID?
    public var time: Instant?

    public init(by: UserID?, time: Instant?) {
        self.by = by
        self.time = time
    }
}

/// A thread that grew from a message.
public struct StartedThread: Hashable, Sendable {
    public var id: ConversationID
    public var name: String?

    public init(id: ConversationID, name: String?) {
        self.id = id
        self.name = name
    }
}
