// SPDX-License-Identifier: Apache-2.0

extension TapLine {
    /// `onGroupEvent` and `onChatroomEvent`.
    func groupOperation(_ value: JSONValue, in kind: ConversationKind) -> Event {
        guard let operation = value["operation"]?.nonEmptyText, let id = value["id"]?.name(in: app) else {
            return Event(kind: .unknown(reason: "a group event without its operation or group"))
        }
        let (change, subject) = GroupOperation.sdk(operation)
        let actor = value["from"]?.user(in: app)
        var result = GroupOperation(
            conversation: ConversationID(kind: kind, key: id), change: change, operation: operation,
            by: actor,
            members: members(value, subject, actor))
        result.memberCount = value["memberCount"]?.int64.flatMap { Int(exactly: $0) }
        result.name = (value["detail"]?["name"] ?? value["name"])?.nonEmptyText
        result.text = text(value)
        result.details = value["detail"]?.extensionText
        if change == .created { result.owner = actor }
        if change == .ownerChanged { result.owner = result.members.first }
        let ends = muteEnds(value)
        // Every member has an end of his own: where these differ, it is as many mutes.
        guard Set(ends.map(\.end)).count > 1 else {
            result.expires = ends.first?.end
            return Event(kind: .group(result), time: value["time"]?.instant)
        }
        let mutes = ends.map { mute in
            var one = result
            one.members = [mute.user]
            one.expires = mute.end
            return Event(
                kind: .group(one), app: app, time: value["time"]?.instant ?? root["at"]?.instant)
        }
        return Event(kind: .batch(mutes), time: value["time"]?.instant)
    }

    /// The announcement, the reason, the attributes, or the text that a chat room's member came with.
    private func text(_ value: JSONValue) -> String? {
        let reason = value["reason"]?.nonEmptyText
        // What the SDK makes of a reason that is not there.
        return value["announcement"]?.nonEmptyText ?? (reason == "undefined" ? nil : reason)
            ?? value["attributes"]?.extensionText ?? value["ext"]?.nonEmptyText
    }

    private func muteEnds(_ value: JSONValue) -> [(user: UserID, end: Instant)] {
        guard let ends = value["muteTimestamp"], ends.isObject else { return [] }
        return ends.members.compactMap { key, end in
            end.instant.map { (UserID(JID(key, app: app).name), $0) }
        }
    }

    /// The members named; of an operation on this client's own user the SDK names nobody.
    private func members(
        _ value: JSONValue, _ subject: GroupOperation.Subject, _ actor: UserID?
    ) -> [UserID] {
        if let members = value["members"], members.isArray { return members.users(in: app) }
        if let user = value["userId"]?.user(in: app) { return [user] }
        if subject == .other, value["muteTimestamp"] != nil { return muteEnds(value).map(\.user) }
        return subject == .actor ? actor.map { [$0] } ?? [] : []
    }

    func thread(_ value: JSONValue) -> Event {
        guard let id = value["id"]?.name(in: app) else {
            return Event(kind: .unknown(reason: "a thread event that names no thread"))
        }
        var change = ThreadChange(
            id: id, operation: value["operation"]?.nonEmptyText ?? "",
            reference: ThreadReference(
                parentMessage: value["messageId"]?.messageID, parentGroup: value["parentId"]?.name(in: app),
                name: value["name"]?.nonEmptyText),
            by: value["operator"]?.user(in: app),
            messageCount: value["messageCount"]?.int64.flatMap { Int(exactly: $0) })
        change.member = value["userName"]?.user(in: app)
        let last = value["lastMessage"]
        change.lastMessage = last?["id"]?.messageID
        let time = value["timestamp"]?.instant
        guard let last, last["id"]?.messageID != nil else { return Event(kind: .thread(change), time: time) }
        var message = content(of: last)
        message.conversation = ConversationID(kind: .thread, key: id)
        message.thread = message.thread ?? change.reference
        message.stage = .retold
        return Event(
            kind: .batch([
                Event(kind: .thread(change), app: app, time: time ?? root["at"]?.instant),
                Event(
                    kind: .message(message), app: app, time: last["time"]?.instant,
                    id: last["id"]?.messageID),
            ]), time: time)
    }

    func contact(_ operation: String, _ value: JSONValue) -> Event {
        let change = ContactChange(
            operation: operation, from: value["from"]?.user(in: app), to: value["to"]?.user(in: app),
            text: value["status"]?.nonEmptyText)
        return Event(kind: .contact(change))
    }

    func presence(_ value: JSONValue) -> Event {
        let states = value.asList.compactMap { entry -> Presence? in
            guard let user = entry["userId"]?.user(in: app) else { return nil }
            let devices =
                entry["statusDetails"]?.elements.compactMap { device in
                    device["device"]?.nonEmptyText.map { name in
                        Presence.Device(
                            name: name, status: device["status"]?.int64.flatMap { Int(exactly: $0) })
                    }
                } ?? []
            var presence = Presence(user: user, text: entry["ext"]?.text ?? "", devices: devices)
            presence.lastSeen = entry["lastTime"]?.instantOfSeconds
            presence.expires = entry["expire"]?.instantOfSeconds
            return presence
        }
        return Event(kind: .presence(states))
    }

    func multiDevice(_ value: JSONValue) -> Event {
        guard let operation = value["operation"]?.nonEmptyText else {
            return Event(kind: .unknown(reason: "a multi-device event without its operation"))
        }
        let isChat = ConversationKind(sdk: value["conversationType"]?.string) == .chat
        let change = MultiDeviceChange(
            operation: operation, conversation: conversation(named: value),
            peer: isChat ? value["conversationId"]?.user(in: app) : nil)
        return Event(kind: .multiDevice(change), time: value["timestamp"]?.instant)
    }

    /// Connected, disconnected, an error …: what the handler was handed, as far as it is no message.
    func connection(_ handler: String, _ value: JSONValue?) -> Event {
        let words = [value?["type"]?.text, value?["message"]?.text, value?["reason"]?.text]
        let detail = words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
        return Event(kind: .connection(name: handler, detail: detail.isEmpty ? nil : detail))
    }
}
