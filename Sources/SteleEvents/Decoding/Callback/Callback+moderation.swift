// SPDX-License-Identifier: Apache-2.0

extension Callback {
    var keywordAlert: Event.Kind {
        var alert = KeywordAlert(
            target: alertedMessage, reason: root["alertReason"]?.nonEmptyText ?? "",
            status: root["status"]?.nonEmptyText ?? "",
            words: root["sensitiveWords"]?.elements.compactMap(\.nonEmptyText) ?? [])
        alert.from = root["contentOwner"]?.user(in: app)
        alert.to = root["contentReceiver"]?.name(in: app) ?? ""
        // `chat:user:text`, `chat:group:text`, `chat:room:text`
        let words = root["chatType"]?.string?.split(separator: ":") ?? []
        alert.conversation = conversation(words.count > 1 ? String(words[1]) : "", alert.from, alert.to)
        return .keywordAlert(alert)
    }

    var moderation: Event.Kind {
        let from = root["from"]?.user(in: app)
        let to = root["to"]?.name(in: app) ?? ""
        var moderation = Moderation(
            target: root["messageId"]?.messageID, result: root["moderationResult"]?.nonEmptyText ?? "",
            risk: root["riskType"]?.nonEmptyText, text: root["msg"]?.nonEmptyText, from: from, to: to)
        moderation.provider = root["providerResult"]?.nonEmptyText
        moderation.url = root["url"]?.nonEmptyText.map { AttachmentURL.parts(of: $0).url }
        moderation.type = root["messageType"]?.nonEmptyText
        moderation.conversation = conversation(root["targetType"]?.string ?? "", from, to)
        return .moderation(moderation)
    }

    private func conversation(_ kind: String, _ from: UserID?, _ to: String) -> ConversationID? {
        guard !to.isEmpty else { return nil }
        switch kind {
        case "user", "chat": return .chat(from, UserID(to))
        case "group", "groupchat": return ConversationID(kind: .group, key: to)
        case "room", "chatroom": return ConversationID(kind: .room, key: to)
        default: return nil
        }
    }

    /// What became of the push to one of an offline receiver's devices.
    var push: Event.Kind {
        var push = PushResult(
            target: root["msg_id"]?.messageID, user: root["target"]?.user(in: app),
            status: root["status"]?.nonEmptyText ?? "", channel: root["channel"]?.nonEmptyText,
            detail: root["detail"]?.nonEmptyText)
        push.device = root["device_id"]?.nonEmptyText
        push.notifier = root["notifier_name"]?.nonEmptyText
        let answer = root["data"]?.members.compactMap { key, value in
            key.contains("token") ? nil : (value.text ?? value.bool.map(String.init)).map { "\(key)=\($0)" }
        }
        push.answer = answer.flatMap { $0.isEmpty ? nil : $0.joined(separator: " ") }
        return .push(push)
    }

    /// `contentUri` is `msync:` and the message's id.
    private var alertedMessage: MessageID? {
        guard let uri = root["contentUri"]?.nonEmptyText else { return nil }
        let id = uri.split(separator: ":", maxSplits: 1).last.map(String.init) ?? uri
        return MessageID(id)
    }
}
