// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What is known of a message beside its own row.
package struct MessageDetails: Sendable {
    /// Earliest first.
    package var edits: [EditEntry] = []
    package var recall: RecallEntry?
    /// In byte order of the users.
    package var delivered: [ReceiptEntry] = []
    package var read: [ReceiptEntry] = []
    /// How many members of a group read it, the highest number told.
    package var readCount: Int?
    package var reactions: [Reaction] = []
    /// Nil for a message that is not pinned now.
    package var pin: PinEntry?
    package var thread: ThreadReference?
    /// The threads (子区) that grew from it, by id.
    package var startedThreads: [StartedThreadEntry] = []
    /// Who was offline when it was sent, in byte order.
    package var offline: [UserID] = []
    /// What its sender tried to send, where that was not what was delivered; earliest first.
    package var attempts: [AttemptEntry] = []
    package var keywordAlerts: [KeywordAlertEntry] = []
    package var moderations: [ModerationEntry] = []
    package var pushes: [PushEntry] = []
    /// Of a targeted message, in byte order.
    package var receivers: [UserID]?
    /// Why it was refused.
    package var refusal: RefusalEntry?
    /// Every record that showed it, by sequence.
    package var sightings: [SightingEntry] = []
}

extension ViewsReader {
    /// The details of some messages, in their order: one query a table, however many the messages.
    package func details(of messages: [MessageEntry]) throws -> [MessageDetails] {
        var page = DetailsPage(messages, self)
        try page.readAll()
        return page.details
    }

    /// Whether a table has any row: most archives leave most tables empty, and then they are not asked.
    func hasRows(_ table: String) throws -> Bool {
        try statement("SELECT 1 FROM \(table) LIMIT 1").first { _ in true } ?? false
    }
}

/// Gathers the details of one page of messages.
struct DetailsPage {
    let messages: [MessageEntry]
    let reader: ViewsReader
    var details: [MessageDetails]
    /// Which messages of the page a fact about a number concerns: several apps may have given one id.
    let places: [Int64: [Int]]
    /// The numbers, as a JSON array for SQLite to read.
    let targets: [UInt8]

    init(_ messages: [MessageEntry], _ reader: ViewsReader) {
        self.messages = messages
        self.reader = reader
        details = messages.map { message in
            var details = MessageDetails()
            details.sightings = [message.firstSighting]
            return details
        }
        let places = Dictionary(grouping: messages.indices) { messages[$0].target }
        self.places = places
        // Each once, or its facts would come twice.
        targets = Array("[\(places.keys.map(String.init).joined(separator: ","))]".utf8)
    }

    mutating func readAll() throws {
        try readEdits()
        try readRecalls()
        try readReceipts()
        try readReactions()
        try readPins()
        try readAddressing()
        try readStartedThreads()
        try readOffline()
        try readRefusals()
        try readAttempts()
        try readKeywordAlerts()
        try readModerations()
        try readPushes()
        try readSightings()
    }

    /// Calls `take` for every row of a table about a message of the page.
    ///
    /// Columns begin with the target and the app; a fact that names no app concerns the messages of every app, and a
    /// message that is in no app takes every fact.
    func forEach(
        _ columns: String, in table: String, order: String = "", _ take: (Int, SQLStatement) throws -> Void
    ) throws {
        guard try reader.hasRows(table) else { return }
        let rows = try reader.statement(
            """
            SELECT t.target, t.app, \(columns) FROM json_each(?) AS wanted CROSS JOIN \(table) AS t
            WHERE t.target = wanted.value \(order)
            """)
        rows.put(text: targets)
        defer { rows.reset() }
        while try rows.step() {
            let app = rows.int(1)
            for index in places[rows.int(0)] ?? [] {
                let own = messages[index].appNumber
                if app == 0 || own == 0 || app == own { try take(index, rows) }
            }
        }
    }

    private mutating func readEdits() throws {
        var found: [Int: [(rank: Int64, entry: EditEntry)]] = [:]
        try forEach(
            "t.count, t.time, t.editor, t.rank, t.type, t.text, t.detail, t.ext", in: "edits",
            order: "ORDER BY t.target, t.time = 0, t.time, t.count, t.rank, t.type, t.text, t.detail, t.ext"
        ) { index, row in
            let ext = row.text(9)
            let count = row.int(2)
            let entry = EditEntry(
                body: StoredBody(type: row.text(6), text: row.text(7), detail: row.blob(8)).body,
                ext: ext.isEmpty ? nil : ext, time: row.int(3).instantIfTold,
                editor: try reader.user(row.int(4)),
                count: count == 0 ? nil : Int(count))
            found[index, default: []].append((row.int(5), entry))
        }
        for (index, edits) in found {
            var kept: [(rank: Int64, entry: EditEntry)] = []
            for edit in edits {
                // Two surfaces tell one edit: the same count, or the same instant.
                let same = kept.firstIndex { other in
                    if let one = edit.entry.count, let two = other.entry.count { return one == two }
                    return edit.entry.time != nil && edit.entry.time == other.entry.time
                }
                guard let same else {
                    kept.append(edit)
                    continue
                }
                if edit.rank < kept[same].rank { kept[same] = edit }
            }
            details[index].edits = kept.map(\.entry)
        }
    }

