// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What a group, room or thread is now, as far as it was told: everything that concerns it as a whole.
package struct GroupState: Hashable, Sendable {
    /// Every title told, by the time it was told last: the newest comes last.
    package var titles: [TitleEntry] = []
    package var announcement: GroupText?
    /// Shared files (群共享文件), in the order they came; one that was removed says so.
    package var files: [SharedFile] = []
    /// Of the group or room (自定义属性), by key.
    package var attributes: [String: GroupText] = [:]
    /// Nil while nobody has muted everybody.
    package var allMuted: GroupDeed?
    package var disabled: GroupDeed?
    package var destroyed: GroupDeed?
    /// Description, visibility, size …: JSON text, as last told.
    package var settings: String?
    /// The size as last told.
    package var memberCount: Int?
    /// Operations that the platform refused, by time.
    package var refused: [RefusedOperation] = []
}

package struct TitleEntry: Hashable, Sendable {
    package let title: String
    package let first: Instant?
    package let last: Instant?
}

/// Who did something, and when.
package struct GroupDeed: Hashable, Sendable {
    package let by: UserID?
    package let time: Instant
}

/// A text somebody set: an announcement, or an attribute's value, which is JSON text.
package struct GroupText: Hashable, Sendable {
    package let text: String
    package let deed: GroupDeed
}

package struct SharedFile: Hashable, Sendable {
    /// The name, or the id where no name was told.
    package let name: String
    package let added: GroupDeed?
    package var removed: GroupDeed?
    /// What was told of it, as JSON text: id, size, owner.
    package let details: String?
}

package struct RefusedOperation: Hashable, Sendable {
    package let operation: GroupOperation
    package let time: Instant
}

extension ViewsReader {
    /// What a group, room or thread is now; of a single chat there is nothing to say.
    package func groupState(of conversation: ConversationEntry) throws -> GroupState {
        var state = GroupState()
        guard conversation.id.kind != .chat else { return state }
        state.titles = try titles(of: conversation)
        let app = conversation.appNumber == nil ? "" : "AND app = ?2"
        // Those who came and went are not read: in a large room nearly all operations are theirs.
        let rows = try statement(
            """
            SELECT shown, change, operation, user, members, text, details, succeeded, failure, name FROM operations
            WHERE conversation = ?1 \(app) AND (succeeded = 0 OR change IN (\(GroupStateWalk.changes)))
            ORDER BY shown, change, operation, members, n
            """)
        rows.put(conversation.number)
        if let app = conversation.appNumber { rows.put(app) }
        defer { rows.reset() }
        var walk = GroupStateWalk(state: state)
        while try rows.step() {
            let change = GroupOperation.Change(rawValue: rows.text(1)) ?? .other
            var operation = GroupOperation(
                conversation: conversation.id, change: change, operation: rows.text(2),
                by: try user(rows.int(3)),
                members: try StoredList.texts(rows.text(4)).map { UserID($0) })
            operation.text = rows.filledText(5)
            operation.details = rows.filledText(6)
            operation.succeeded = rows.int(7) == 1
            operation.failure = rows.filledText(8)
            operation.name = rows.filledText(9)
            walk.take(operation, at: Instant(microseconds: rows.int(0)))
        }
        walk.state.memberCount = try memberCount(of: conversation)
        return walk.state
    }

    private func titles(of conversation: ConversationEntry) throws -> [TitleEntry] {
        let app = conversation.appNumber == nil ? "" : "AND app IN (0, ?2)"
        let rows = try statement(
            """
            SELECT title, min(first), max(last) FROM titles WHERE conversation = ?1 \(app)
            GROUP BY title ORDER BY max(last), title
            """)
        rows.put(conversation.number)
        if let app = conversation.appNumber { rows.put(app) }
        return try rows.all { row in
            TitleEntry(
                title: row.text(0), first: row.int(1).instantIfTold, last: row.int(2).instantIfTold)
        }
    }

