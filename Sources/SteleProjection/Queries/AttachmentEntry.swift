// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What the archive holds of an attachment.
package enum AttachmentEntry: Hashable, Sendable {
    /// Its content, SHA-256 in hexadecimal.
    case stored(sha256: String, bytes: Int64)
    /// What the last try to get it came to.
    case failed(outcome: String)
}

extension ViewsReader {
    /// What is known of some attachments; those that nobody tried to get are not in the answer.
    ///
    /// The UUIDs are lower-cased.
    package func attachments(_ uuids: Set<String>) throws -> [String: AttachmentEntry] {
        guard !uuids.isEmpty, try hasRows("attachments") else { return [:] }
        let rows = try statement(
            """
            SELECT t.uuid, t.outcome, t.sha256, t.bytes FROM json_each(?) AS wanted CROSS JOIN attachments AS t
            WHERE t.uuid = wanted.value ORDER BY t.uuid, t.outcome = 'stored', t.seq
            """)
        rows.put(text: StoredList.encode(uuids.sorted()))
        defer { rows.reset() }
        var found: [String: AttachmentEntry] = [:]
        // The last row of each counts: a stored one, else the latest try.
        while try rows.step() {
            let outcome = rows.text(1)
            found[rows.text(0)] =
                outcome == "stored"
                ? .stored(sha256: rows.text(2), bytes: rows.int(3)) : .failed(outcome: outcome)
        }
        return found
    }

    /// The bytes of a bundle's file that were seen beside its upload or download.
    package func bundleFile(_ uuid: String) throws -> [UInt8]? {
        guard try hasRows("bundle_files") else { return nil }
        let rows = try statement("SELECT bytes FROM bundle_files WHERE uuid = ? ORDER BY bytes LIMIT 1")
        rows.put(uuid)
        return try rows.first { $0.blob(0) }
    }

    /// Under which names users wanted to be shown, the newest told in each app.
    package func displayNames(_ users: Set<UserID>, app: AppKey?) throws -> [UserID: String] {
        guard !users.isEmpty, try hasRows("display_names") else { return [:] }
        let number = try app.flatMap { try self.number(of: $0.rawValue, .apps) } ?? 0
        // A name told without an app counts in every app.
        let rows = try statement(
            """
            SELECT u.name, d.name FROM json_each(?) AS wanted CROSS JOIN users AS u ON u.name = wanted.value
            CROSS JOIN display_names AS d ON d.user = u.n
            WHERE ?2 = 0 OR d.app IN (0, ?2) ORDER BY d.last, d.name
            """)
        rows.put(text: StoredList.encode(users.map(\.rawValue)))
        rows.put(number)
        defer { rows.reset() }
        var names: [UserID: String] = [:]
        while try rows.step() { names[UserID(rows.text(0))] = rows.text(1) }
        return names
    }
}
