// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What the archive holds of a file that messages name, and what was tried to get it.
package struct AttachmentEntry: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its content, SHA-256 in hexadecimal.
        case stored(sha256: String, bytes: Int64)
        /// What the last try came to.
        case failed(outcome: String)
    }

    package var state: State
    /// Downloads begun, an import not counted.
    package var tries: Int
    /// When the last of them began; of an import, when it was recorded.
    package var lastTried: Instant
    /// Whether another try follows the last one without anybody asking for it.
    package var isAgain: Bool
    /// Of the last try: how many bytes there are, as far as the server told.
    package var bytes: Int64
    /// SHA-256 of content that was kept although it is not what the message says.
    package var kept: String?
    /// Of the last try: what the server said, or what kept it from answering.
    package var why: String?

    package init(
        state: State, tries: Int, lastTried: Instant, isAgain: Bool = false, bytes: Int64 = 0,
        kept: String? = nil, why: String? = nil
    ) {
        self.state = state
        self.tries = tries
        self.lastTried = lastTried
        self.isAgain = isAgain
        self.bytes = bytes
        self.kept = kept
        self.why = why
    }
}

/// Whether files are being fetched, by the newest record that tells.
package struct FetchingState: Hashable, Sendable {
    package let isOn: Bool
    package let kinds: Set<FileKind>

    /// Nothing was ever recorded of it.
    package static let off = FetchingState(isOn: false, kinds: [])

    package init(isOn: Bool, kinds: Set<FileKind>) {
        self.isOn = isOn
        self.kinds = kinds
    }
}

extension ViewsReader {
    /// What is known of some files; those that nobody tried to get are not in the answer.
    package func attachments(_ names: Set<FileName>) throws -> [FileName: AttachmentEntry] {
        guard !names.isEmpty, try hasRows("attachments") else { return [:] }
        // In order of the tries, so that the last row of each counts, and a stored one before all.
        let rows = try statement(
            """
            SELECT t.uuid, t.part, t.outcome, t.sha256, t.bytes, t.again, t.why, t.began, t.at
            FROM json_each(?) AS wanted CROSS JOIN attachments AS t
            WHERE t.uuid = wanted.value
            ORDER BY t.uuid, t.part, t.outcome = 'stored', iif(t.began = 0, t.at, t.began), t.seq
            """)
        rows.put(text: StoredList.encode(Set(names.map(\.uuid)).sorted()))
        defer { rows.reset() }
        var found: [FileName: AttachmentEntry] = [:]
        while try rows.step() {
            guard let part = FileName.Part(rawValue: rows.text(1)) else { continue }
            let name = FileName(uuid: rows.text(0), part: part)
            guard names.contains(name) else { continue }
            let known = found[name]
            found[name] = Self.entry(rows, after: known)
        }
        return found
    }

    private static func entry(_ row: SQLStatement, after known: AttachmentEntry?) -> AttachmentEntry {
        let outcome = row.text(2)
        let sha256 = row.text(3)
        let began = row.int(7).instantIfTold
        return AttachmentEntry(
            state: outcome == "stored"
                ? .stored(sha256: sha256, bytes: row.int(4)) : .failed(outcome: outcome),
            tries: (known?.tries ?? 0) + (began == nil ? 0 : 1),
            lastTried: began ?? Instant(microseconds: row.int(8)), isAgain: row.int(5) != 0,
            bytes: row.int(4), kept: outcome == "stored" || sha256.isEmpty ? nil : sha256,
            why: row.text(6).isEmpty ? nil : row.text(6))
    }

    /// Whether files are being fetched.
    package func fetching() throws -> FetchingState {
        let newest = try statement(
            "SELECT is_on, kinds FROM fetching ORDER BY began DESC, is_on, kinds LIMIT 1")
        defer { newest.reset() }
        guard try newest.step() else { return .off }
        let kinds = try StoredList.texts(newest.text(1)).compactMap(FileKind.init)
        return FetchingState(isOn: newest.int(0) != 0, kinds: Set(kinds))
    }

    /// The bytes of a bundle's file that were seen beside its upload or download.
    package func bundleFile(_ uuid: String) throws -> [UInt8]? {
        guard try hasRows("bundle_files") else { return nil }
        let rows = try statement("SELECT bytes FROM bundle_files WHERE uuid = ? ORDER BY bytes LIMIT 1")
        rows.put(uuid)
        return try rows.first { $0.blob(0) }
    }

    /// Under which names users wanted to be shown, the newest told in each app by some instant.
    package func displayNames(
        _ users: Set<UserID>, app: AppKey?, by horizon: Instant? = nil
    ) throws -> [UserID: String] {
        guard !users.isEmpty, try hasRows("display_names") else { return [:] }
        let number = try app.flatMap { try self.number(of: $0.rawValue, .apps) } ?? 0
        // A name told without an app counts in every app.
        let rows = try statement(
            """
            SELECT u.name, d.name FROM json_each(?) AS wanted CROSS JOIN users AS u ON u.name = wanted.value
            CROSS JOIN display_names AS d ON d.user = u.n
            WHERE (?2 = 0 OR d.app IN (0, ?2)) AND d.first <= ?3 ORDER BY iif(d.last <= ?3, d.last, d.first), d.name
            """)
        rows.put(text: StoredList.encode(users.map(\.rawValue)))
        rows.put(number)
        rows.put((horizon ?? Instant(microseconds: .max)).microseconds)
        defer { rows.reset() }
        var names: [UserID: String] = [:]
        while try rows.step() { names[UserID(rows.text(0))] = rows.text(1) }
        return names
    }
}