    /// Who recalled first, when the first time told was, and a notice if any came with it.
    private mutating func readRecalls() throws {
        var found: [Int: [(time: Int64, user: String, notice: String)]] = [:]
        try forEach("t.user, t.time, t.notice", in: "recalls") { index, row in
            let user = try reader.name(row.int(2), .users) ?? ""
            found[index, default: []].append((row.int(3), user, row.text(4)))
        }
        for (index, recalls) in found {
            // A time not told comes after those told.
            let sorted = recalls.sorted { one, other in
                (one.time == 0 ? .max : one.time, one.user, one.notice)
                    < (other.time == 0 ? .max : other.time, other.user, other.notice)
            }
            details[index].recall = RecallEntry(
                by: sorted.first { !$0.user.isEmpty }.map { UserID($0.user) },
                time: sorted.first?.time.instantIfTold,
                notice: sorted.first { !$0.notice.isEmpty }?.notice)
        }
    }

    private mutating func readReceipts() throws {
        try forEach("t.kind, t.user, t.time, t.content", in: "receipts") { index, row in
            guard let user = try reader.user(row.int(3)) else { return }
            let content = row.text(5)
            let receipt = ReceiptEntry(
                user: user, time: row.int(4).instantIfTold, content: content.isEmpty ? nil : content)
            if row.int(2) == ReceiptKind.read {
                details[index].read.append(receipt)
            } else {
                details[index].delivered.append(receipt)
            }
        }
        try forEach("t.count", in: "read_counts") { index, row in
            details[index].readCount = max(details[index].readCount ?? 0, Int(row.int(2)))
        }
        for index in details.indices {
            details[index].delivered = Self.oneEach(details[index].delivered)
            details[index].read = Self.oneEach(details[index].read)
        }
    }

    /// The earliest of each user's receipts: a surface that names no app tells it a second time.
    private static func oneEach(_ receipts: [ReceiptEntry]) -> [ReceiptEntry] {
        guard receipts.count > 1 else { return receipts }
        let earliest = Dictionary(receipts.map { ($0.user, $0) }) { one, other in
            (one.time ?? Instant(microseconds: .max)) <= (other.time ?? Instant(microseconds: .max))
                ? one : other
        }
        return earliest.values.sorted { $0.user < $1.user }
    }

    private mutating func readReactions() throws {
        var newest: [Int: (time: Int64, state: String)] = [:]
        try forEach("t.time, t.state", in: "reactions") { index, row in
            let found = (time: row.int(2), state: row.text(3))
            guard newest[index].map({ found > $0 }) ?? true else { return }
            newest[index] = found
        }
        for (index, found) in newest { details[index].reactions = try StoredList.reactions(found.state) }
    }

    private mutating func readPins() throws {
        // The newest counts; of two at one time, the pin.
        try forEach(
            "t.time, t.pinned, (SELECT name FROM users WHERE n = t.user) AS name", in: "pins",
            order: "ORDER BY t.target, t.time, t.pinned, name DESC"
        ) { index, row in
            let by = row.textIfAny(4).map { UserID($0) }
            details[index].pin = row.int(3) == 1 ? PinEntry(by: by, time: row.int(2).instantIfTold) : nil
        }
    }

    private mutating func readAddressing() throws {
        if messages.contains(where: \.isTargeted) {
            var found: [Int: Set<UserID>] = [:]
            try forEach("t.user", in: "receivers") { index, row in
                if let user = try reader.user(row.int(2)) { found[index, default: []].insert(user) }
            }
            for (index, users) in found { details[index].receivers = users.sorted() }
        }
        guard messages.contains(where: \.isInThread) else { return }
        // Each part from the first in byte order that tells it.
        try forEach(
            "t.parent_message, t.parent_group, t.name", in: "thread_references",
            order: "ORDER BY t.target, t.parent_message, t.parent_group, t.name"
        ) { index, row in
            var thread =
                details[index].thread ?? ThreadReference(parentMessage: nil, parentGroup: nil, name: nil)
            if thread.parentMessage == nil, !row.text(2).isEmpty {
                thread.parentMessage = MessageID(row.text(2))
            }
            if thread.parentGroup == nil, !row.text(3).isEmpty { thread.parentGroup = row.text(3) }
            if thread.name == nil, !row.text(4).isEmpty { thread.name = row.text(4) }
            details[index].thread = thread
        }
    }

    private mutating func readRefusals() throws {
        guard messages.contains(where: { $0.standing == .refused }) else { return }
        try forEach("t.code, t.reason", in: "refusals", order: "ORDER BY t.target, t.time, t.code, t.reason")
        {
            index, row in
            guard details[index].refusal == nil else { return }
            let code = Int(row.int(2))
            details[index].refusal = RefusalEntry(code: code == 0 ? nil : code, reason: row.text(3))
        }
    }

    private mutating func readSightings() throws {
        try forEach(
            "t.seq, t.how, t.session, t.at", in: "sightings", order: "ORDER BY t.target, t.seq"
        ) { index, row in
            let sighting = try reader.sighting(row.int(2), row.int(3), row.int(4), row.int(5))
            if sighting.sequence != messages[index].firstSighting.sequence {
                details[index].sightings.append(sighting)
            }
        }
    }
}
