// SPDX-License-Identifier: Apache-2.0

extension Callback {
    var recall: Event.Kind {
        guard let target = (payload?["ack_message_id"] ?? root["recall_id"])?.messageID else {
            return .unknown(reason: "a recall that names no message")
        }
        let to = root["group_id"]?.name(in: app) ?? root["to"]?.name(in: app) ?? ""
        return .recall(Recall(target: target, by: root["from"]?.user(in: app), to: to, notice: nil))
    }

    /// A read receipt of a single chat or of a group: both have the same `chat_type`.
    var read: Event.Kind {
        guard let target = payload?["ack_message_id"]?.messageID else {
            return .unknown(reason: "a read receipt that names no message")
        }
        let isGroup = payload?["msg_config"]?["allow_group_ack"]?.bool ?? (root["group_id"] != nil)
        return .read(
            ReadReceipt(
                target: target, reader: root["from"]?.user(in: app), to: root["to"]?.name(in: app) ?? "",
                isGroup: isGroup, content: payload?["ack_content"]?.nonEmptyText))
    }

    var conversationRead: Event.Kind {
        let reader = root["from"]?.user(in: app)
        let peer = root["to"]?.user(in: app)
        let conversation = ConversationID.chat(reader, peer)
        return .conversationRead(
            ConversationRead(
                conversation: conversation, reader: reader, message: payload?["ack_message_id"]?.messageID))
    }

    /// New content for a message; its `from` and `to` may name the editor's side, so the sender is asked first.
    var edit: Event.Kind {
        guard let target = payload?["edit_message_id"]?.messageID else {
            return .unknown(reason: "an edit that names no message")
        }
        let meta = payload?["meta"]?["edit_msg"]
        let from = payload?["from"]?.user(in: app) ?? root["from"]?.user(in: app)
        let to = payload?["to"]?.name(in: app) ?? root["to"]?.name(in: app)
        let sender = meta?["sender"]?.user(in: app) ?? from
        let message: Message
        switch meta?["chat_type"]?.string {
        case "chat:group": message = editedMessage(in: .group, to ?? "", sender, isDecided: true)
        case "chat:room": message = editedMessage(in: .room, to ?? "", sender, isDecided: true)
        case "chat:user": message = editedMessage(sender: sender, from: from, to: to)
        default:
            // Nothing says which kind of conversation it was; a group's id is of digits, but so may a user's be.
            message =
                root["group_id"] != nil
                ? editedMessage(in: .group, root["group_id"]?.name(in: app) ?? "", sender, isDecided: false)
                : editedMessage(sender: sender, from: from, to: to)
        }
        return .edit(
            Edit(
                target: target, message: message, operator: meta?["operator"]?.user(in: app),
                count: meta?["count"]?.int64.flatMap { Int(exactly: $0) },
                editedAt: (meta?["edit_time"] ?? root["timestamp"])?.instant,
                sentAt: meta?["send_time"]?.instant))
    }

    /// The edited message of a single chat: whichever of the two did not send it received it.
    private func editedMessage(sender: UserID?, from: UserID?, to: String?) -> Message {
        let other = to.map { UserID($0) }
        let peer = other == sender ? from : other
        let conversation = ConversationID.chat(sender, peer)
        return Message(
            conversation: conversation, from: sender, to: peer?.rawValue ?? "", body: body,
            ext: payload?["ext"]?.extensionText)
    }

    private func editedMessage(
        in kind: ConversationKind, _ id: String, _ sender: UserID?, isDecided: Bool
    ) -> Message {
        var message = Message(
            conversation: id.isEmpty ? nil : ConversationID(kind: kind, key: id), from: sender, to: id,
            body: body, ext: payload?["ext"]?.extensionText)
        message.isGroupOrRoomUndecided = !isDecided
        return message
    }
}
