// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A message that waits for its other half, as tagged bytes.
enum StoredMessage {
    static func encode(_ message: Message) -> [UInt8] {
        var fields = FieldWriter()
        let body = StoredBody(message.body)
        fields.put(1, body.type)
        fields.put(2, body.text)
        fields.put(3, body.detail)
        fields.put(4, message.conversation?.description)
        fields.put(5, message.from?.rawValue)
        fields.put(6, message.to)
        fields.put(7, message.ext)
        fields.put(8, message.isGroupOrRoomUndecided)
        fields.put(9, message.priority?.rawValue)
        fields.put(10, message.isBroadcast)
        fields.put(11, message.isOnlineOnly)
        fields.put(12, message.wantsGroupReceipt)
        fields.put(13, message.isContentReplaced)
        if let receivers = message.receivers { fields.put(14, StoredList.encode(receivers.map(\.rawValue))) }
        if let thread = message.thread {
            fields.put(15, true)
            fields.put(16, thread.parentMessage?.rawValue)
            fields.put(17, thread.parentGroup)
            fields.put(18, thread.name)
        }
        if let reactions = message.reactions { fields.put(19, StoredList.encode(reactions)) }
        return fields.bytes
    }

    /// Nil for the empty bytes that stand for no message.
    static func decode(_ bytes: [UInt8]) -> Message? {
        guard !bytes.isEmpty else { return nil }
        let fields = FieldReader(bytes)
        let body = StoredBody(
            type: fields.text(1) ?? "", text: fields.text(2) ?? "", detail: Array(fields.content(3) ?? []))
        var message = Message(
            conversation: fields.text(4).flatMap { ConversationID($0) },
            from: fields.text(5).map { UserID($0) },
            to: fields.text(6) ?? "", body: body.body, ext: fields.text(7))
        message.isGroupOrRoomUndecided = fields.bit(8)
        message.priority = fields.text(9).flatMap(Message.Priority.init(rawValue:))
        message.isBroadcast = fields.bit(10)
        message.isOnlineOnly = fields.bit(11)
        message.wantsGroupReceipt = fields.bit(12)
        message.isContentReplaced = fields.bit(13)
        // Written by `encode` just so: a list that does not parse cannot be here.
        message.receivers = fields.text(14).flatMap { try? StoredList.texts($0) }?.map { UserID($0) }
        if fields.bit(15) {
            message.thread = ThreadReference(
                parentMessage: fields.text(16).map { MessageID($0) }, parentGroup: fields.text(17),
                name: fields.text(18))
        }
        message.reactions = fields.text(19).flatMap { try? StoredList.reactions($0) }
        return message
    }
}
