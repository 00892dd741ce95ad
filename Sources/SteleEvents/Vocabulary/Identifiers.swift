// SPDX-License-Identifier: Apache-2.0

// Every identifier is compared by its bytes: see ``ExactText``.

/// An Easemob App Key, `org#app`.
public struct AppKey: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
    public static func == (left: Self, right: Self) -> Bool {
        ExactText.areSame(left.rawValue, right.rawValue)
    }
    public func hash(into hasher: inout Hasher) { ExactText.hash(rawValue, into: &hasher) }
}

/// A user id (用户 ID), lower-cased: the platform compares ids without case.
///
/// The spelling that was received stays in the log; everything above the log speaks of one user by one spelling.
public struct UserID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String

    /// The user named by `text`, whatever its case.
    public init(_ text: String) {
        // Nearly every id is lower-case ASCII as it comes.
        let isLowerCased = text.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) }
        rawValue = isLowerCased ? text : text.lowercased()
    }

    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
    public static func == (left: Self, right: Self) -> Bool {
        ExactText.areSame(left.rawValue, right.rawValue)
    }
    public func hash(into hasher: inout Hasher) { ExactText.hash(rawValue, into: &hasher) }
}

/// A message id as the server gives it: text always, because a 64-bit id does not fit a JSON double.
public struct MessageID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// The instant written into ids of the usual 64-bit layout, or nil for an id of another shape.
    ///
    /// Observed, not promised by the platform: seconds since 2014-12-03 in the high 32 bits, then ten bits of
    /// milliseconds. A cross-check and a tie-breaker, never the only clock.
    public var instant: Instant? {
        guard let number = UInt64(rawValue), number >> 52 != 0 else { return nil }
        let seconds = Int64(number >> 32) + 1_417_564_800
        let milliseconds = Int64(number >> 22) & 1023
        guard milliseconds < 1000 else { return nil }
        return Instant(milliseconds: seconds * 1000 + milliseconds)
    }

    /// Numbers by value, then everything else by its bytes.
    public static func < (left: Self, right: Self) -> Bool {
        switch (UInt64(left.rawValue), UInt64(right.rawValue)) {
        case (let left?, let right?) where left != right: left < right
        case (_?, nil): true
        case (nil, _?): false
        default: left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
        }
    }
    public static func == (left: Self, right: Self) -> Bool {
        ExactText.areSame(left.rawValue, right.rawValue)
    }
    public func hash(into hasher: inout Hasher) { ExactText.hash(rawValue, into: &hasher) }
}

/// What a conversation is: two users, a group, a chat room or a thread.
public enum ConversationKind: String, Hashable, Sendable, CaseIterable {
    case chat, group, room, thread
}

/// A conversation within one app, named as every command prints it: `chat:alice:bob`, `group:ID`, `room:ID`, `thread:ID`.
public struct ConversationID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let kind: ConversationKind
    /// What follows the kind: `alice:bob` (users in byte order), or the id of the group, room or thread.
    public let key: String

    public init(kind: ConversationKind, key: String) {
        self.kind = kind
        self.key = key
    }

    /// The single chat of two users, in either order.
    public static func chat(_ one: UserID, _ other: UserID) -> Self {
        let (first, second) = one < other ? (one, other) : (other, one)
        return Self(kind: .chat, key: first.rawValue + ":" + second.rawValue)
    }

    /// The single chat of two users, nil unless both are known.
    static func chat(_ one: UserID?, _ other: UserID?) -> Self? {
        guard let one, let other else { return nil }
        return chat(one, other)
    }

    /// Reads a name as printed, without an App Key before it; nil when it has no known kind or no key.
    public init?(_ name: String) {
        guard let colon = name.firstIndex(of: ":"),
            let kind = ConversationKind(rawValue: String(name[..<colon]))
        else { return nil }
        let key = String(name[name.index(after: colon)...])
        guard !key.isEmpty else { return nil }
        self.init(kind: kind, key: key)
    }

    public var description: String { "\(kind.rawValue):\(key)" }
    public static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.kind == right.kind && ExactText.areSame(left.key, right.key)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        ExactText.hash(key, into: &hasher)
    }
}
