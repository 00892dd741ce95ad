// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// What was attempted, what the platform judged of it, and whom it told of a message by push: facts beside the message, so
// that what was tried, blocked, replaced and delivered never overwrite one another.
extension Fold {
    /// Keeps what a sender tried to send.
    mutating func attempt(_ message: Message, _ target: Int64, _ origin: Origin) throws {
        let body = StoredBody(message.body)
        let insert = try facts.statement("INSERT OR IGNORE INTO attempts VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(target)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(body.type)
        insert.put(body.text)
        insert.put(blob: body.detail)
        insert.put(message.ext ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ alert: KeywordAlert, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO keyword_alerts VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(try alert.target.map { try names.key(of: $0) } ?? 0)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(alert.status)
        insert.put(alert.reason)
        insert.put(text: StoredList.encode(alert.words))
        insert.put(try names.number(of: alert.from))
        insert.put(alert.to)
        insert.put(origin.sequence)
        try insert.run()
        // Of a message that was intercepted there may be no other trace.
        guard let target = alert.target, alert.conversation != nil else { return }
        let message = Message(
            conversation: alert.conversation, from: alert.from, to: alert.to, body: .unknown(type: ""))
        try sight(
            message, id: target, rank: MessageState.Rank.mention, standing: .attempted, origin)
    }

    mutating func apply(_ moderation: Moderation, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO moderations VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(try moderation.target.map { try names.key(of: $0) } ?? 0)
        insert.put(origin.app)
        insert.put(origin.time)
        insert.put(moderation.result)
        insert.put(moderation.provider ?? "")
        insert.put(moderation.risk ?? "")
        insert.put(moderation.type ?? "")
        insert.put(moderation.text ?? "")
        insert.put(moderation.url ?? "")
        insert.put(try names.number(of: moderation.from))
        insert.put(moderation.to)
        insert.put(origin.sequence)
        try insert.run()
        guard let target = moderation.target, moderation.conversation != nil else { return }
        let message = Message(
            conversation: moderation.conversation, from: moderation.from, to: moderation.to,
            body: moderation.judged)
        // Only what was delivered can be recalled.
        try sight(
            message, id: target, rank: MessageState.Rank.judged,
            standing: moderation.result == "RECALL" ? .sent : .attempted, origin)
    }

    mutating func apply(_ result: PushResult, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO pushes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(try result.target.map { try names.key(of: $0) } ?? 0)
        insert.put(origin.app)
        insert.put(try names.number(of: result.user))
        insert.put(origin.time)
        insert.put(result.status)
        insert.put(result.channel ?? "")
        insert.put(result.detail ?? "")
        insert.put(result.device ?? "")
        insert.put(result.notifier ?? "")
        insert.put(result.answer ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }
}

extension Moderation {
    /// The body that was judged, as far as the result shows it.
    fileprivate var judged: Body {
        var file = Attachment()
        file.url = url
        file.uuid = url.flatMap { AttachmentURL.uuid(in: $0) }
        switch type {
        case "txt": return .text(text ?? "")
        case "img": return .image(file)
        case "audio": return .audio(file)
        case "video": return .video(file)
        case "file": return .file(file)
        default: return .unknown(type: type ?? "")
        }
    }
}
