// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// Where things stand on a line: time, name, and the words wrapped beside them.
struct TextLayout {
    let say: Wording
    private let options: TextWriter.Options
    private let width: Int
    private var clock: ZonedClock
    private var nameWidth = 8
    private var names: [UserID: String] = [:]
    private var day: Int?

    /// Whether the conversation has had no entry yet.
    var isEmpty: Bool { day == nil }
    private var indent: String { String(repeating: " ", count: 10 + nameWidth + 2) }

    init(_ options: TextWriter.Options) {
        self.options = options
        say = Wording(options.language)
        width = max(options.width, 40)
        clock = ZonedClock(options.timeZone)
    }

    // MARK: - Lines of their own

    /// Appends where the transcript stands, if anywhere but here and now.
    mutating func appendViewpoint(of header: TranscriptHeader, to output: inout [UInt8]) {
        guard let viewpoint = say.viewpoint(of: header, clock: &clock) else { return }
        output.append(utf8: TerminalText.visible(viewpoint) + "\n")
    }

    mutating func appendHeading(_ conversation: ConversationSummary, to output: inout [UInt8]) {
        day = nil
        names = [:]
        for participant in conversation.participants {
            names[participant.user] = participant.displayName.map { TerminalText.visible($0) }
        }
        let widest = conversation.participants.map { DisplayWidth.columns(of: name($0.user)) }.max() ?? 8
        nameWidth = min(max(widest, 4), 16)
        var heading = say.kind(conversation.id.kind) + " "
        if let title = conversation.title { heading += TerminalText.visible(title) + " · " }
        heading += TerminalText.visible(conversation.name) + " · " + say.messages(conversation.messageCount)
        if let first = conversation.first, let last = conversation.last {
            heading += " · \(clock.minuteText(first)) – \(clock.minuteText(last))"
        }
        output.append(utf8: heading)
        output.append(literal: "\n")
    }

    private mutating func startDay(_ reading: ZonedClock.Reading, to output: inout [UInt8]) {
        guard reading.dayNumber != day else { return }
        day = reading.dayNumber
        var label: [UInt8] = []
        reading.appendDate(to: &label)
        label.append(utf8: " \(say.weekday(reading.weekday)) ")
        reading.appendOffset(to: &label)
        let text = String(decoding: label, as: UTF8.self)
        let rule = String(repeating: "─", count: max(2, (width - DisplayWidth.columns(of: text) - 2) / 2))
        output.append(utf8: "\n\(rule) \(text) \(rule)\n")
    }

    mutating func append(_ notice: TranscriptNotice, to output: inout [UInt8]) {
        let until = notice.operation.expires.map { clock.minuteText($0) }
        let text = say.notice(notice.operation, until: until, name: name)
        appendAside(text, at: notice.time, sign: "——", to: &output)
    }

    mutating func append(_ hidden: HiddenMessage, to output: inout [UInt8]) {
        var text = say("hidden", "未显示") + " \(hidden.id.rawValue)"
        if let sender = hidden.from { text += say(" by ", " · ") + name(sender) }
        text += say(": ", "：") + say.hidden(hidden.reason, clock: &clock)
        appendAside(text, at: hidden.time, sign: "××", to: &output)
    }

    /// Appends a line between the messages; the sign is two columns wide.
    private mutating func appendAside(
        _ text: String, at time: Instant, sign: String, to output: inout [UInt8]
    ) {
        let reading = clock.reading(at: time)
        startDay(reading, to: &output)
        reading.appendClock(to: &output)
        for (index, line) in DisplayWidth.wrap(TerminalText.visible(text), to: width - 14).enumerated() {
            output.append(utf8: index == 0 ? "  \(sign) " : "             ")
            output.append(utf8: line + "\n")
        }
    }

    // MARK: - Messages

