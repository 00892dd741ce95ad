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
    ///
    /// `outlook` leaves out what is not seen from there; messages of one conversation only, then.
    package func details(of messages: [MessageEntry], _ outlook: Outlook? = nil) throws -> [MessageDetails] {
        var page = DetailsPage(messages, outlook, self)
        try page.readAll()
        return page.details
    }

    /// Whether a table has any row: most archives leave most tables empty, and then they are not asked.
    func hasRows(_ table: String) throws -> Bool {
        try statement("SELECT 1 FROM \(table) LIMIT 1").first { _ in true } ?? false
    }
}

/// Gathers the details of one page of messages, as far as they are seen.
struct DetailsPage {
    let messages: [MessageEntry]
    let reader: ViewsReader
    /// Nil where everything is seen.
    let outlook: Outlook?
    var details: [MessageDetails]
    private let facts: FactPage

    init(_ messages: [MessageEntry], _ outlook: Outlook?, _ reader: ViewsReader) {
        self.messages = messages
        self.outlook = outlook
        self.reader = reader
        facts = FactPage(messages, reader)
        details = messages.map { message in
            var details = MessageDetails()
            details.sightings = [message.firstSighting]
            return details
        }
    }

    mutating func readAll() throws {
        try readEdits()
        try readRecalls()
        try readReceipts()
        try readReactions()
        try readPins()
        try readAddressing()
        try readStartedThreads()
        try readRefusals()
        try readAttempts()
        try readSightings()
        // No participant is shown what the platform did between them.
        guard outlook?.viewpoint.viewer == nil else { return }
        try readOffline()
        try readKeywordAlerts()
        try readModerations()
        try readPushes()
    }

    func forEach(
        _ columns: String, in table: String, order: String = "", _ take: (Int, SQLStatement) throws -> Void
    ) throws {
        try facts.forEach(columns, in: table, order, take)
    }

    /// Whether what a row tells, its time, sequence and doer in these columns, is seen.
    func isSeen(_ row: SQLStatement, time: Int32, sequence: Int32, by user: Int32? = nil) throws
        -> Bool
    {
        guard let outlook else { return true }
        return outlook.reaches(
            FactStamp(
                time: row.int(time).instantIfTold, sequence: UInt64(row.int(sequence)),
                by: try user.flatMap { try reader.user(row.int($0)) }))
    }

    /// Whether a receipt is seen; one without a sequence counts by its time alone.
    func isReceiptSeen(
        _ index: Int, _ row: SQLStatement, time: Int32, sequence: Int32? = nil, by user: UserID? = nil
    ) -> Bool {
        guard let outlook else { return true }
        let sequence = sequence.map { UInt64(row.int($0)) } ?? .max
        return outlook.reaches(
            receipt: FactStamp(time: row.int(time).instantIfTold, sequence: sequence, by: user),
            sender: messages[index].from)
    }

    private mutating func readEdits() throws {
        var found: [Int: [(rank: Int64, entry: EditEntry)]] = [:]
        try forEach(
            "t.count, t.time, t.editor, t.rank, t.type, t.text, t.detail, t.ext, t.seq", in: "edits",
            order: """
                ORDER BY t.target, t.time = 0, t.time, t.count, t.rank, t.type, t.text, t.detail, t.ext,
                    (SELECT name FROM users WHERE n = t.editor)
                """
        ) { index, row in
            guard try isSeen(row, time: 3, sequence: 10, by: 4) else { return }
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
        try forEach("t.user, t.time, t.notice, t.seq", in: "recalls") { index, row in
            guard try isSeen(row, time: 3, sequence: 5, by: 2) else { return }
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
        try forEach("t.kind, t.user, t.time, t.content, t.seq", in: "receipts") { index, row in
            guard let user = try reader.user(row.int(3)) else { return }
            guard isReceiptSeen(index, row, time: 4, sequence: 6, by: user) else { return }
            let content = row.text(5)
            let receipt = ReceiptEntry(
                user: user, time: row.int(4).instantIfTold, content: content.isEmpty ? nil : content)
            if row.int(2) == ReceiptKind.read {
                details[index].read.append(receipt)
            } else {
                details[index].delivered.append(receipt)
            }
        }
        try forEach("t.count, t.time", in: "read_counts") { index, row in
            guard isReceiptSeen(index, row, time: 3) else { return }
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
            (one.time?.microseconds ?? .max, one.content ?? "") <= (
                other.time?.microseconds ?? .max, other.content ?? ""
            )
                ? one : other
        }
        return earliest.values.sorted { $0.user < $1.user }
    }

    private mutating func readReactions() throws {
        var newest: [Int: (time: Int64, state: String)] = [:]
        try forEach("t.time, t.state, t.seq", in: "reactions") { index, row in
            guard try isSeen(row, time: 2, sequence: 4) else { return }
            let found = (time: row.int(2), state: row.text(3))
            guard newest[index].map({ found > $0 }) ?? true else { return }
            newest[index] = found
        }
        for (index, found) in newest { details[index].reactions = try StoredList.reactions(found.state) }
    }

    private mutating func readPins() throws {
        // The newest counts; of two at one time, the pin.
        try forEach(
            "t.time, t.pinned, (SELECT name FROM users WHERE n = t.user) AS name, t.seq", in: "pins",
            order: "ORDER BY t.target, t.time, t.pinned, name DESC"
        ) { index, row in
            guard try isSeen(row, time: 2, sequence: 5) else { return }
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
