// SPDX-License-Identifier: Apache-2.0

extension Callback {
    /// A notice about reactions or about a thread.
    var notice: Event.Kind {
        switch payload?["type"]?.string {
        case "reaction": reactions
        case "thread": thread
        case let other?: .unknown(reason: "a notice of type '\(other)'")
        case nil: .unknown(reason: "a notice without a type")
        }
    }

    private var reactions: Event.Kind {
        let states = payload?["data"]?.asList.compactMap(reactionEvent) ?? []
        guard let first = states.first else { return .unknown(reason: "a reaction that names no message") }
        return states.count == 1 ? first.kind : .batch(states)
    }

    private func reactionEvent(_ entry: JSONValue) -> Event? {
        guard let target = entry["messageId"]?.messageID else { return nil }
        let state = ReactionState(
            target: target, conversation: reactionConversation(entry),
            reactions: Reaction.decode(entry["reactions"], app: app))
        return Event(
            kind: .reactions(state), app: app, time: (entry["ts"] ?? root["timestamp"])?.instant,
            id: root["msg_id"]?.messageID)
    }

    private func reactionConversation(_ entry: JSONValue) -> ConversationID? {
        let to = entry["to"]?.name(in: app)
        switch (entry["channel_type"] ?? payload?["channel_type"])?.string {
        case "chat":
            guard let from = entry["from"]?.user(in: app), let to else { return nil }
            return .chat(from, UserID(to))
        case "groupchat": return to.map { ConversationID(kind: .group, key: $0) }
        case "chatroom": return to.map { ConversationID(kind: .room, key: $0) }
        default: return nil
        }
    }

    private var thread: Event.Kind {
        guard let data = payload?["data"], let change = ThreadChange(notice: data, app: app) else {
            return .unknown(reason: "a thread notice that names no thread")
        }
        guard let last = data["last_message"], let message = lastMessage(last, in: change) else {
            return .thread(change)
        }
        let notice = Event(
            kind: .thread(change), app: app, time: root["timestamp"]?.instant, id: root["msg_id"]?.messageID)
        return .batch([notice, message])
    }

    /// The thread's last message, which the notice shows as a callback of its own would.
    private func lastMessage(_ value: JSONValue, in change: ThreadChange) -> Event? {
        guard let id = value["id"]?.messageID, let body = value["payload"]?["bodies"]?.firstElement else {
            return nil
        }
        let from = (value["payload"]?["from"] ?? value["from"])?.user(in: app)
        var message = Message(
            conversation: ConversationID(kind: .thread, key: change.id), from: from, to: change.id,
            body: Body.decode(body), ext: value["payload"]?["ext"]?.extensionText, stage: .retold)
        message.thread = change.reference
        return Event(kind: .message(message), app: app, time: value["timestamp"]?.instant, id: id)
    }
}

extension Reaction {
    /// The whole state of a message's reactions; one nobody gives any more is left out.
    static func decode(_ list: JSONValue?, app: AppKey?) -> [Reaction] {
        guard let list else { return [] }
        return list.elements.compactMap { entry in
            guard let name = entry["reaction"]?.nonEmptyText else { return nil }
            let users = entry["userList"]?.users(in: app) ?? []
            let count = entry["count"]?.int64.flatMap { Int(exactly: $0) } ?? users.count
            return count > 0 ? Reaction(name: name, users: users, count: count) : nil
        }
    }
}

extension ThreadChange {
    /// Reads the `data` of a thread notice; nil when it names no thread.
    init?(notice data: JSONValue, app: AppKey?) {
        guard let id = data["id"]?.name(in: app) else { return nil }
        self.init(
            id: id, operation: data["operation"]?.nonEmptyText ?? "",
            reference: ThreadReference(
                parentMessage: data["msg_parent_id"]?.messageID,
                parentGroup: data["muc_parent_id"]?.name(in: app), name: data["name"]?.nonEmptyText),
            by: data["from"]?.user(in: app),
            messageCount: data["message_count"]?.int64.flatMap { Int(exactly: $0) })
        lastMessage = data["last_message"]?["id"]?.messageID
    }
}
