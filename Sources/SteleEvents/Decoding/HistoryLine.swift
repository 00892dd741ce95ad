// SPDX-License-Identifier: Apache-2.0

/// A line of an hourly history file (历史消息文件), today's form and the one of 2014; or an archive's own record of the
/// file, a ``HistoryHour``.
struct HistoryLine {
    let root: JSONValue
    let app: AppKey?

    init(_ root: JSONValue, app: AppKey?) {
        self.root = root
        self.app = app
    }

    var event: Event {
        if root["stele"] != nil, let hour = HistoryHour(root) {
            return Event(kind: .historyHour(hour), app: hour.app ?? app)
        }
        return Event(kind: kind, app: app, time: root["timestamp"]?.instant, id: root["msg_id"]?.messageID)
    }

    private var kind: Event.Kind {
        guard root.isObject else { return .unknown(reason: "a history line that is no JSON object") }
        guard let chatType = root["chat_type"]?.string else {
            return .unknown(reason: "a history line without chat_type")
        }
        let kind: ConversationKind
        switch chatType {
        case "chat": kind = .chat
        case "groupchat": kind = .group
        case "chatroom": kind = .room
        default: return .unknown(reason: "a history line with chat_type '\(chatType)'")
        }
        return .message(message(in: kind))
    }

    /// The `from` and `to` of the payload are the message's; those of the line are the platform's own business.
    private func message(in kind: ConversationKind) -> Message {
        let payload = root["payload"]
        let from = (payload?["from"] ?? root["from"])?.user(in: app)
        let to = (payload?["to"] ?? root["to"])?.name(in: app)
        let thread = payload?["meta"]?["thread"].flatMap { ThreadReference(meta: $0) }
        let peer = kind == .chat ? to?.lowercased() : to
        var message = Message(
            conversation: conversation(thread == nil ? kind : .thread, from, peer), from: from,
            to: peer ?? "",
            body: payload?["bodies"]?.firstElement.map(Body.decode) ?? .unknown(type: ""),
            ext: payload?["ext"]?.extensionText)
        message.thread = thread
        return message
    }

    private func conversation(_ kind: ConversationKind, _ from: UserID?, _ to: String?) -> ConversationID? {
        guard let to else { return nil }
        guard kind == .chat else { return ConversationID(kind: kind, key: to) }
        return .chat(from, UserID(to))
    }
}
