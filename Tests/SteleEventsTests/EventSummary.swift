// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// An event as a row of `Fixtures/expected.tsv`: kind, conversation, from, to or target, what, time, id, app.
///
/// Every field that a decoder can fill is in the row, so that a wrong or lost one changes it.
struct EventSummary {
    var kind = ""
    var conversation: String?
    var from: String?
    var to: String?
    var what = ""

    static func columns(of event: Event) -> [String] {
        var summary = EventSummary()
        summary.read(event.kind)
        return [
            summary.kind, summary.conversation ?? "-", dash(summary.from), dash(summary.to),
            dash(summary.what),
            event.time?.rfc3339(.milliseconds) ?? "-", event.id?.rawValue ?? "-", event.app?.rawValue ?? "-",
        ]
    }

    private static func dash(_ text: String?) -> String { text.map { $0.isEmpty ? "-" : $0 } ?? "-" }

    private mutating func read(_ kind: Event.Kind) {
        switch kind {
        case .message(let message): read("message", message)
        case .edit(let edit):
            read("edit", edit.message)
            what = words(
                "target=\(edit.target)", edit.operator.map { "by=\($0)" }, edit.count.map { "count=\($0)" },
                edit.sentAt.map { "sent=\($0.rfc3339(.milliseconds))" },
                edit.editedAt.map { "edited=\($0.rfc3339(.milliseconds))" }, what)
        case .recall(let recall):
            self.kind = "recall"
            (from, to) = (recall.by?.rawValue, recall.to)
            what = words("target=\(recall.target)", recall.notice.map { "notice=\($0)" })
        case .read(let receipt):
            self.kind = receipt.isGroup ? "read group" : "read"
            (from, to) = (receipt.reader?.rawValue, receipt.to)
            what = words(
                "target=\(receipt.target)", receipt.content.map { "content=\($0)" },
                receipt.counts.map { "\($0.message)×\($0.count)" }.joined(separator: " "))
        case .conversationRead(let read):
            self.kind = "conversationRead"
            (conversation, from) = (read.conversation?.description, read.reader?.rawValue)
            what = "message=\(read.message?.rawValue ?? "-")"
        case .delivered(let receipt):
            self.kind = "delivered"
            (from, what) = (receipt.receiver?.rawValue, "target=\(receipt.target)")
        case .reactions(let state):
            self.kind = "reactions"
            (conversation, to) = (state.conversation?.description, state.target.rawValue)
            what = state.reactions.map { "\($0.name)×\($0.count):\(names($0.users))" }.joined(separator: " ")
        case .pin(let pin):
            self.kind = "pin"
            (conversation, from, to) = (pin.conversation?.description, pin.by?.rawValue, pin.target.rawValue)
            what = pin.isPinned ? "pin" : "unpin"
        case .call(let call): read(call)
        case .callOutcome(let reference, let outcome):
            (self.kind, what) = ("callOutcome", words("ref=\(reference)", text(outcome)))
        default: readNotice(kind)
        }
    }

