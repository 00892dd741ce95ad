// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What a post-send callback reports, told by the first test that matches, as the platform documents them.
package enum CallbackKind: String, Hashable, Sendable, CaseIterable {
    case groupOperation, keywordAlert, moderation, push, login, message, recall, edit, readReceipt
    case conversationRead, group, contact, reaction, thread, notice, unknown

    package init(_ payload: JSONValue) {
        if payload["event"]?.equals("group_op_event") == true {
            self = .groupOperation
        } else if let event = payload["eventType"], event.equals("keyword_alert") {
            self = .keywordAlert
        } else if let event = payload["eventType"], event.equals("moderation") {
            self = .moderation
        } else if payload["step"]?.equals("push") == true {
            self = .push
        } else if let status = payload["status"], status.equals("online") || status.equals("offline"),
            payload["user"] != nil
        {
            self = .login
        } else {
            self.init(chatType: payload["chat_type"], payload)
        }
    }

    private init(chatType: JSONValue?, _ payload: JSONValue) {
        switch chatType?.string {
        case "chat", "groupchat", "chatroom": self = .message
        case "recall": self = .recall
        case "edit": self = .edit
        case "read_ack": self = .readReceipt
        case "channel_ack": self = .conversationRead
        case "muc": self = .group
        case "roster": self = .contact
        case "notify":
            switch payload["payload"]?["type"]?.string {
            case "reaction": self = .reaction
            case "thread": self = .thread
            default: self = .notice
            }
        default: self = .unknown
        }
    }
}

extension JSONValue {
    /// Whether this is the string `text`, without making a string of it.
    fileprivate func equals(_ text: StaticString) -> Bool {
        let bytes = bytes
        guard bytes.count == text.utf8CodeUnitCount + 2, bytes.first == UInt8(ascii: "\"") else {
            return false
        }
        return bytes.dropFirst().dropLast()
            .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
