// SPDX-License-Identifier: Apache-2.0

import SteleEvents
public import SteleTranscript

/// Entries of a transcript as JSON objects of one line: the one form that the commands, the HTTP service, JSON and
/// JSON Lines print.
///
/// Schema `stele-transcript/1`, described member by member in `transcript.schema.json` beside this file. Times are
/// RFC 3339 in UTC. A member that has nothing to say is absent, but for those every reader looks for first: `app`, `from`
/// and `title` are null then.
public struct MessageEncoder: Sendable {
    /// What this encoder writes, and the schema's name.
    public static let schema = "stele-transcript/1"

    /// Whether secrets that open attachments are written.
    public var includesSecrets: Bool
    var clock = ZonedClock.utc

    public init(includesSecrets: Bool = false) { self.includesSecrets = includesSecrets }

    /// Appends an entry of the conversation printed as `name`, without a line break after it.
    public mutating func append(_ entry: TranscriptEntry, name: String, to output: inout [UInt8]) {
        switch entry {
        case .message(let message): append(message, name: name, to: &output)
        case .notice(let notice): append(notice, name: name, to: &output)
        case .hidden(let hidden): append(hidden, name: name, to: &output)
        }
    }

    /// Appends a message of the conversation printed as `name`, without a line break after it.
    public mutating func append(_ message: TranscriptMessage, name: String, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("id", message.id.rawValue, &output)
        object.string("conversation", name, &output)
        object.string("app", message.app?.rawValue, &output, null: true)
        object.string("type", message.body.type, &output)
        object.string("from", message.from?.user.rawValue, &output, null: true)
        object.string("fromName", message.from?.displayName, &output)
        object.string("to", message.to, &output)
        time("time", message.time, of: &object, &output)
        if let stated = message.statedTime, stated != message.time {
            time("statedTime", stated, of: &object, &output)
        }
        if let own = message.disagreeingIDTime { time("idTime", own, of: &object, &output) }
        if case .text(let text) = message.body { object.string("text", text, &output) }
        object.string("state", message.state.rawValue, &output)
        if let reason = message.withheld { append(reason, of: &object, &output) }
        append(message.standing, of: &object, &output)
        object.key("body", &output)
        append(message.body, to: &output)
        if let ext = message.versions.last?.ext { object.json("ext", ext, &output) }
        object.array("versions", message.versions, &output) { append($0, to: &$1) }
        if let recall = message.recall { append(recall, of: &object, &output) }
        append(message.receipts, of: &object, &output)
        if !message.reactions.isEmpty { object.array("reactions", message.reactions, &output, Self.append) }
        appendDelivery(of: message, to: &object, &output)
        append(message.platform, of: &object, &output)
        if let attachment = message.attachment { append(attachment, "attachment", of: &object, &output) }
        if let thumbnail = message.thumbnail { append(thumbnail, "thumbnail", of: &object, &output) }
        if let bundle = message.bundle { append(bundle, of: &object, &output) }
        object.number("sequence", message.sequence, &output)
        time("capturedAt", message.capturedAt, of: &object, &output)
        if message.isOutOfOrder { object.literal("outOfOrder", "true", &output) }
        object.array("sightings", message.sightings, &output) { append($0, to: &$1) }
        object.end(&output)
    }

    /// Appends a notice of the conversation printed as `name`, without a line break after it.
    public mutating func append(_ notice: TranscriptNotice, name: String, to output: inout [UInt8]) {
        let operation = notice.operation
        var object = JSONObject(&output)
        object.string("notice", operation.change.rawValue, &output)
        object.string("conversation", name, &output)
        time("time", notice.time, of: &object, &output)
        object.string("operation", operation.operation, &output)
        object.string("by", operation.by?.rawValue, &output)
        object.strings("members", operation.members.map(\.rawValue), &output)
        if let count = operation.memberCount { object.number("memberCount", count, &output) }
        object.string("text", operation.text, &output)
        object.string("name", operation.name, &output)
        if let expires = operation.expires { time("expires", expires, of: &object, &output) }
        object.string("owner", operation.owner?.rawValue, &output)
        object.string("formerOwner", operation.formerOwner?.rawValue, &output)
        if !operation.admins.isEmpty { object.strings("admins", operation.admins.map(\.rawValue), &output) }
        if let details = operation.details { object.json("details", details, &output) }
        object.literal("succeeded", operation.succeeded ? "true" : "false", &output)
        object.number("sequence", notice.sequence, &output)
        object.end(&output)
    }

    /// Appends that a message of the conversation printed as `name` is hidden, without a line break after it.
    public mutating func append(_ hidden: HiddenMessage, name: String, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("id", hidden.id.rawValue, &output)
        object.string("conversation", name, &output)
        object.string("from", hidden.from?.rawValue, &output, null: true)
        time("time", hidden.time, of: &object, &output)
        append(hidden.reason, of: &object, &output)
        object.number("sequence", hidden.sequence, &output)
        object.end(&output)
    }

