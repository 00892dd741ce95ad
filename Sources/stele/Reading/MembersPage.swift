// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import SteleTranscript

/// A conversation's members as people read them: what concerns it as a whole, then a row for each stay of each member.
struct MembersPage {
    var clock: ZonedClock
    private(set) var table = Table([
        .init(title: "Member"), .init(title: "Role"), .init(title: "From"), .init(title: "To"),
        .init(title: "Notes", isFlexible: true),
    ])

    init(clock: ZonedClock) { self.clock = clock }

    // MARK: The whole

    mutating func heading(_ state: GroupState, of entry: ConversationEntry) -> [String] {
        var lines = [
            TerminalText.visible([entry.title, entry.name].compactMap(\.self).joined(separator: " · "))
        ]
        let former = state.titles.map(\.title).filter { $0 != entry.title }
        if !former.isEmpty { lines.append("Also called: " + visible(former)) }
        if let count = state.memberCount { lines.append("Members, as last told: \(count)") }
        if let announcement = state.announcement {
            lines.append("Announcement: \(visible(announcement.text)) (\(deed(announcement.deed)))")
        }
        for file in state.files {
            let added = file.added.map { "added " + deed($0) }
            let removed = file.removed.map { "removed " + deed($0) }
            let what = [added, removed].compactMap(\.self).joined(separator: ", ")
            lines.append("File: \(visible(file.name)) (\(what))")
        }
        for (key, value) in state.attributes.sorted(by: { $0.key < $1.key }) {
            lines.append("Attribute: \(visible(key)) = \(visible(value.text)) (\(deed(value.deed)))")
        }
        for (what, done) in [
            ("Everybody is muted", state.allMuted), ("Disabled", state.disabled),
            ("Dissolved", state.destroyed),
        ] {
            if let done { lines.append("\(what) (\(deed(done)))") }
        }
        for refused in state.refused {
            let sentence = Wording(.english).notice(refused.operation, name: \.rawValue)
            lines.append("Refused: \(visible(sentence)) (\(clock.minuteText(refused.time)))")
        }
        return lines + [""]
    }

    private mutating func deed(_ deed: GroupDeed) -> String {
        let by = deed.by.map { TerminalText.visible($0.rawValue) + " " } ?? ""
        return by + clock.minuteText(deed.time)
    }

    private func visible(_ text: String) -> String { TerminalText.visible(text) }
    private func visible(_ texts: [String]) -> String { texts.map(visible).joined(separator: ", ") }

    // MARK: Members

    /// Adds a member's stays; with `instant`, only the one that it falls into.
    mutating func add(_ member: MemberEntry, at instant: Instant?) {
        let name = visible(member.user.rawValue)
        let stays = member.membership.stays.filter { stay in instant.map(stay.contains) ?? true }
        if stays.isEmpty {
            table.add([name, "-", "-", "-", notes(of: member.membership)])
        }
        for (index, stay) in stays.enumerated() {
            let isLast = index == stays.count - 1
            let role = instant.flatMap(member.membership.role) ?? stay.roles.last?.role
            var notes = [roles(of: stay), way(of: stay)].compactMap(\.self)
            if isLast, !member.membership.restrictions.isEmpty {
                notes.append(self.notes(of: member.membership))
            }
            table.add([
                name, role?.rawValue ?? "-", stay.from.map { clock.minuteText($0) } ?? "?",
                stay.to.map { clock.minuteText($0) } ?? (stay.from == nil ? "?" : "-"),
                notes.joined(separator: "; "),
            ])
        }
    }

    /// How a stay began and ended.
    private func way(of stay: MembershipSpan) -> String? {
        let came = stay.came.map { change in
            change.rawValue + (stay.cameBy.map { " by \(visible($0.rawValue))" } ?? "")
        }
        let went = stay.went.map { change in
            change.rawValue + (stay.wentBy.map { " by \(visible($0.rawValue))" } ?? "")
        }
        let words = [came, went].compactMap(\.self).joined(separator: ", ")
        return words.isEmpty ? nil : words
    }

    /// Roles before the last one.
    private mutating func roles(of stay: MembershipSpan) -> String? {
        guard stay.roles.count > 1 else { return nil }
        return stay.roles.dropLast().map { span in
            "\(span.role.rawValue) until \(span.to.map { clock.minuteText($0) } ?? "?")"
        }.joined(separator: ", ")
    }

    private mutating func notes(of membership: Membership) -> String {
        membership.restrictions.map { restriction in
            let from = restriction.from.map { clock.minuteText($0) } ?? "?"
            let to = restriction.to.map { " to " + clock.minuteText($0) } ?? ""
            let by = restriction.by.map { " by \(visible($0.rawValue))" } ?? ""
            return "\(restriction.kind.rawValue) from \(from)\(to)\(by)"
        }.joined(separator: "; ")
    }
}