    private mutating func readNotice(_ kind: Event.Kind) {
        switch kind {
        case .group(let operation): read(operation)
        case .thread(let change):
            self.kind = "thread"
            (conversation, from) = ("thread:\(change.id)", change.by?.rawValue)
            what = words(
                change.operation, change.reference.parentMessage.map { "message=\($0)" },
                change.reference.parentGroup.map { "group=\($0)" },
                change.reference.name.map { "name=\($0)" },
                change.messageCount.map { "count=\($0)" }, change.member.map { "member=\($0)" },
                change.lastMessage.map { "last=\($0)" })
        case .contact(let change):
            self.kind = "contact"
            (from, to) = (change.from?.rawValue, change.to?.rawValue)
            what = words(change.operation, change.text, change.failure.map { "failed=\($0)" })
        case .login(let change):
            (self.kind, from) = ("login", change.user.rawValue)
            what = words(
                change.isOnline ? "online" : "offline", change.reason, change.device, change.system,
                change.version)
        case .presence(let states):
            (self.kind, from) = ("presence", states.map(\.user.rawValue).joined(separator: ","))
            what = states.map(text).joined(separator: " ")
        case .keywordAlert(let alert):
            self.kind = "keywordAlert"
            (conversation, from, to) = (alert.conversation?.description, alert.from?.rawValue, alert.to)
            what = words(
                alert.target.map { "target=\($0)" }, alert.reason, alert.status,
                alert.words.joined(separator: " "))
        case .moderation(let result):
            self.kind = "moderation"
            (conversation, from, to) = (result.conversation?.description, result.from?.rawValue, result.to)
            what = words(
                result.target.map { "target=\($0)" }, result.result, result.provider.map { "provider=\($0)" },
                result.risk, result.type, result.text, result.url)
        case .push(let push):
            (self.kind, from, to) = ("push", push.user?.rawValue, push.target?.rawValue)
            what = words(
                push.status, push.channel, push.detail, push.device.map { "device=\($0)" },
                push.notifier.map { "notifier=\($0)" }, push.answer.map { "answer=\($0)" })
        case .multiDevice(let change):
            (self.kind, conversation) = ("multiDevice", change.conversation?.description)
            what = words(change.operation, change.peer.map { "peer=\($0)" })
        case .statistic(let counts):
            (self.kind, what) = (
                "statistic", counts.map { "\($0.message)×\($0.count)" }.joined(separator: " ")
            )
        case .bundleFile(let file):
            self.kind = "bundleFile"
            what = "uuid=\(file.uuid ?? "-") \(file.base64.prefix(12))"
        case .frame(let type, let base64): (self.kind, what) = ("frame", "\(type) \(base64.prefix(12))")
        case .unknown: self.kind = "unknown"
        case .accepted(let localID, let id):
            (self.kind, what) = ("accepted", "local=\(localID) id=\(id?.rawValue ?? "-")")
        case .connection(let name, let detail): (self.kind, what) = ("connection", words(name, detail))
        case .repeated(let name): (self.kind, what) = ("repeated", name)
        case .attachment(let fetch): (self.kind, what) = ("attachment", words(fetch.uuid, fetch.outcome))
        case .fetching(let change):
            (self.kind, what) = (
                "fetching", words(change.isOn ? "on" : "off", change.began.rfc3339(.microseconds))
            )
        case .historyHour(let hour):
            (self.kind, what) = ("historyHour", words("\(hour.hour)", hour.outcome.rawValue))
        case .batch(let events):
            self.kind = "batch"
            what = events.map { "[\(Self.columns(of: $0).joined(separator: " "))]" }.joined(separator: " ")
        case .message, .edit, .recall, .read, .conversationRead, .delivered, .reactions, .pin, .call,
            .callOutcome:
            self.kind = "read elsewhere"
        }
    }

    private mutating func read(_ name: String, _ message: Message) {
        let stage: String? =
            switch message.stage {
            case .sent: nil
            case .attempted: "attempted"
            case .offline(let receiver): "offline=\(receiver)"
            case .retold: "retold"
            }
        let thread = message.thread.map {
            "thread(message=\($0.parentMessage?.rawValue ?? "-") group=\($0.parentGroup ?? "-") name=\($0.name ?? "-"))"
        }
        kind = words(
            name, stage, message.isGroupOrRoomUndecided ? "undecided" : nil, message.priority?.rawValue,
            message.isBroadcast ? "broadcast" : nil, message.receivers.map { "to=\(names($0))" },
            message.isOnlineOnly ? "online-only" : nil, message.wantsGroupReceipt ? "ack" : nil, thread,
            message.reactions.map { _ in "reactions" }, message.isContentReplaced ? "replaced" : nil)
        (conversation, from, to) = (message.conversation?.description, message.from?.rawValue, message.to)
        what = words(escaped(text(message.body)), message.ext.map { "ext=\(escaped($0))" })
    }