    private mutating func append(
        _ reason: HiddenReason, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        object.key("hidden", &output)
        var inner = JSONObject(&output)
        inner.string("reason", reason.name, &output)
        if let since = reason.since { time("since", since, of: &inner, &output) }
        if let until = reason.until { time("until", until, of: &inner, &output) }
        inner.end(&output)
    }

    /// Appends where the transcript stands in time and with whose eyes it is read, if anywhere but here and now.
    mutating func appendViewpoint(
        of header: TranscriptHeader, to object: inout JSONObject, _ output: inout [UInt8]
    ) {
        if let asOf = header.asOf {
            object.key("asOf", &output)
            var inner = JSONObject(&output)
            inner.string("clock", asOf.clock.rawValue, &output)
            switch asOf.point {
            case .sequence(let sequence): inner.number("sequence", sequence, &output)
            case .time(let instant): time("time", instant, of: &inner, &output)
            }
            inner.end(&output)
        }
        object.string("seenBy", header.seenBy?.rawValue, &output)
    }

    /// Appends a conversation's summary as lists print it, without a line break after it.
    public mutating func append(_ conversation: ConversationSummary, to output: inout [UInt8]) {
        appendOpen(conversation, to: &output).end(&output)
    }

    /// Appends a conversation's summary as an object left open: what follows it is the caller's.
    mutating func appendOpen(_ conversation: ConversationSummary, to output: inout [UInt8]) -> JSONObject {
        var object = JSONObject(&output)
        object.string("id", conversation.name, &output)
        object.string("kind", conversation.id.kind.rawValue, &output)
        object.string("app", conversation.app?.rawValue, &output, null: true)
        object.string("title", conversation.title, &output, null: true)
        object.strings("participants", conversation.participants.map(\.user.rawValue), &output)
        appendNames(of: conversation.participants, to: &object, &output)
        object.number("messages", conversation.messageCount, &output)
        optionalTime("first", conversation.first, of: &object, &output)
        optionalTime("last", conversation.last, of: &object, &output)
        return object
    }

    /// Display names by user, where messages carried them: `"names":{"alice":"Alice Zhang"}`.
    private func appendNames(
        of participants: [Participant], to object: inout JSONObject, _ output: inout [UInt8]
    ) {
        guard participants.contains(where: { $0.displayName != nil }) else { return }
        object.key("names", &output)
        var names = JSONObject(&output)
        for participant in participants {
            names.string(dynamic: participant.user.rawValue, participant.displayName, &output)
        }
        names.end(&output)
    }
}

// MARK: - What a message is made of

extension MessageEncoder {
    private mutating func append(_ version: Version, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("type", version.body.type, &output)
        if case .text(let text) = version.body { object.string("text", text, &output) }
        object.key("body", &output)
        append(version.body, to: &output)
        if let ext = version.ext { object.json("ext", ext, &output) }
        if let instant = version.time { time("time", instant, of: &object, &output) }
        object.string("editor", version.editor?.rawValue, &output)
        object.literal("isEdit", version.isEdit ? "true" : "false", &output)
        object.end(&output)
    }

    private func append(
        _ standing: TranscriptMessage.Standing, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        switch standing {
        case .sent: object.string("standing", "sent", &output)
        case .attempted: object.string("standing", "attempted", &output)
        case .refused(let code, let reason):
            object.string("standing", "refused", &output)
            object.key("refusal", &output)
            var refusal = JSONObject(&output)
            if let code { refusal.number("code", code, &output) }
            refusal.string("reason", reason, &output)
            refusal.end(&output)
        }
    }

    private mutating func append(_ recall: RecallMark, of object: inout JSONObject, _ output: inout [UInt8]) {
        object.key("recall", &output)
        var mark = JSONObject(&output)
        mark.string("by", recall.by?.rawValue, &output)
        if let instant = recall.time { time("time", instant, of: &mark, &output) }
        mark.string("notice", recall.notice, &output)
        mark.end(&output)
    }

    private mutating func append(_ receipts: Receipts, of object: inout JSONObject, _ output: inout [UInt8]) {
        object.key("receipts", &output)
        var inner = JSONObject(&output)
        inner.array("delivered", receipts.delivered, &output) { append($0, to: &$1) }
        inner.array("read", receipts.read, &output) { append($0, to: &$1) }
        if let count = receipts.readCount { inner.number("readCount", count, &output) }
        inner.end(&output)
    }

    private mutating func append(_ receipt: Receipt, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("user", receipt.user.rawValue, &output)
        if let instant = receipt.time { time("time", instant, of: &object, &output) }
        object.string("content", receipt.content, &output)
        if receipt.isOfConversation { object.literal("conversationRead", "true", &output) }
        object.end(&output)
    }