    mutating func append(_ message: TranscriptMessage, to output: inout [UInt8]) {
        if case .command = message.body, !options.showsDetails { return }
        let reading = clock.reading(at: message.time)
        startDay(reading, to: &output)
        reading.appendClock(to: &output)
        output.append(utf8: message.isOutOfOrder ? "↶ " : "  ")
        let sender = message.from.map { $0.displayName.map { TerminalText.visible($0) } ?? name($0.user) }
        output.append(utf8: DisplayWidth.fit(sender ?? say("unknown", "未知"), to: nameWidth))
        output.append(literal: "  ")
        var isFirst = true
        for line in lines(of: message) {
            for wrapped in DisplayWidth.wrap(line, to: width - 12 - nameWidth) {
                if !isFirst { output.append(utf8: indent) }
                isFirst = false
                output.append(utf8: wrapped + "\n")
            }
        }
        if case .combine = message.body, let bundle = message.bundle {
            append(bundle, depth: 1, to: &output)
        }
    }

    private mutating func lines(of message: TranscriptMessage) -> [String] {
        var lines = [
            message.withheld.map { "[" + say.hidden($0, clock: &clock) + "]" }
                ?? words(of: message.body, attachment: message.attachment)
        ]
        if case .combine(let combine) = message.body, !combine.summary.isEmpty {
            lines.append(TerminalText.visible(combine.summary, keepingLines: true))
        }
        switch message.standing {
        case .sent: break
        case .attempted:
            lines.append(say("· attempted: no proof that it was sent", "· 仅尝试发送：没有已发送的证据"))
        case .refused(let code, let reason):
            let why = [code.map(String.init), TerminalText.visible(reason)].compactMap(\.self).joined(
                separator: " ")
            lines.append(say("· refused: ", "· 被拒绝：") + why)
        }
        appendChecks(of: message, to: &lines)
        appendHistory(of: message, to: &lines)
        appendDelivery(of: message, to: &lines)
        return lines
    }

    /// What the platform made of it; a check that it passed is a detail.
    private mutating func appendChecks(of message: TranscriptMessage, to lines: inout [String]) {
        let platform = message.platform
        if let verdict = say.verdict(message) { lines.append("· " + verdict) }
        for attempt in platform.attempts {
            lines.append(say("· attempted: ", "· 原发送内容：") + words(of: attempt.body, attachment: nil))
        }
        for alert in platform.keywordAlerts where options.showsDetails || alert.status != "pass" {
            lines.append("· " + TerminalText.visible(say.keywordAlert(alert)))
        }
        for result in platform.moderations where options.showsDetails || result.result != "PASS" {
            lines.append("· " + TerminalText.visible(say.moderation(result)))
        }
        if message.conversation.kind == .room, message.delivery == .unseen { lines.append("· " + say.unseen) }
    }

    private mutating func appendHistory(of message: TranscriptMessage, to lines: inout [String]) {
        for (index, version) in message.versions.enumerated() where version.isEdit {
            var line = say("· edited", "· 已编辑")
            if let time = version.time { line += " " + clockText(time) }
            if let editor = version.editor { line += say(" by ", " · ") + name(editor) }
            if index > 0 {
                let before = message.versions[index - 1].body
                line += say("; before: ", "；之前：") + words(of: before, attachment: nil)
            }
            lines.append(line)
        }
        guard let recall = message.recall else { return }
        var line = say("· recalled", "· 已撤回")
        if let by = recall.by { line += say(" by ", " · ") + name(by) }
        if let time = recall.time { line += " " + clockText(time) }
        if let notice = recall.notice { line += " (\(TerminalText.visible(notice)))" }
        lines.append(line)
    }

