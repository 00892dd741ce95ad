// SPDX-License-Identifier: Apache-2.0

extension Callback {
    /// A group or room operation in the new format.
    var groupOperation: Event.Kind {
        guard let operation = root["operation"]?.nonEmptyText else {
            return .unknown(reason: "a group operation without its name")
        }
        let type = payload?["type"]?.nonEmptyText ?? ""
        let actor = root["operator"]?.user(in: app)
        let kind: ConversationKind = root["type"]?.string == "CHATROOM" ? .room : .group
        var result = GroupOperation(
            conversation: root["id"]?.nonEmptyText.map { ConversationID(kind: kind, key: $0) },
            change: change(operation, type), operation: type.isEmpty ? operation : "\(operation)/\(type)",
            by: actor, members: members(operation, type, actor: actor))
        result.memberCount = root["member_count"]?.int64.flatMap { Int(exactly: $0) }
        result.name = payload?["info"]?["title"]?.nonEmptyText
        result.text = payload?["announcement"]?.nonEmptyText ?? sharedFile
        result.expires = payload?["expire_timestamp"]?.instant
        result.details = (payload?["info"] ?? payload?["share_file"])?.extensionText
        readRoles(into: &result)
        if result.change == .created, result.owner == nil {
            result.owner = payload?["info"]?["owner"]?.user(in: app)
        }
        return .group(result)
    }

    /// `role` of a creation names the owner and admins by user; `owner` and `new_owner` a change of owners.
    private func readRoles(into operation: inout GroupOperation) {
        switch operation.change {
        case .created:
            guard let roles = payload?["role"] else { break }
            for (key, role) in roles.members {
                let user = UserID(JID(key, app: app).name)
                switch role.string {
                case "owner": operation.owner = user
                case "admin": operation.admins.append(user)
                default: continue
                }
            }
        case .ownerChanged:
            operation.owner = payload?["new_owner"]?.user(in: app)
            operation.formerOwner = payload?["owner"]?.user(in: app)
        default: break
        }
    }

    private func change(_ operation: String, _ type: String) -> GroupOperation.Change {
        switch GroupOperation.new(operation, type) {
        case .allMuted where payload?["mute"]?.bool == false: .allUnmuted
        case .disabled where payload?["disable"]?.bool == false: .enabled
        // The announcement's absence means that there is none any more.
        case .announcement where payload?["announcement"]?.nonEmptyText == nil: .announcementDeleted
        case let change: change
        }
    }

    private func members(_ operation: String, _ type: String, actor: UserID?) -> [UserID] {
        if operation == "UPDATE", type == "OWNER" {
            return payload?["new_owner"]?.user(in: app).map { [$0] } ?? []
        }
        if operation == "SHIELD" { return actor.map { [$0] } ?? [] }
        return (payload?["member"] ?? payload?["admin"])?.users(in: app) ?? []
    }

    /// The name of the first shared file, in whichever form the list has it.
    private var sharedFile: String? {
        guard let file = payload?["share_file"]?.asList.first else { return nil }
        return file.nonEmptyText ?? (file["file_name"] ?? file["name"] ?? file["file_id"])?.nonEmptyText
    }
}
