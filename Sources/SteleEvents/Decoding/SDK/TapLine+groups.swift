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
        result.text =
            (value["announcement"] ?? value["reason"])?.nonEmptyText ?? value["attributes"]?.extensionText
        result.expires = value["muteTimestamp"]?.members.lazy.compactMap(\.value.instant).first
        return Event(kind: .group(result), time: value["time"]?.instant)
    }

    /// The members named; of an operation on this client's own user the SDK names nobody.
    private func members(
        _ value: JSONValue, _ subject: GroupOperation.Subject, _ actor: UserID?
    ) -> [UserID] {
        if let members = value["members"], members.isArray { return members.users(in: app) }
        if let user = value["userId"]?.user(in: app) { return [user] }
        return subject == .actor ? actor.map { [$0] } ?? [] : []
    }

    func thread(_ value: JSONValue) -> Event {
        guard let id = value["id"]?.name(in: app) else {
            return Event(kind: .unknown(reason: "a thread event that names no thread"))
        }
        let change = ThreadChange(
            id: id, operation: value["operation"]?.nonEmptyText ?? "",
            reference: ThreadReference(
                parentMessage: value["messageId"]?.messageID, parentGroup: value["parentId"]?.name(in: app),
                name: value["name"]?.nonEmptyText),
            by: value["operator"]?.user(in: app),
            messageCount: value["messageCount"]?.int64.flatMap { Int(exactly: $0) })
        return Event(kind: .thread(change), time: value["timestamp"]?.instant)
    }

    func contact(_ operation: String, _ value: JSONValue) -> Event {
        let change = ContactChange(
            operation: operation, from: value["from"]?.user(in: app), to: value["to"]?.user(in: app),
            text: value["status"]?.nonEmptyText)
        return Event(kind: .contact(change))
    }

    func presence(_ value: JSONValue) -> Event {
        let states = value.asList.compactMap { entry in
            entry["userId"]?.user(in: app).map { user in
                Presence(
                    user: user, text: entry["ext"]?.text ?? "",
                    devices: entry["statusDetails"]?.elements.compactMap { $0["device"]?.nonEmptyText } ?? [])
            }
        }
        return Event(kind: .presence(states))
    }

    func multiDevice(_ value: JSONValue) -> Event {
        guard let operation = value["operation"]?.nonEmptyText else {
            return Event(kind: .unknown(reason: "a multi-device event without its operation"))
        }
        return Event(
            kind: .multiDevice(operation: operation, conversation: conversation(named: value)),
            time: value["timestamp"]?.instant)
    }
}
