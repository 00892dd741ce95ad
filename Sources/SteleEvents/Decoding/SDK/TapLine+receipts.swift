// SPDX-License-Identifier: Apache-2.0

extension TapLine {
    func recall(_ value: JSONValue) -> Event {
        guard let target = value["mid"]?.messageID else {
            return Event(kind: .unknown(reason: "a recall that names no message"))
        }
        let recall = Recall(
            target: target, by: value["from"]?.user(in: app), to: value["to"]?.name(in: app) ?? "",
            notice: value["ext"]?.nonEmptyText)
        return Event(kind: .recall(recall), time: value["time"]?.instant, id: value["id"]?.messageID)
    }

    func read(_ value: JSONValue) -> Event {
        guard let target = value["mid"]?.messageID else {
            return Event(kind: .unknown(reason: "a read receipt that names no message"))
        }
        let counts = value["groupReadCount"]?.members.compactMap { key, count in
            count.int64.flatMap { Int(exactly: $0) }.map {
                GroupReadCount(message: MessageID(key), count: $0)
            }
        }
        let receipt = ReadReceipt(
            target: target, reader: value["from"]?.user(in: app), to: value["to"]?.name(in: app) ?? "",
            isGroup: counts != nil, content: value["ackContent"]?.nonEmptyText, counts: counts ?? [])
        return Event(kind: .read(receipt), time: value["time"]?.instant, id: value["id"]?.messageID)
    }

    func conversationRead(_ value: JSONValue) -> Event {
        let reader = value["from"]?.user(in: app)
        let peer = value["to"]?.user(in: app)
        let conversation = ConversationID.chat(reader, peer)
        return Event(
            kind: .conversationRead(
                ConversationRead(conversation: conversation, reader: reader, message: nil)),
            time: value["time"]?.instant, id: value["id"]?.messageID)
    }

    func delivered(_ value: JSONValue) -> Event {
        guard let target = value["mid"]?.messageID else {
            return Event(kind: .unknown(reason: "a delivery receipt that names no message"))
        }
        let receipt = DeliveryReceipt(target: target, receiver: value["from"]?.user(in: app))
        return Event(kind: .delivered(receipt), time: value["time"]?.instant, id: value["id"]?.messageID)
    }

    /// The server took a message of this client: its own id, and the server's.
    func accepted(_ value: JSONValue) -> Event {
        guard let localID = value["id"]?.nonEmptyText else {
            return Event(kind: .unknown(reason: "an acceptance that names no message"))
        }
        return Event(kind: .accepted(localID: localID, messageID: value["mid"]?.messageID))
    }

    /// Group read counts gathered while offline: JSON in a string, its elements' names not documented.
    func statistic(_ value: JSONValue) -> Event {
        let list = value["location"]?.embedded?["group_ack"]?.elements.compactMap(
            GroupReadCount.init(statistic:))
        return Event(kind: .statistic(list ?? []))
    }

    func reactions(_ value: JSONValue) -> Event {
        guard let target = value["messageId"]?.messageID else {
            return Event(kind: .unknown(reason: "a reaction that names no message"))
        }
        let state = ReactionState(
            target: target,
            conversation: conversation(
                ConversationKind(sdk: value["chatType"]?.string), from: value["from"]?.user(in: app),
                to: value["to"]?.name(in: app)),
            reactions: Reaction.decode(value["reactions"], app: app))
        return Event(kind: .reactions(state), time: value["ts"]?.instant)
    }

    func pin(_ value: JSONValue) -> Event {
        guard let target = value["messageId"]?.messageID else {
            return Event(kind: .unknown(reason: "a pin that names no message"))
        }
        let pin = PinChange(
            target: target, conversation: conversation(named: value),
            isPinned: value["operation"]?.string != "unpin", by: value["operatorId"]?.user(in: app))
        return Event(kind: .pin(pin), time: value["time"]?.instant)
    }

    /// `conversationId` and `conversationType`.
    ///
    /// Of a single chat they name the other user only.
    func conversation(named value: JSONValue) -> ConversationID? {
        guard let id = value["conversationId"]?.name(in: app),
            let kind = ConversationKind(sdk: value["conversationType"]?.string), kind != .chat
        else { return nil }
        return ConversationID(kind: kind, key: id)
    }
}

extension GroupReadCount {
    fileprivate init?(statistic entry: JSONValue) {
        let id = entry["msg_id"] ?? entry["messageId"] ?? entry["mid"] ?? entry["id"]
        guard let message = id?.messageID, let count = entry["count"]?.int64.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(message: message, count: count)
    }
}
