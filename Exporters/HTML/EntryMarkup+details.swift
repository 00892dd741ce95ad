// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// The line under a bubble, and all that is known of the message behind it.
extension EntryMarkup {
    mutating func appendDetails(
        of message: TranscriptMessage, _ reading: ZonedClock.Reading, isRight: Bool, to output: inout [UInt8]
    ) {
        output.append(literal: "<details class=\"x\"><summary>")
        appendTime(reading, to: &output)
        if message.isPinned { mark(say("pinned", "置顶"), &output) }
        if message.conversation.kind == .room, message.delivery == .unseen { mark(say.unseen, &output) }
        if message.isBroadcast { mark(say("broadcast", "广播"), &output) }
        if message.isOnlineOnly { mark(say("online only", "仅在线投递"), &output) }
        switch message.priority {
        case .high: mark(say("high priority", "高优先级"), &output)
        case .low: mark(say("low priority", "低优先级"), &output)
        case .normal, nil: break
        }
        appendReceiptMark(message, &output)
        output.append(literal: "</summary>")
        appendFacts(of: message, to: &output)
        output.append(literal: "</details>")
    }

    private func mark(_ text: String, _ output: inout [UInt8]) {
        output.append(literal: " <span>")
        output.append(utf8: text)
        output.append(literal: "</span>")
    }

    private func appendReceiptMark(_ message: TranscriptMessage, _ output: inout [UInt8]) {
        let receipts = message.receipts
        let readers = max(receipts.readCount ?? 0, receipts.read.count)
        if readers > 0 {
            let isSingle = message.conversation.kind == .chat
            mark(
                isSingle ? say("✓✓ read", "✓✓ 已读") : say("✓✓ read by \(readers)", "✓✓ \(readers) 人已读"),
                &output)
        } else if !receipts.delivered.isEmpty {
            mark(say("✓ delivered", "✓ 已送达"), &output)
        }
    }

    /// Appends every fact as a list of terms: the exact times, ids, receipts, and the records it rests on.
    mutating func appendFacts(of message: TranscriptMessage, to output: inout [UInt8]) {
        output.append(literal: "<dl>")
        term(say("Sent", "发送时间"), &output)
        exact(message.time, &output)
        term(say("Message id", "消息 ID"), &output)
        Markup.append(message.id.rawValue, to: &output)
        term(say("From → to", "发送 → 接收"), &output)
        output.append(literal: "<bdi>")
        Markup.append(message.from?.user.rawValue ?? "?", to: &output)
        output.append(literal: "</bdi> → <bdi>")
        Markup.append(message.to, to: &output)
        output.append(literal: "</bdi>")
        if message.withheld == nil { type(of: message.body, &output) }
        receipts(message.receipts.delivered, say("Delivered", "已送达"), &output)
        receipts(message.receipts.read, say("Read", "已读"), &output)
        if let count = message.receipts.readCount {
            term(say("Read count", "已读人数"), &output)
            output.append(decimal: count)
        }
        if let parent = message.thread?.parentMessage {
            term(say("Thread of message", "子区所属消息"), &output)
            Markup.append(parent.rawValue, to: &output)
        }
        list(
            say("Threads from it", "由此创建的子区"), message.startedThreads.map { $0.name ?? $0.id.description },
            &output)
        if let pin = message.pin {
            term(say("Pinned", "置顶"), &output)
            output.append(literal: "<bdi>")
            Markup.append(pin.by.map(name) ?? "?", to: &output)
            output.append(literal: "</bdi>")
            if let time = pin.time {
                output.append(literal: " ")
                exact(time, &output)
            }
        }
        appendPlatformFacts(of: message, to: &output)
        appendAttachmentFacts(of: message, to: &output)
        if let ext = message.versions.last?.ext, !ext.isEmpty {
            term(say("Extension", "扩展字段"), &output)
            output.append(literal: "<code dir=\"ltr\">")
            Markup.append(ext, to: &output)
            output.append(literal: "</code>")
        }
        appendClocks(of: message, to: &output)
        appendSightings(of: message, to: &output)
        output.append(literal: "</dl>")
    }

    private mutating func appendPlatformFacts(of message: TranscriptMessage, to output: inout [UInt8]) {
        let platform = message.platform
        list(say("Offline", "离线用户"), message.offline.map(name), &output)
        let checks =
            platform.keywordAlerts.map { ($0.time, say.keywordAlert($0)) }
            + platform.moderations.map { ($0.time, say.moderation($0)) }
        dated(say("Checks", "审核"), checks, &output)
        dated(
            say("Pushes", "推送"), platform.pushes.map { ($0.time, say.push($0, name: name)) }, &output)
        if let delivery = message.delivery, message.conversation.kind == .room {
            term(say("Arrival", "送达"), &output)
            output.append(utf8: delivery == .seen ? say("seen", "已见送达") : say.unseen)
        }
    }

