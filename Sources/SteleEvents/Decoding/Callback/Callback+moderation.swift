// SPDX-License-Identifier: Apache-2.0

extension Callback {
    var keywordAlert: Event.Kind {
        .keywordAlert(
            KeywordAlert(
                target: alertedMessage, reason: root["alertReason"]?.nonEmptyText ?? "",
                status: root["status"]?.nonEmptyText ?? "",
                words: root["sensitiveWords"]?.elements.compactMap(\.nonEmptyText) ?? []))
    }

    var moderation: Event.Kind {
        .moderation(
            Moderation(
                target: root["messageId"]?.messageID, result: root["moderationResult"]?.nonEmptyText ?? "",
                risk: root["riskType"]?.nonEmptyText,
                text: (root["msg"]?.nonEmptyText ?? root["url"]?.nonEmptyText),
                from: root["from"]?.user(in: app), to: root["to"]?.name(in: app) ?? ""))
    }

    /// What became of the push to one of an offline receiver's devices.
    var push: Event.Kind {
        .push(
            PushResult(
                target: root["msg_id"]?.messageID, user: root["target"]?.user(in: app),
                status: root["status"]?.nonEmptyText ?? "", channel: root["channel"]?.nonEmptyText,
                detail: root["detail"]?.nonEmptyText))
    }

    /// `contentUri` is `msync:` and the message's id.
    private var alertedMessage: MessageID? {
        guard let uri = root["contentUri"]?.nonEmptyText else { return nil }
        let id = uri.split(separator: ":", maxSplits: 1).last.map(String.init) ?? uri
        return MessageID(id)
    }
}