    private func memberCount(of conversation: ConversationEntry) throws -> Int? {
        let app = conversation.appNumber == nil ? "" : "AND app = ?2"
        let rows = try statement(
            """
            SELECT member_count FROM operations WHERE conversation = ?1 \(app) AND member_count >= 0 AND succeeded = 1
            ORDER BY shown DESC, n DESC LIMIT 1
            """)
        rows.put(conversation.number)
        if let app = conversation.appNumber { rows.put(app) }
        return try rows.first { Int($0.int(0)) }
    }
}

/// Goes through what was done to a group or room as a whole, by time.
struct GroupStateWalk {
    var state: GroupState

    /// Changes that say something of the whole, as a list for SQL.
    static let changes = [
        GroupOperation.Change.created, .destroyed, .allMuted, .allUnmuted, .announcement,
        .announcementDeleted, .infoUpdated, .fileAdded, .fileRemoved, .attributes, .disabled, .enabled,
    ].map { "'\($0.rawValue)'" }.joined(separator: ", ")

    mutating func take(_ operation: GroupOperation, at time: Instant) {
        let deed = GroupDeed(by: operation.by, time: time)
        guard operation.succeeded else {
            return state.refused.append(RefusedOperation(operation: operation, time: time))
        }
        switch operation.change {
        case .created, .infoUpdated: state.settings = operation.details ?? state.settings
        case .destroyed: state.destroyed = state.destroyed ?? deed
        case .allMuted: state.allMuted = state.allMuted ?? deed
        case .allUnmuted: state.allMuted = nil
        case .disabled: state.disabled = state.disabled ?? deed
        case .enabled: state.disabled = nil
        case .announcement: state.announcement = operation.text.map { GroupText(text: $0, deed: deed) }
        case .announcementDeleted: state.announcement = nil
        case .fileAdded: add(operation, deed)
        case .fileRemoved: remove(operation, deed)
        case .attributes where operation.members.isEmpty: setAttributes(operation, deed)
        default: break
        }
    }

    /// Two reports of one file within some seconds are one file.
    private mutating func add(_ operation: GroupOperation, _ deed: GroupDeed) {
        let name = operation.text ?? ""
        let known = state.files.last { file in
            file.removed == nil && (file.name == name || name.isEmpty)
                && file.added.map { deed.time.microseconds - $0.time.microseconds < 5_000_000 } ?? false
        }
        guard known == nil else { return }
        state.files.append(SharedFile(name: name, added: deed, details: operation.details))
    }

    /// The old callback format names the file's id, others its name.
    private mutating func remove(_ operation: GroupOperation, _ deed: GroupDeed) {
        guard let name = operation.text else { return }
        let index = state.files.lastIndex { file in
            file.removed == nil && (file.name == name || file.details?.contains("\"\(name)\"") == true)
        }
        if let index {
            state.files[index].removed = deed
        } else {
            state.files.append(SharedFile(name: name, added: nil, removed: deed, details: operation.details))
        }
    }

    /// An object sets; an array of keys, or an operation called a removal, takes away.
    private mutating func setAttributes(_ operation: GroupOperation, _ deed: GroupDeed) {
        // Kept as received: a text that is no JSON says nothing.
        guard let text = operation.text, let value = try? JSONDocument(text: text).root else { return }
        let isRemoval =
            value.isArray || operation.operation == "delete_metadata"
            || operation.operation.hasPrefix("remove")
        guard isRemoval else {
            let done = Self.succeeded(operation)
            for (key, value) in value.members where done?.contains(key) ?? true {
                state.attributes[key] = GroupText(text: value.json, deed: deed)
            }
            return
        }
        let keys = value.isArray ? value.elements.compactMap(\.string) : value.members.map(\.key)
        for key in keys { state.attributes[key] = nil }
    }

    /// The keys that the platform says were set; nil where it does not say.
    private static func succeeded(_ operation: GroupOperation) -> Set<String>? {
        // As received, too.
        guard let details = operation.details, let root = try? JSONDocument(text: details).root,
            let keys = root["result"]?["successKeys"], keys.isArray
        else { return nil }
        return Set(keys.elements.compactMap(\.string))
    }
}
