// SPDX-License-Identifier: Apache-2.0

/// A callback's request body: what the platform posts before or after it sent a message, and for every other event.
///
/// The kinds are told apart in the order of the platform's documentation; the decoders are beside this file, one for
/// each subject.
struct Callback {
    let root: JSONValue
    let isPreSend: Bool
    /// The app the body names, else the one given beside it.
    let app: AppKey?
    /// `payload`, whose form depends on the kind.
    let payload: JSONValue?

    init(_ root: JSONValue, isPreSend: Bool, app: AppKey?) {
        self.root = root
        self.isPreSend = isPreSend
        self.app = Self.appKey(of: root) ?? app
        payload = root["payload"]
    }

    var event: Event {
        let kind = self.kind
        return Event(kind: kind, app: app, time: time(of: kind), id: ownID(of: kind))
    }

    private var kind: Event.Kind {
        guard root.isObject else { return .unknown(reason: "a callback that is no JSON object") }
        if root["event"]?.string == "group_op_event" { return groupOperation }
        switch root["eventType"]?.string {
        case "keyword_alert": return keywordAlert
        case "moderation": return moderation
        default: break
        }
        if root["step"]?.string == "push" { return push }
        if root["chat_type"] == nil, let status = root["status"]?.string, root["user"] != nil {
            return login(status)
        }
        switch root["chat_type"]?.string {
        case "chat", "groupchat", "chatroom": return message
        // Of a pre-send callback only.
        case "group" where isPreSend: return message
        case "recall": return recall
        case "edit": return edit
        case "read_ack": return read
        case "channel_ack": return conversationRead
        case "muc": return oldGroupOperation
        case "roster": return contact
        case "notify": return notice
        case let other?: return .unknown(reason: "a callback with chat_type '\(other)'")
        case nil: return .unknown(reason: "a callback without chat_type")
        }
    }

    /// When the platform says it happened; of a reaction, when it was given and not when it was told.
    private func time(of kind: Event.Kind) -> Instant? {
        if case .reactions = kind, let given = payload?["data"]?.asList.first?["ts"]?.instant { return given }
        return root["timestamp"]?.instant
    }

    /// The event's own id.
    ///
    /// Kinds that only repeat the id of the message they are about have none.
    private func ownID(of kind: Event.Kind) -> MessageID? {
        switch kind {
        case .push, .keywordAlert, .moderation, .login, .unknown: nil
        default: root["msg_id"]?.messageID
        }
    }

    /// `appkey`; pre-send callbacks have it only as the start of `callId`, before the last `_`.
    private static func appKey(of root: JSONValue) -> AppKey? {
        if let key = root["appkey"]?.nonEmptyText { return AppKey(key) }
        guard let call = root["callId"]?.string, let end = call.utf8.lastIndex(of: UInt8(ascii: "_")),
            call.utf8[..<end].contains(UInt8(ascii: "#"))
        else { return nil }
        return AppKey(String(call[..<end]))
    }
}