    private mutating func read(_ operation: GroupOperation) {
        kind = "group"
        (conversation, from) = (operation.conversation?.description, operation.by?.rawValue)
        what = words(
            operation.operation, operation.change.rawValue,
            operation.members.isEmpty ? nil : "members=\(names(operation.members))",
            operation.memberCount.map { "count=\($0)" }, operation.text.map { "text=\($0)" },
            operation.name.map { "name=\($0)" },
            operation.expires.map { "until=\($0.rfc3339(.milliseconds))" },
            operation.owner.map { "owner=\($0)" }, operation.formerOwner.map { "former=\($0)" },
            operation.admins.isEmpty ? nil : "admins=\(names(operation.admins))",
            operation.details.map { "details=\($0)" },
            operation.succeeded ? nil : "failed=\(operation.failure ?? "-")")
    }

    private mutating func read(_ call: Call) {
        if let message = call.message { read("", message) }
        kind = words("call", call.name, kind)
        what = words(
            call.message == nil ? "-" : what, call.localID.map { "local=\($0)" },
            call.reference.map { "ref=\($0)" }, call.outcome.map(text))
    }

    private func text(_ outcome: CallOutcome) -> String {
        switch outcome {
        case .resolved(let localID, let id, let message, let time):
            var inner = EventSummary()
            if let message { inner.read("", message) }
            let parts = words(inner.conversation, inner.from, inner.to, inner.what)
            return words(
                "resolved", localID.map { "local=\($0)" }, id.map { "id=\($0)" },
                time.map { "time=\($0.rfc3339(.milliseconds))" }, message.map { _ in "as[\(parts)]" })
        case .rejected(let code, let reason, let localID, let id):
            return words(
                "rejected", code.map { "code=\($0)" }, "reason=\(reason)", localID.map { "local=\($0)" },
                id.map { "id=\($0)" })
        }
    }

    private func text(_ body: Body) -> String {
        switch body {
        case .text(let text): "txt \(text)"
        case .image(let file), .audio(let file), .video(let file), .file(let file):
            words(body.type, text(file))
        case .location(let place):
            words(
                "loc", "\(number(place.latitude)),\(number(place.longitude))", place.address,
                place.buildingName.map { "@\($0)" })
        case .command(let action): "cmd \(action)"
        case .custom(let custom):
            words(
                "custom", custom.event,
                custom.fields.map { "\($0.key)=\(text($0.value))" }.joined(separator: " "))
        case .combine(let combine):
            words(
                "combine", "title=\(combine.title)", "summary=\(combine.summary)",
                combine.compatibleText.map { "compatible=\($0)" }, combine.level.map { "level=\($0)" },
                text(combine.bundle))
        case .unknown(let type): words("unknown", type)
        }
    }

    private func text(_ presence: Presence) -> String {
        let devices = presence.devices.map { device in
            device.name + (device.status.map { "=\($0)" } ?? "")
        }
        return words(
            presence.text, devices.joined(separator: ","),
            presence.lastSeen.map { "seen=\($0.rfc3339(.milliseconds))" },
            presence.expires.map { "until=\($0.rfc3339(.milliseconds))" })
    }

    private func text(_ value: FieldValue) -> String {
        switch value {
        case .string(let text), .json(let text): text
        }
    }

    private func text(_ file: Attachment) -> String {
        words(
            file.uuid.map { "uuid=\($0)" }, file.url.map { "url=\($0)" }, file.filename.map { "name=\($0)" },
            file.fileLength.map { "bytes=\($0)" }, file.duration.map { "seconds=\(number($0))" },
            file.width.map { "size=\(number($0))x\(file.height.map(number) ?? "-")" },
            file.secret.map { "secret=\($0)" }, file.thumbnailURL.map { "thumb=\($0)" },
            file.thumbnailSecret.map { "thumbsecret=\($0)" }, file.isGIF ? "gif" : nil)
    }

    private func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
    private func names(_ users: [UserID]) -> String { users.map(\.rawValue).joined(separator: ",") }
    private func words(_ parts: String?...) -> String {
        parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    }
    private func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\t", with: "\\t")
    }
}
