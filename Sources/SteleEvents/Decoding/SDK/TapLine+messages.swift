// SPDX-License-Identifier: Apache-2.0

extension TapLine {
    /// A message object as a typed handler gets it.
    func message(_ value: JSONValue) -> Event {
        Event(
            kind: .message(content(of: value)), time: value["time"]?.instant, id: value["id"]?.messageID)
    }

    /// `onMessage`: an array of messages in the 4.x SDKs, one message in the newer ones.
    func messages(_ value: JSONValue) -> Event {
        guard value.isArray else { return message(value) }
        let events = value.elements.map { element in
            var event = message(element)
            event.app = app
            event.time = event.time ?? root["at"]?.instant
            return event
        }
        return Event(kind: .batch(events))
    }

    /// What a message says and where it went, whether received, to be sent, or answered by `send`.
    func content(of value: JSONValue) -> Message {
        let kind = conversationKind(of: value)
        let from = value["from"]?.user(in: app)
        let to = value["to"]?.name(in: app).map { kind == .chat ? $0.lowercased() : $0 }
        var message = Message(
            conversation: conversation(kind, from: from, to: to), from: from, to: to ?? "",
            body: Body.decode(value), ext: value["ext"]?.extensionText)
        message.priority = value["priority"]?.string.flatMap(Message.Priority.init(rawValue:))
        message.isBroadcast = value["broadcast"]?.bool ?? false
        message.receivers = value["receiverList"].flatMap { $0.isArray ? $0.users(in: app) : nil }
        message.isOnlineOnly = value["deliverOnlineOnly"]?.bool ?? false
        message.wantsGroupReceipt = value["msgConfig"]?["allowGroupAck"]?.bool ?? false
        message.isContentReplaced = value["isContentReplaced"]?.bool ?? false
        message.reactions = value["reactions"].map { Reaction.decode($0, app: app) }
        if let thread = value["chatThread"], thread.isObject {
            message.thread = ThreadReference(
                parentMessage: thread["messageId"]?.messageID, parentGroup: thread["parentId"]?.name(in: app),
                name: thread["chatThreadName"]?.nonEmptyText)
        }
        return message
    }

    /// New content for an earlier message.
    ///
    /// `id` and `time` are the original's; the edit's own id is not shown.
    func edit(_ value: JSONValue) -> Event {
        guard let target = value["id"]?.messageID else {
            return Event(kind: .unknown(reason: "an edit that names no message"))
        }
        let info = value["modifiedInfo"]
        let editedAt = info?["operationTime"]?.instant
        let edit = Edit(
            target: target, message: content(of: value), operator: info?["operatorId"]?.user(in: app),
            count: info?["operationCount"]?.int64.flatMap { Int(exactly: $0) }, editedAt: editedAt,
            sentAt: value["time"]?.instant)
        return Event(kind: .edit(edit), time: editedAt)
    }

    private func conversationKind(of value: JSONValue) -> ConversationKind? {
        if value["chatThread"]?.isObject == true || value["isChatThread"]?.bool == true { return .thread }
        return ConversationKind(sdk: value["chatType"]?.string)
    }

    /// A single chat needs both users; of a message to be sent the sender may not be known yet.
    func conversation(_ kind: ConversationKind?, from: UserID?, to: String?) -> ConversationID? {
        guard let kind, let to else { return nil }
        guard kind == .chat else { return ConversationID(kind: kind, key: to) }
        return .chat(from, UserID(to))
    }
}

extension ConversationKind {
    /// The SDK's `chatType`, and the spellings it lets through from the server.
    init?(sdk chatType: String?) {
        switch chatType {
        case "singleChat", "chat": self = .chat
        case "groupChat", "groupchat": self = .group
        case "chatRoom", "chatroom": self = .room
        default: return nil
        }
    }
}