    private func list(_ label: String, _ texts: [String], _ output: inout [UInt8]) {
        guard !texts.isEmpty else { return }
        term(label, &output)
        output.append(literal: "<bdi>")
        Markup.append(texts.joined(separator: say(", ", "、")), to: &output)
        output.append(literal: "</bdi>")
    }

    private mutating func dated(
        _ label: String, _ marks: [(time: Instant?, text: String)], _ output: inout [UInt8]
    ) {
        guard !marks.isEmpty else { return }
        term(label, &output)
        for (index, mark) in marks.enumerated() {
            if index > 0 { output.append(literal: "<br>") }
            output.append(literal: "<bdi>")
            Markup.append(mark.text, to: &output)
            output.append(literal: "</bdi>")
            guard let time = mark.time else { continue }
            output.append(literal: " ")
            exact(time, &output)
        }
    }

    /// What other clocks say, and whether the order of capture agrees with them.
    private mutating func appendClocks(of message: TranscriptMessage, to output: inout [UInt8]) {
        if let stated = message.statedTime, stated != message.time {
            term(say("Stated time", "声明的时间"), &output)
            exact(stated, &output)
        }
        if let own = message.disagreeingIDTime {
            term(say("Time in the id", "消息 ID 中的时间"), &output)
            exact(own, &output)
        }
        if message.isOutOfOrder {
            term(say("Captured", "采集"), &output)
            output.append(utf8: say("after later messages", "晚于之后的消息"))
        }
    }

    private mutating func appendSightings(of message: TranscriptMessage, to output: inout [UInt8]) {
        term(say("Seen in records", "所见记录"), &output)
        guard !message.sightings.isEmpty else {
            output.append(utf8: "#\(message.sequence) ")
            return exact(message.capturedAt, &output)
        }
        for (index, sighting) in message.sightings.enumerated() {
            if index > 0 { output.append(literal: "<br>") }
            output.append(literal: "#")
            output.append(decimal: sighting.sequence)
            output.append(literal: " ")
            output.append(utf8: sighting.surface.rawValue)
            if sighting.isPreSend { output.append(utf8: say(" (before sending)", "（发送前）")) }
            if let session = sighting.session {
                output.append(literal: " <bdi>")
                Markup.append(session, to: &output)
                output.append(literal: "</bdi>")
            }
            output.append(literal: " ")
            exact(sighting.capturedAt, &output)
        }
    }

    private mutating func appendAttachmentFacts(of message: TranscriptMessage, to output: inout [UInt8]) {
        guard let file = message.body.attachment else { return }
        if let url = file.url {
            term(say("Address", "地址"), &output)
            output.append(literal: "<code dir=\"ltr\">")
            Markup.append(url, to: &output)
            output.append(literal: "</code>")
        }
        if case .stored(let sha256, let bytes) = message.attachment {
            term("SHA-256", &output)
            output.append(literal: "<code dir=\"ltr\">")
            Markup.append(sha256, to: &output)
            output.append(utf8: "</code> \(bytes) B")
        }
        if case .missing(_, let tries?) = message.attachment, let kept = tries.kept {
            term(say("What came instead", "实际收到的文件"), &output)
            output.append(literal: "SHA-256 <code dir=\"ltr\">")
            Markup.append(kept, to: &output)
            output.append(literal: "</code>")
        }
        guard options.includesSecrets else { return }
        for secret in [file.secret, file.thumbnailSecret].compactMap(\.self) {
            term(say("Secret", "访问密钥"), &output)
            output.append(literal: "<code dir=\"ltr\">")
            Markup.append(secret, to: &output)
            output.append(literal: "</code>")
        }
    }

    private mutating func receipts(_ receipts: [Receipt], _ label: String, _ output: inout [UInt8]) {
        guard !receipts.isEmpty else { return }
        term(label, &output)
        for (index, receipt) in receipts.enumerated() {
            if index > 0 { output.append(literal: "<br>") }
            output.append(literal: "<bdi>")
            Markup.append(name(receipt.user), to: &output)
            output.append(literal: "</bdi>")
            if let content = receipt.content {
                output.append(literal: " <bdi>")
                Markup.append(content, to: &output)
                output.append(literal: "</bdi>")
            }
            guard let time = receipt.time else { continue }
            output.append(literal: " ")
            exact(time, &output)
        }
    }

    private func type(of body: Body, _ output: inout [UInt8]) {
        term(say("Type", "类型"), &output)
        output.append(utf8: say.type(of: body))
        output.append(literal: " <small>")
        Markup.append(body.type, to: &output)
        output.append(literal: "</small>")
    }

    /// Begins the next fact; HTML ends the one before by itself.
    private func term(_ label: String, _ output: inout [UInt8]) {
        output.append(literal: "<dt>")
        output.append(utf8: label)
        output.append(literal: "<dd>")
    }

    private mutating func exact(_ instant: Instant, _ output: inout [UInt8]) {
        clock.reading(at: instant).appendExact(to: &output)
    }
}
