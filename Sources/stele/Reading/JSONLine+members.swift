// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection

// The lines of `stele members --json`: the conversation, then its members. Times are RFC 3339 in UTC; a member that has
// nothing to say is absent, a time that no record tells is null.
extension JSONLine {
    init(_ state: GroupState, of entry: ConversationEntry) {
        self.init()
        add("conversation", entry.name)
        add("kind", entry.id.kind.rawValue)
        add("title", entry.title)
        if !state.titles.isEmpty { add("titles", state.titles.map(JSONLine.init)) }
        if let count = state.memberCount { add("memberCount", count) }
        if let announcement = state.announcement {
            var line = JSONLine()
            line.add("text", announcement.text)
            line.add(announcement.deed)
            add("announcement", line)
        }
        if !state.files.isEmpty { add("files", state.files.map(JSONLine.init)) }
        if !state.attributes.isEmpty {
            let attributes = state.attributes.sorted { $0.key < $1.key }.map { key, value in
                var line = JSONLine()
                line.add("key", key)
                line.add("value", json: value.text)
                line.add(value.deed)
                return line
            }
            add("attributes", attributes)
        }
        if let settings = state.settings { add("settings", json: settings) }
        if let muted = state.allMuted { add("allMuted", JSONLine(muted)) }
        if let disabled = state.disabled { add("disabled", JSONLine(disabled)) }
        if let destroyed = state.destroyed { add("destroyed", JSONLine(destroyed)) }
        if !state.refused.isEmpty { add("refused", state.refused.map(JSONLine.init)) }
    }

    private init(_ title: TitleEntry) {
        self.init()
        add("title", title.title)
        add("first", title.first?.description)
        add("last", title.last?.description)
    }

    private init(_ deed: GroupDeed) {
        self.init()
        add(deed)
    }

    private init(_ file: SharedFile) {
        self.init()
        add("name", file.name)
        if let added = file.added { add("added", JSONLine(added)) }
        if let removed = file.removed { add("removed", JSONLine(removed)) }
        if let details = file.details { add("details", json: details) }
    }

    private init(_ refused: RefusedOperation) {
        self.init()
        add("time", refused.time.description)
        add("operation", refused.operation.operation)
        add("change", refused.operation.change.rawValue)
        add("by", refused.operation.by?.rawValue)
        add("members", refused.operation.members.map(\.rawValue))
        add("why", refused.operation.failure)
    }

    private mutating func add(_ deed: GroupDeed) {
        add("by", deed.by?.rawValue)
        add("time", deed.time.description)
    }

    /// A member; `role` and `isMember` are those at an instant, or now.
    init(_ member: MemberEntry, at instant: Instant?) {
        self.init()
        let membership = member.membership
        let last = membership.stays.last
        add("user", member.user.rawValue)
        add(
            "isMember", instant.map { membership.stay(at: $0) != nil } ?? (last.map { $0.to == nil } ?? false)
        )
        add(
            "role",
            (instant.flatMap(membership.role) ?? (last?.to == nil ? last?.roles.last?.role : nil))?.rawValue)
        add("stays", membership.stays.map(JSONLine.init))
        if !membership.restrictions.isEmpty {
            add("restrictions", membership.restrictions.map(JSONLine.init))
        }
        if let attributes = member.attributes { add("attributes", json: attributes) }
    }

    private init(_ stay: MembershipSpan) {
        self.init()
        add("from", stay.from?.description)
        add("to", stay.to?.description)
        add("came", stay.came?.rawValue)
        if let by = stay.cameBy { add("cameBy", by.rawValue) }
        add("went", stay.went?.rawValue)
        if let by = stay.wentBy { add("wentBy", by.rawValue) }
        let roles = stay.roles.map { span in
            var line = JSONLine()
            line.add("role", span.role.rawValue)
            line.add("from", span.from?.description)
            line.add("to", span.to?.description)
            return line
        }
        add("roles", roles)
    }

    private init(_ restriction: Restriction) {
        self.init()
        add("kind", restriction.kind.rawValue)
        add("from", restriction.from?.description)
        add("to", restriction.to?.description)
        add("by", restriction.by?.rawValue)
    }
}
