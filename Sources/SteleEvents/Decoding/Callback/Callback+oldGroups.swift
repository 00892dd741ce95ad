// SPDX-License-Identifier: Apache-2.0

extension Callback {
    /// A group or room operation in the old format, which reports refused ones too.
    var oldGroupOperation: Event.Kind {
        guard let operation = payload?["operation"]?.nonEmptyText else {
            return .unknown(reason: "a group operation without its name")
        }
        guard let group = root["group_id"]?.name(in: app) ?? payload?["muc_id"]?.name(in: app) else {
            return .unknown(reason: "a group operation that names no group")
        }
        let kind: ConversationKind = payload?["is_chatroom"]?.bool == true ? .room : .group
        let details = payload?["event_info"]?["ext"]?.embedded
        let (change, subject) = GroupOperation.old(operation)
        let actor = actor(group: group, details: details)
        let other = root["to"]?.user(in: app).flatMap { $0.rawValue == group.lowercased() ? nil : $0 }
        let member =
            switch subject {
            case .actor: actor
            case .other: other
            case .everyone: UserID?.none
            }
        var result = GroupOperation(
            conversation: ConversationID(kind: kind, key: group), change: change, operation: operation,
            by: actor, members: member.map { [$0] } ?? [])
        result.name = details?["muc_name"]?.nonEmptyText
        result.text = reason ?? details?["properties"]?.extensionText
        result.details =
            details?.extensionText ?? (payload?["reason"]).flatMap { $0.isObject ? $0.extensionText : nil }
        switch change {
        case .created: result.owner = actor
        case .ownerChanged: result.owner = other
        default: break
        }
        result.failure = failure
        result.succeeded = result.failure == nil
        return .group(result)
    }

    /// Who did it: of metadata events `from` is the group, and the operator is in the details.
    private func actor(group: String, details: JSONValue?) -> UserID? {
        if let from = root["from"]?.user(in: app), from.rawValue != group.lowercased() { return from }
        // The platform writes this member's name with a space behind it.
        return (details?["operator"] ?? details?["operator "])?.user(in: app)
    }

    /// The reason, the announcement or the id of a deleted file; of an uploaded file, an object with its name.
    private var reason: String? {
        guard let reason = payload?["reason"] else { return nil }
        guard reason.isObject else { return reason.nonEmptyText }
        let file = reason["data"] ?? reason
        return (file["file_name"] ?? file["file_id"])?.nonEmptyText
    }
}
