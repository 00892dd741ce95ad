// SPDX-License-Identifier: Apache-2.0

/// What a tap on the client SDK saw: an event handed to a handler, a call, or what became of a call.
///
/// ```
/// {"at":MS,"flow":"in","handler":"onTextMessage","message":{…}}      or "event":{…}
/// {"at":MS,"flow":"out","call":"send","options":{…},"ref":"7"}       then {"at":MS,"ref":"7","resolved":{…}}
/// ```
///
/// Lines without `at` and `flow`, and a call together with its outcome, are understood too.
struct TapLine {
    let root: JSONValue
    let app: AppKey?

    init(_ root: JSONValue, app: AppKey?) {
        self.root = root
        self.app = app
    }

    var event: Event {
        guard root.isObject else {
            return Event(kind: .unknown(reason: "an SDK line that is no JSON object"), app: app)
        }
        var event = self.content
        event.app = app
        // Group, contact and recall events carry no time of their own.
        if event.time == nil { event.time = root["at"]?.instant }
        return event
    }

    private var content: Event {
        if let handler = root["handler"]?.string {
            return handled(handler, root["message"] ?? root["event"])
        }
        if let frame = root["frame"]?.nonEmptyText, let base64 = root["base64"]?.string {
            return Event(kind: .frame(type: frame, base64: base64))
        }
        if let bytes = root["attachment_base64"]?.string {
            let url = (root["onFileUploadComplete"] ?? root)["url"]?.nonEmptyText
            let file = BundleFile(uuid: url.flatMap { AttachmentURL.uuid(in: $0) }, base64: bytes)
            return Event(kind: .bundleFile(file))
        }
        return call
    }

    /// What a handler was handed.
    private func handled(_ handler: String, _ value: JSONValue?) -> Event {
        guard let value else { return withoutValue(handler, nil) }
        switch handler {
        case "onTextMessage", "onImageMessage", "onPictureMessage", "onAudioMessage", "onVideoMessage",
            "onFileMessage", "onLocationMessage", "onCmdMessage", "onCustomMessage", "onCombineMessage":
            return message(value)
        case "onMessage": return messages(value)
        case "onModifiedMessage", "onMessageUpdated": return edit(value)
        case "onRecallMessage", "onMessageRecalled": return recall(value)
        case "onReadMessage", "onMessageRead": return read(value)
        case "onChannelMessage", "onConversationRead": return conversationRead(value)
        case "onDeliveredMessage", "onMessageDelivered": return delivered(value)
        case "onReceivedMessage": return accepted(value)
        case "onStatisticMessage": return statistic(value)
        case "onReactionChange": return reactions(value)
        case "onMessagePinEvent": return pin(value)
        case "onChatThreadChange": return thread(value)
        case "onGroupEvent": return groupOperation(value, in: .group)
        case "onChatroomEvent": return groupOperation(value, in: .room)
        case "onContactInvited": return contact("invited", value)
        case "onContactAdded": return contact("added", value)
        case "onContactAgreed": return contact("agreed", value)
        case "onContactRefuse", "onContactRefused": return contact("refused", value)
        case "onContactDeleted": return contact("deleted", value)
        case "onPresenceStatusChange": return presence(value)
        case "onMultiDeviceEvent": return multiDevice(value)
        default: return withoutValue(handler, value)
        }
    }

    /// Handlers whose name tells most, or all.
    private func withoutValue(_ handler: String, _ value: JSONValue?) -> Event {
        switch handler {
        case "onConnected", "onDisconnected", "onReconnecting", "onOnline", "onOffline", "onError",
            "onTokenWillExpire", "onTokenExpired", "onOfflineMessageSyncStart",
            "onOfflineMessageSyncFinish":
            connection(handler, value)
        case "onPresence", "onGroupChange", "onChatroomChange", "onContactChange":
            Event(kind: .repeated(name: handler))
        default: Event(kind: .unknown(reason: "the SDK handler '\(handler)'"))
        }
    }
}
