// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// Lists are counted when they are asked for from anywhere but the archive's own place: what is kept counts everything.
extension ViewsReader {
    /// Messages read at once to be counted.
    private static let countedAtOnce = 2000

    /// Every conversation of which something is seen from somewhere: the last active first.
    package func conversations(from viewpoint: Viewpoint) throws -> [ConversationEntry] {
        let all = try conversations()
        guard viewpoint != .archive else { return all }
        return Self.lastActiveFirst(
            try all.compactMap { entry in
                let (seen, isEmpty) = try self.seen(entry, from: viewpoint)
                return isEmpty ? nil : seen
            })
    }

    /// A conversation as it looks from somewhere: counted, named and peopled by what is seen of it.
    package func entry(_ entry: ConversationEntry, from viewpoint: Viewpoint) throws -> ConversationEntry {
        try seen(entry, from: viewpoint).entry
    }

    private func seen(
        _ entry: ConversationEntry, from viewpoint: Viewpoint
    ) throws -> (entry: ConversationEntry, isEmpty: Bool) {
        guard let outlook = try outlook(on: entry, from: viewpoint) else { return (entry, false) }
        var seen = entry
        let horizon = outlook.horizon ?? Instant(microseconds: .max)
        seen.title = try title(of: entry, by: horizon)
        var people: Set<Int64> = []
        try count(&seen, &people, outlook)
        let isEmpty = try seen.messageCount + seen.commandCount == 0 && !hasNotices(entry, outlook)
        people.formUnion(try members(of: entry, by: horizon))
        people.remove(0)
        seen.participants = try sorted(people, in: entry)
        return (seen, isEmpty)
    }

    private func count(
        _ entry: inout ConversationEntry, _ people: inout Set<Int64>, _ outlook: Outlook
    ) throws {
        entry.messageCount = 0
        entry.commandCount = 0
        entry.first = nil
        entry.last = nil
        if let viewer = outlook.outsider, try !wrote(viewer, in: entry) { return }
        var position: MessagePosition?
        while true {
            let page = try messages(
                in: entry, after: position, to: outlook.viewpoint.moment?.end, limit: Self.countedAtOnce)
            for (message, visibility) in zip(page, try visibilities(of: page, outlook)) {
                if case .hidden = visibility { continue }
                people.insert(message.sender)
                if message.isCommand {
                    entry.commandCount += 1
                    continue
                }
                entry.messageCount += 1
                entry.first = entry.first ?? message.time
                if !message.isTargeted { entry.last = message.time }
            }
            guard page.count == Self.countedAtOnce, let last = page.last else { break }
            position = MessagePosition(last)
        }
    }

    private func wrote(_ user: UserID, in entry: ConversationEntry) throws -> Bool {
        guard let number = try number(of: user.rawValue, .users) else { return false }
        let find = try statement("SELECT 1 FROM tallies WHERE conversation = ? AND sender = ? LIMIT 1")
        find.put(entry.number)
        find.put(number)
        return try find.first { _ in true } ?? false
    }

    private func hasNotices(_ entry: ConversationEntry, _ outlook: Outlook) throws -> Bool {
        var last: NoticeEntry?
        while true {
            let page = try notices(
                in: entry, after: last, to: outlook.viewpoint.moment?.end, limit: Self.countedAtOnce)
            if page.contains(where: { outlook.shows($0.operation, at: $0.time) }) { return true }
            guard page.count == Self.countedAtOnce else { return false }
            last = page.last
        }
    }

    /// The newest title told by then.
    private func title(of entry: ConversationEntry, by horizon: Instant) throws -> String? {
        let rows = try statement(
            """
            SELECT title, iif(last <= ?3, last, first) AS told FROM titles
            WHERE conversation = ?1 AND (?2 < 0 OR app = ?2) AND first <= ?3 ORDER BY told DESC, title DESC LIMIT 1
            """)
        bind(entry, horizon, to: rows)
        return try rows.first { $0.text(0) }
    }

    /// Who had been told to be a member by then.
    private func members(of entry: ConversationEntry, by horizon: Instant) throws -> Set<Int64> {
        let rows = try statement(
            """
            SELECT user FROM audience WHERE conversation = ?1 AND (?2 < 0 OR app = ?2) AND first <= ?3
            UNION SELECT user FROM memberships WHERE conversation = ?1 AND (?2 < 0 OR app = ?2) AND shown <= ?3
                AND change IN (\(MembershipWalk.provingChanges))
            """)
        bind(entry, horizon, to: rows)
        return Set(try rows.all { $0.int(0) })
    }

    private func bind(_ entry: ConversationEntry, _ horizon: Instant, to statement: SQLStatement) {
        statement.put(entry.number)
        statement.put(entry.appNumber ?? -1)
        statement.put(horizon.microseconds)
    }
}
