// SPDX-License-Identifier: Apache-2.0

extension Callback {
    /// A message sent, a message one member was offline for, or a message about to be sent.
    var message: Event.Kind {
        let from = payload?["from"]?.user(in: app) ?? root["from"]?.user(in: app)
        let to = root["to"]?.name(in: app)
        let isOffline = root["eventType"]?.string == "chat_offline"
        let stage: Message.Stage =
            if isPreSend {
                .attempted
            } else if isOffline, let to {
                .offline(receiver: UserID(to))
            } else {
                .sent
            }
        let place = place(from: from, to: to, isOffline: isOffline)
        var message = Message(
            conversation: place.conversation, from: from, to: place.to, body: body,
            ext: payload?["ext"]?.extensionText, stage: stage)
        message.isGroupOrRoomUndecided = place.isUndecided
        message.thread = payload?["meta"]?["thread"].flatMap { ThreadReference(meta: $0) }
        message.wantsGroupReceipt = payload?["msg_config"]?["allow_group_ack"]?.bool ?? false
        return .message(message)
    }

    /// The first of `bodies`; pre-send callbacks have the body itself as their payload.
    var body: Body {
        guard let payload else { return .unknown(type: "") }
        if let bodies = payload["bodies"] {
            return bodies.firstElement.map(Body.decode) ?? .unknown(type: "")
        }
        return isPreSend ? Body.decode(payload) : .unknown(type: "")
    }

    /// Where a message went.
    private struct Place {
        var conversation: ConversationID?
        var to: String
        var isUndecided = false
    }

    private func place(from: UserID?, to: String?, isOffline: Bool) -> Place {
        let chatType = root["chat_type"]?.string
        if chatType == "chat" {
            let peer = to.map { UserID($0) }
            let conversation = ConversationID.chat(from, peer)
            return Place(conversation: conversation, to: peer?.rawValue ?? "")
        }
        // To an offline member's callback, `to` is the member.
        guard let id = root["group_id"]?.name(in: app) ?? (isOffline ? nil : to) else {
            return Place(conversation: nil, to: "")
        }
        if payload?["meta"]?["thread"]?.isObject == true {
            return Place(conversation: ConversationID(kind: .thread, key: id), to: id)
        }
        let kind = decidedKind(chatType)
        return Place(
            conversation: ConversationID(kind: kind ?? .group, key: id), to: id, isUndecided: kind == nil)
    }

    /// Group or room, where the callback tells: `chat_type` is `groupchat` for both.
    private func decidedKind(_ chatType: String?) -> ConversationKind? {
        if chatType == "chatroom" { return .room }
        if chatType == "group" { return .group }
        if let content = root["content_type"]?.string {
            if content.hasPrefix("chat:room:") { return .room }
            if content.hasPrefix("chat:group:") { return .group }
        }
        switch payload?["type"]?.string {
        case "chatroom": return .room
        case "groupchat": return .group
        default: return nil
        }
    }
}

extension ThreadReference {
    /// Reads `meta.thread`; nil when it is no object.
    init?(meta: JSONValue) {
        guard meta.isObject else { return nil }
        self.init(
            parentMessage: meta["msg_parent_id"]?.messageID, parentGroup: meta["muc_parent_id"]?.nonEmptyText,
            name: meta["thread_name"]?.nonEmptyText)
    }
}
