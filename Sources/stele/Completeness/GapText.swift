// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleProjection
import SteleTranscript

/// A gap in the words of people, in either language.
struct GapText {
    let say: Wording
    private var clock: ZonedClock

    init(_ say: Wording, _ clock: ZonedClock) {
        self.say = say
        self.clock = clock
    }

    /// `callbacks stopped`, `回调中断`.
    func name(_ kind: Gap.Kind) -> String {
        switch kind {
        case .missedCallback: say("missed callback", "漏掉的回调")
        case .suspension: say("callbacks stopped", "回调中断")
        case .unresolvedAttempt: say("attempt without an end", "没有下文的发送")
        case .unseenMessage: say("message never seen", "从未见到的消息")
        case .historyHour: say("history not imported", "未导入的历史消息")
        case .attachment: say("attachment not fetched", "未取回的附件")
        }
    }

    /// `2026-11-20 12:00:03.000 +00:00 – 12:05:01.000 +00:00`, one instant alone where both are the same.
    mutating func span(_ gap: Gap) -> String {
        let from = exact(gap.from)
        guard let to = gap.to else { return from + " – " + say("now", "现在") }
        return to == gap.from ? from : from + " – " + exact(to)
    }

    /// What is missing, and what says so.
    func what(_ gap: Gap) -> String {
        var parts: [String] = []
        if let seconds = gap.silentSeconds {
            parts.append(say("\(seconds) seconds without any callback", "\(seconds) 秒内没有任何回调"))
        }
        if let expected = gap.expected, gap.expected ?? 1 < 0.01 {
            let number = String(format: "%.1g", expected)
            parts.append(
                say("by chance \(number) such silences an hour", "偶然出现这样的静默，每小时约 \(number) 次"))
        }
        if gap.count > 0 { parts.append(counted(gap)) }
        let evidence = gap.evidence.map { "\(source($0.source)) \($0.count)" }.joined(
            separator: say(", ", "、"))
        if !evidence.isEmpty {
            parts.append((gap.kind == .attachment ? "" : say("told by: ", "依据：")) + evidence)
        }
        return parts.joined(separator: say("; ", "；"))
    }

    private func counted(_ gap: Gap) -> String {
        let (count, open) = (gap.count, gap.open)
        switch gap.kind {
        case .historyHour: return say(count == 1 ? "1 hour" : "\(count) hours", "\(count) 个小时")
        case .attachment:
            return say(
                count == 1 ? "1 message has one" : "\(count) messages have them", "\(count) 条消息带有附件")
        case .unresolvedAttempt:
            return say(count == 1 ? "1 attempt" : "\(count) attempts", "\(count) 次发送")
        case .missedCallback, .suspension, .unseenMessage:
            let all = say.messages(count)
            return open == 0 || open == count
                ? all : all + say(", \(open) of them still missing", "，其中 \(open) 条仍缺")
        }
    }

    /// What to do, or what closed it.
    mutating func remedy(_ gap: Gap) -> String {
        if let closing = gap.closing { return say("closed by ", "已由以下内容补全：") + self.closing(closing) }
        if gap.kind == .attachment { return "stele fetch-attachments" }
        let history = gap.ask.compactMap { key -> String? in
            guard case .history(let hour, let zone) = key else { return nil }
            return "\(hour)" + (zone.map { " (\(AskKey.zone($0)))" } ?? "")
        }
        guard let first = gap.ask.first else { return "" }
        let path = first.path(app: gap.app).split(separator: "/").dropLast().joined(separator: "/")
        let more = history.count > 4 ? say(" … \(history.count) in all", " … 共 \(history.count) 个") : ""
        var text =
            "GET /\(path)/{" + history.prefix(4).joined(separator: ", ") + more + "}"
        let stored = gap.ask.compactMap { key -> String? in
            guard case .storedCallbacks(let date) = key else { return nil }
            return date
        }
        if let last = stored.first {
            text += say("; stored callbacks {", "；回调异常存储 {") + last
            if let end = stored.last, end != last { text += " … " + end }
            text += "}"
        }
        if let until = gap.keptUntil { text += say("; kept until ", "；保留至 ") + clock.minuteText(until) }
        return text
    }

    func closing(_ closing: Gap.Closing) -> String {
        switch closing {
        case .shown: say("history lines", "历史消息")
        case .hours: say("the hours' history files, taken in whole", "完整导入的历史消息文件")
        case .agreement: say("history lines that agree with the callbacks", "与回调一致的历史消息")
        }
    }

    /// A source by the name it has in reports.
    func source(_ name: String) -> String {
        let chinese = [
            "callback": "发送后回调", "switchboard": "Switchboard", "offline callback": "离线回调",
            "pre-send callback": "发送前回调", "history": "历史消息", "sdk": "SDK", "msync": "MSync", "edit": "修改",
            "recall": "撤回", "delivery receipt": "送达回执", "read receipt": "已读回执",
            "group read count": "群已读数", "reaction": "表情回复", "pin": "置顶", "keyword alert": "敏感词",
            "moderation": "内容审核", "push": "离线推送", "never tried": "从未尝试", "tried and failed": "尝试失败",
        ]
        return say(name, chinese[name] ?? name)
    }

    mutating func exact(_ instant: Instant) -> String {
        var output: [UInt8] = []
        clock.appendExact(instant, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
