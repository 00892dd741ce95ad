// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// What the platform did with messages: whom it waited for, what it refused, judged and pushed.
extension DetailsPage {
    mutating func readOffline() throws {
        var found: [Int: Set<UserID>] = [:]
        try forEach("t.user", in: "offline") { index, row in
            if let user = try reader.user(row.int(2)) { found[index, default: []].insert(user) }
        }
        for (index, users) in found { details[index].offline = users.sorted() }
    }

    /// What differs from the content delivered in what a person reads; of a message that was never delivered, its own
    /// content is the attempt.
    mutating func readAttempts() throws {
        var seen: [Int: Set<String>] = [:]
        try forEach(
            "t.time, t.type, t.text, t.detail, t.ext, t.seq", in: "attempts",
            order: "ORDER BY t.target, t.time = 0, t.time, t.type, t.text, t.detail, t.ext"
        ) { index, row in
            // As with a receipt, its sender knows.
            guard isReceiptSeen(index, row, time: 2, sequence: 7) else { return }
            let stored = StoredBody(type: row.text(3), text: row.text(4), detail: row.blob(5))
            let gist = stored.gist
            guard !stored.saysTheSame(as: StoredBody(messages[index].body)),
                seen[index, default: []].insert(gist).inserted
            else { return }
            let ext = row.text(6)
            details[index].attempts.append(
                AttemptEntry(
                    body: stored.body, ext: ext.isEmpty ? nil : ext, time: row.int(2).instantIfTold))
        }
    }

    mutating func readKeywordAlerts() throws {
        try forEach(
            "t.time, t.status, t.reason, t.words, t.seq", in: "keyword_alerts",
            order: "ORDER BY t.target, t.time, t.status, t.reason, t.words"
        ) { index, row in
            guard try isSeen(row, time: 2, sequence: 6) else { return }
            details[index].keywordAlerts.append(
                KeywordAlertEntry(
                    time: row.int(2).instantIfTold, status: row.text(3), reason: row.text(4),
                    words: try StoredList.texts(row.text(5))))
        }
    }

    mutating func readModerations() throws {
        try forEach(
            "t.time, t.result, t.provider, t.risk, t.type, t.text, t.url, t.seq", in: "moderations",
            order: "ORDER BY t.target, t.time, t.result, t.provider, t.risk, t.type, t.text, t.url"
        ) { index, row in
            guard try isSeen(row, time: 2, sequence: 9) else { return }
            details[index].moderations.append(
                ModerationEntry(
                    time: row.int(2).instantIfTold, result: row.text(3), provider: row.filledText(4),
                    risk: row.filledText(5), type: row.filledText(6), text: row.filledText(7),
                    url: row.filledText(8)))
        }
    }

    mutating func readPushes() throws {
        try forEach(
            """
            (SELECT name FROM users WHERE n = t.user) AS name, t.time, t.status, t.channel, t.detail, t.device,
            t.notifier, t.answer, t.seq
            """, in: "pushes",
            order: "ORDER BY t.target, t.time, name, t.device, t.status, t.channel, t.detail"
        ) { index, row in
            guard try isSeen(row, time: 3, sequence: 10) else { return }
            details[index].pushes.append(
                PushEntry(
                    user: row.textIfAny(2).map { UserID($0) }, time: row.int(3).instantIfTold,
                    status: row.text(4), channel: row.filledText(5), detail: row.filledText(6),
                    device: row.filledText(7), notifier: row.filledText(8), answer: row.filledText(9)))
        }
    }

    /// The threads that name a message as the one they grew from.
    mutating func readStartedThreads() throws {
        guard try reader.hasRows("threads") else { return }
        let byID = Dictionary(grouping: messages.indices) { messages[$0].id.rawValue }
        let rows = try reader.statement(
            """
            SELECT t.parent_message, t.app, c.key,
                (SELECT title FROM titles AS n WHERE n.conversation = t.conversation AND first <= ?2
                 ORDER BY iif(last <= ?2, last, first) DESC, title DESC),
                min(nullif(t.time, 0)), min(t.seq)
            FROM json_each(?1) AS wanted CROSS JOIN threads AS t ON t.parent_message = wanted.value
            JOIN conversations AS c ON c.n = t.conversation GROUP BY t.parent_message, t.app, c.key ORDER BY c.key
            """)
        rows.put(text: StoredList.encode(byID.keys.sorted()))
        rows.put((outlook?.horizon ?? Instant(microseconds: .max)).microseconds)
        defer { rows.reset() }
        while try rows.step() {
            let start = FactStamp(
                time: rows.intIfAny(4).map(Instant.init(microseconds:)), sequence: UInt64(rows.int(5)))
            guard outlook?.reaches(start) ?? true else { continue }
            let app = rows.int(1)
            let thread = StartedThreadEntry(id: rows.text(2), name: rows.textIfAny(3))
            for index in byID[rows.text(0)] ?? [] {
                let own = messages[index].appNumber
                guard app == 0 || own == 0 || app == own, !details[index].startedThreads.contains(thread)
                else { continue }
                details[index].startedThreads.append(thread)
            }
        }
    }
}
