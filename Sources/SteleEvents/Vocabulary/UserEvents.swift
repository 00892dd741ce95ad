// SPDX-License-Identifier: Apache-2.0

/// A friend request, its answer, or a contact gone.
public struct ContactChange: Hashable, Sendable {
    /// A callback's `add`, `remove`, `accept`, `remote_accept`, `decline`, `remote_decline`, `ban`, `allow`; of an
    /// SDK event its handler's `invited`, `added`, `agreed`, `refused`, `deleted`.
    public var operation: String
    public var from: UserID?
    public var to: UserID?
    public var text: String?
    /// Why it was refused, in the platform's words; nil for what was done.
    public var failure: String?

    public init(operation: String, from: UserID?, to: UserID?, text: String?) {
        self.operation = operation
        self.from = from
        self.to = to
        self.text = text
    }
}

/// A device of a user came online or went.
public struct LoginChange: Hashable, Sendable {
    public var user: UserID
    public var isOnline: Bool
    /// `login`, `logout`, `replaced`.
    public var reason: String
    /// The resource: `ios_6d580737-…`.
    public var device: String?
    /// `ios`, `android`, `webim` ….
    public var system: String?
    /// Of the SDK.
    public var version: String?

    public init(user: UserID, isOnline: Bool, reason: String, device: String?) {
        self.user = user
        self.isOnline = isOnline
        self.reason = reason
        self.device = device
    }
}

/// A user's own presence text and devices (在线状态).
///
/// With several users in one notice the SDK gives each the devices of all.
public struct Presence: Hashable, Sendable {
    public var user: UserID
    public var text: String
    public var devices: [Device]
    /// When the user was last online, as the platform says.
    public var lastSeen: Instant?
    /// Until when the subscription that brought this holds.
    public var expires: Instant?

    public struct Device: Hashable, Sendable {
        public var name: String
        /// 0 for offline, 1 for online, else the app's own meaning; nil when not told.
        public var status: Int?

        public init(name: String, status: Int?) {
            self.name = name
            self.status = status
        }
    }

    public init(user: UserID, text: String, devices: [Device]) {
        self.user = user
        self.text = text
        self.devices = devices
    }
}

/// What a user did on another of their devices: deleted or pinned a conversation, silenced it ….
public struct MultiDeviceChange: Hashable, Sendable {
    /// `deleteRoaming`, `pinnedConversation`, `deleteConversation` ….
    public var operation: String
    /// Nil for a single chat, of which only the other user is named.
    public var conversation: ConversationID?
    /// The other user of a single chat.
    public var peer: UserID?

    public init(operation: String, conversation: ConversationID?, peer: UserID?) {
        self.operation = operation
        self.conversation = conversation
        self.peer = peer
    }
}