    private mutating func appendDelivery(of message: TranscriptMessage, to lines: inout [String]) {
        if let receivers = message.receivers {
            lines.append(say("· only for ", "· 定向：") + receivers.map(name).joined(separator: say(", ", "、")))
        }
        if message.isOnlineOnly { lines.append(say("· to online receivers only", "· 仅投递在线用户")) }
        if message.isPinned {
            var line = say("· pinned", "· 已置顶")
            if let by = message.pin?.by { line += say(" by ", " · ") + name(by) }
            if let time = message.pin?.time { line += " " + clockText(time) }
            lines.append(line)
        }
        for thread in message.startedThreads {
            let title = TerminalText.visible(thread.name ?? thread.id.description)
            lines.append(say("· thread ", "· 子区 ") + title)
        }
        if !message.reactions.isEmpty {
            let marks = message.reactions.map { "\(TerminalText.visible($0.name)) \($0.count)" }
            lines.append("· " + marks.joined(separator: "  "))
        }
        if let own = message.disagreeingIDTime {
            lines.append(say("· the clocks disagree; by its id: ", "· 时钟不一致；按消息 ID：") + clockText(own))
        }
        guard options.showsDetails else { return }
        if message.isOutOfOrder {
            lines.append(say("· ↶ captured after later messages", "· ↶ 采集晚于之后的消息"))
        }
        for (label, receipts) in [
            (say("· delivered: ", "· 已送达："), message.receipts.delivered),
            (say("· read: ", "· 已读："), message.receipts.read),
        ] where !receipts.isEmpty {
            lines.append(
                label
                    + receipts.map { receipt in
                        let content = receipt.content.map { " (\(TerminalText.visible($0)))" } ?? ""
                        return name(receipt.user) + (receipt.time.map { " " + clockText($0) } ?? "") + content
                    }
                    .joined(separator: ", "))
        }
        if !message.offline.isEmpty { lines.append("· " + say.offline(message.offline, name: name)) }
        for push in message.platform.pushes {
            lines.append("· " + TerminalText.visible(say.push(push, name: name)))
        }
        if let count = message.receipts.readCount {
            lines.append(say("· read by \(count)", "· \(count) 人已读"))
        }
        let sightings = message.sightings.map { "\($0.surface.rawValue) #\($0.sequence)" }
        lines.append("· \(message.id.rawValue) · " + sightings.joined(separator: ", "))
    }

    private mutating func append(_ bundle: BundleContent, depth: Int, to output: inout [UInt8]) {
        let margin = indent + String(repeating: "│ ", count: depth)
        switch bundle {
        case .unreadable(let reason):
            output.append(utf8: margin + TerminalText.visible(reason) + "\n")
        case .messages(let messages):
            for message in messages {
                let sender = message.from.map {
                    $0.displayName.map { TerminalText.visible($0) } ?? name($0.user)
                }
                let time = message.time.map { " " + clock.minuteText($0) } ?? ""
                output.append(utf8: "\(margin)\(sender ?? say("unknown", "未知"))\(time)\n")
                let text = words(of: message.body, attachment: message.attachment)
                for line in DisplayWidth.wrap(text, to: width - DisplayWidth.columns(of: margin) - 2) {
                    output.append(utf8: "\(margin)  \(line)\n")
                }
                if let inner = message.bundle { append(inner, depth: depth + 1, to: &output) }
            }
        }
    }

    // MARK: - Words

    private func name(_ user: UserID) -> String { names[user] ?? TerminalText.visible(user.rawValue) }

    private mutating func clockText(_ instant: Instant) -> String {
        let reading = clock.reading(at: instant)
        guard reading.dayNumber == day else { return clock.minuteText(instant) }
        var output: [UInt8] = []
        reading.appendClock(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func words(of body: Body, attachment: AttachmentState?) -> String {
        if case .text(let text) = body { return TerminalText.visible(text, keepingLines: true) }
        var parts: [String] = []
        switch body {
        case .text, .unknown: break
        case .image(let file), .audio(let file), .video(let file), .file(let file):
            parts = [
                file.filename.map { TerminalText.visible($0) }, file.duration.flatMap(say.duration),
                file.fileLength.map(say.size),
            ].compactMap(\.self)
        case .location(let place):
            parts = [TerminalText.visible(body.plainText), "(\(say.coordinates(place)))"]
        case .command(let action): parts = [TerminalText.visible(action)]
        case .custom: parts = [TerminalText.visible(body.plainText)]
        case .combine(let combine): parts = [TerminalText.visible(combine.title)]
        }
        if case .missing(let reason, let tries) = attachment {
            parts.append("(\(TerminalText.visible(say.missing(reason, tries, at: &clock))))")
        }
        return (["[\(TerminalText.visible(say.type(of: body)))]"] + parts).joined(separator: " ")
    }
}
