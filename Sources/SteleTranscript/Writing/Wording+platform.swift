// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

/// What the platform did with a message, in sentences.
extension Wording {
    /// A line such as `Blocked by the platform's checks`; nil for a message that no check touched.
    public func verdict(_ message: TranscriptMessage) -> String? {
        if message.platform.isBlocked { return self("Blocked by the platform's checks", "被平台审核拦截") }
        if message.platform.isReplaced { return self("Content replaced by the platform", "内容已被平台替换") }
        guard message.platform.attempts.isEmpty else {
            return self("Delivered with other content than was sent", "送达内容与发送内容不同")
        }
        return nil
    }

    /// A line such as `Sensitive words: refused (赌博, 12)`.
    public func keywordAlert(_ alert: KeywordMark) -> String {
        let verdict =
            switch alert.status {
            case "pass": self("let through", "放行")
            case "refuse": self("refused", "拦截")
            case "replace": self("replaced", "替换")
            default: alert.status
            }
        let words = alert.words.isEmpty ? "" : " (" + alert.words.joined(separator: self(", ", "、")) + ")"
        return self("Sensitive words: ", "敏感词：") + verdict + words
    }

    /// A line such as `Moderation: rejected · risk 广告`.
    public func moderation(_ result: ModerationMark) -> String {
        let verdict =
            switch result.result {
            case "PASS": self("passed", "通过")
            case "REJECT": self("rejected", "拒绝")
            case "EXCHANGE": self("replaced", "替换")
            case "RECALL": self("recalled", "撤回")
            default: result.result
            }
        let risk = result.risk.map { self(" · risk ", " · 风险 ") + $0 } ?? ""
        return self("Moderation: ", "内容审核：") + verdict + risk
    }

    /// A line such as `Push to tao: fail (get push token fail) · VIVOPUSH`.
    public func push(_ push: PushMark, name: (UserID) -> String) -> String {
        let user = push.user.map(name) ?? self("somebody", "某用户")
        let reason = push.detail.map { " (\($0))" } ?? ""
        let channel = push.channel.map { " · \($0)" } ?? ""
        return self("Push to \(user): ", "推送给 \(user)：") + push.status + reason + channel
    }

    /// A line such as `Offline: tao, mei`.
    public func offline(_ users: [UserID], name: (UserID) -> String) -> String {
        self("Offline: ", "离线：") + users.map(name).joined(separator: self(", ", "、"))
    }

    /// Of a message that no record shows arriving.
    public var unseen: String { self("sent, never seen delivered", "已发送，未见送达") }
}
