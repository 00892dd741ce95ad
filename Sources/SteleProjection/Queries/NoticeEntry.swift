// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Something done to a group or room, as its transcript tells it.
package struct NoticeEntry: Hashable, Sendable {
    /// By the platform's clock where told, else when it was captured.
    package let time: Instant
    package let sequence: UInt64
    package let operation: GroupOperation
    let position: NoticePosition
}

/// A place between the notices of a conversation: after one of them.
struct NoticePosition: Hashable, Sendable {
    var time: Int64
    var change: String
    var operation: String
    var members: String
    var number: Int64
}

extension ViewsReader {
    /// What was done to a group or room, by time, from a place on; operations that were refused are left out.
    package func notices(
        in conversation: ConversationEntry, after notice: NoticeEntry? = nil, from: Instant? = nil,
        to: Instant? = nil, limit: Int
    ) throws -> [NoticeEntry] {
        guard conversation.id.kind != .chat else { return [] }
        var condition = "conversation = ? AND succeeded = 1"
        if conversation.appNumber != nil { condition += " AND app = ?" }
        if from != nil { condition += " AND shown >= ?" }
        if to != nil { condition += " AND shown < ?" }
        if notice != nil { condition += " AND (shown, change, operation, members, n) > (?, ?, ?, ?, ?)" }
        let rows = try statement(
            """
            SELECT shown, change, operation, members, n, user, member_count, text, name, expires, seq, owner,
                former_owner, admins, details
            FROM operations WHERE \(condition) ORDER BY shown, change, operation, members, n LIMIT ?
            """)
        rows.put(conversation.number)
        if let app = conversation.appNumber { rows.put(app) }
        if let from { rows.put(from.microseconds) }
        if let to { rows.put(to.microseconds) }
        if let place = notice?.position {
            rows.put(place.time)
            rows.put(place.change)
            rows.put(place.operation)
            rows.put(place.members)
            rows.put(place.number)
        }
        rows.put(limit)
        return try rows.all { row in
            let position = NoticePosition(
                time: row.int(0), change: row.text(1), operation: row.text(2), members: row.text(3),
                number: row.int(4))
            var operation = GroupOperation(
                conversation: conversation.id,
                change: GroupOperation.Change(rawValue: position.change) ?? .other,
                operation: position.operation, by: try user(row.int(5)),
                members: try StoredList.texts(position.members).map { UserID($0) })
            operation.memberCount = row.int(6) < 0 ? nil : Int(row.int(6))
            operation.text = row.text(7).isEmpty ? nil : row.text(7)
            operation.name = row.text(8).isEmpty ? nil : row.text(8)
            operation.expires = row.int(9).instantIfTold
            operation.owner = try user(row.int(11))
            operation.formerOwner = try user(row.int(12))
            operation.admins = try StoredList.texts(row.text(13)).map { UserID($0) }
            operation.details = row.text(14).isEmpty ? nil : row.text(14)
            return NoticeEntry(
                time: Instant(microseconds: position.time), sequence: UInt64(row.int(10)),
                operation: operation,
                position: position)
        }
    }
}