    private static func append(_ reaction: Reaction, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("name", reaction.name, &output)
        object.strings("users", reaction.users.map(\.rawValue), &output)
        object.number("count", reaction.count, &output)
        object.end(&output)
    }

    /// How it was sent and where it stands, in members that most messages do not need.
    private mutating func appendDelivery(
        of message: TranscriptMessage, to object: inout JSONObject, _ output: inout [UInt8]
    ) {
        object.string("delivery", message.delivery?.rawValue, &output)
        if message.isPinned { object.literal("pinned", "true", &output) }
        if let pin = message.pin {
            object.key("pin", &output)
            var inner = JSONObject(&output)
            inner.string("by", pin.by?.rawValue, &output)
            if let instant = pin.time { time("time", instant, of: &inner, &output) }
            inner.end(&output)
        }
        if let thread = message.thread {
            object.key("thread", &output)
            var inner = JSONObject(&output)
            inner.string("parentMessage", thread.parentMessage?.rawValue, &output)
            inner.string("parentGroup", thread.parentGroup, &output)
            inner.string("name", thread.name, &output)
            inner.end(&output)
        }
        if !message.startedThreads.isEmpty {
            object.array("threads", message.startedThreads, &output) { thread, output in
                var inner = JSONObject(&output)
                inner.string("id", thread.id.description, &output)
                inner.string("name", thread.name, &output)
                inner.end(&output)
            }
        }
        object.string("priority", message.priority?.rawValue, &output)
        if message.isBroadcast { object.literal("broadcast", "true", &output) }
        if let receivers = message.receivers {
            object.strings("receivers", receivers.map(\.rawValue), &output)
        }
        if message.isOnlineOnly { object.literal("onlineOnly", "true", &output) }
        if message.wantsReceipts { object.literal("wantsReceipts", "true", &output) }
        if !message.offline.isEmpty { object.strings("offline", message.offline.map(\.rawValue), &output) }
    }

    private mutating func append(
        _ file: AttachmentState, _ key: StaticString, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        object.key(key, &output)
        var inner = JSONObject(&output)
        switch file {
        case .stored(let sha256, let bytes):
            inner.string("state", "stored", &output)
            inner.string("sha256", sha256, &output)
            inner.number("bytes", bytes, &output)
        case .missing(let reason, let tries):
            inner.string("state", "missing", &output)
            inner.string("reason", reason, &output)
            if let tries {
                inner.number("tries", tries.count, &output)
                time("lastTried", tries.last, of: &inner, &output)
                inner.string("lastOutcome", tries.outcome, &output)
                inner.string("why", tries.why, &output)
                inner.string("kept", tries.kept, &output)
            }
        }
        inner.end(&output)
    }

    private mutating func append(
        _ bundle: BundleContent, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        object.key("bundle", &output)
        var inner = JSONObject(&output)
        switch bundle {
        case .messages(let messages): inner.array("messages", messages, &output) { append($0, to: &$1) }
        case .unreadable(let reason): inner.string("unreadable", reason, &output)
        }
        inner.end(&output)
    }

    private mutating func append(_ message: BundledMessage, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("id", message.id.rawValue, &output)
        object.string("type", message.body.type, &output)
        object.string("from", message.from?.user.rawValue, &output, null: true)
        object.string("fromName", message.from?.displayName, &output)
        if let instant = message.time { time("time", instant, of: &object, &output) }
        if case .text(let text) = message.body { object.string("text", text, &output) }
        object.key("body", &output)
        append(message.body, to: &output)
        if let ext = message.ext { object.json("ext", ext, &output) }
        if let attachment = message.attachment { append(attachment, "attachment", of: &object, &output) }
        if let thumbnail = message.thumbnail { append(thumbnail, "thumbnail", of: &object, &output) }
        if let bundle = message.bundle { append(bundle, of: &object, &output) }
        object.end(&output)
    }

    private mutating func append(_ sighting: Sighting, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.number("sequence", sighting.sequence, &output)
        object.string("via", sighting.surface.rawValue, &output)
        object.string("flow", sighting.flow.rawValue, &output)
        if sighting.isPreSend { object.string("phase", "pre", &output) }
        object.string("session", sighting.session, &output)
        time("at", sighting.capturedAt, of: &object, &output)
        object.end(&output)
    }

    mutating func time(
        _ key: StaticString, _ instant: Instant, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        object.key(key, &output)
        output.append(UInt8(ascii: "\""))
        clock.appendRFC3339(instant, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    mutating func optionalTime(
        _ key: StaticString, _ instant: Instant?, of object: inout JSONObject, _ output: inout [UInt8]
    ) {
        guard let instant else { return object.literal(key, "null", &output) }
        time(key, instant, of: &object, &output)
    }
}
