// SPDX-License-Identifier: Apache-2.0

extension Wording {
    /// Why an attachment is not shown, and when it was last tried.
    public func missing(_ reason: String, _ tries: AttachmentTries?, at clock: inout ZonedClock) -> String {
        var text: String
        switch reason {
        case AttachmentState.notRequested:
            return self("not downloaded: nobody asked for it", "未下载：没有请求过")
        case AttachmentState.notYet:
            text = self("not downloaded yet", "尚未下载")
            if let outcome = tries?.outcome { text += self(": ", "：") + outcomeWord(outcome) }
        default: text = self("not available: ", "无法提供：") + outcomeWord(reason)
        }
        guard let tries else { return text }
        if let why = tries.why { text += self(", ", "，") + why }
        let last = clock.minuteText(tries.last)
        return text
            + (tries.count == 1
                ? self(" (tried \(last))", "（\(last) 尝试过）")
                : self(" (\(tries.count) tries, the last \(last))", "（尝试过 \(tries.count) 次，最后一次 \(last)）"))
    }

    /// What a try came to; a word that is not known stays as it is.
    private func outcomeWord(_ outcome: String) -> String {
        switch outcome {
        case "expired": self("expired", "已过期")
        case "forbidden": self("forbidden", "无权访问")
        case "too big": self("too big", "文件过大")
        case "mismatch": self("mismatch", "内容与消息所述不符")
        case "type refused": self("type refused", "类型不在下载范围内")
        case "not found": self("not found", "文件不存在")
        case "host refused": self("host refused", "不允许访问该主机")
        case "refused": self("refused", "服务器拒绝")
        case "unreachable": self("unreachable", "无法连接")
        case "interrupted": self("interrupted", "传输中断")
        default: outcome
        }
    }
}
