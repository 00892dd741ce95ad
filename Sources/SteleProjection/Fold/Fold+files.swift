// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// What is known of the files that messages name.
extension Fold {
    /// One row a try: however often it is told, and in whatever order.
    mutating func apply(_ fetch: AttachmentFetch, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO attachments VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(fetch.name.uuid)
        insert.put(fetch.name.part.rawValue)
        insert.put(fetch.began?.microseconds ?? 0)
        insert.put(fetch.outcome)
        insert.put(fetch.sha256 ?? "")
        insert.put(fetch.bytes ?? 0)
        insert.put(fetch.isAgain)
        insert.put(fetch.why ?? "")
        insert.put(origin.capturedAt)
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ change: FetchingSwitch, _ origin: Origin) throws {
        let insert = try facts.statement("INSERT OR IGNORE INTO fetching VALUES(?, ?, ?, ?)")
        insert.put(change.began.microseconds)
        insert.put(change.isOn)
        insert.put(text: StoredList.encode(change.kinds.map(\.rawValue)))
        insert.put(origin.sequence)
        try insert.run()
    }

    mutating func apply(_ file: BundleFile, _ origin: Origin) throws {
        guard let bytes = Base64.decode(file.base64.utf8) else {
            return try quarantine(
                origin.sequence, at: origin.capturedAt, how: origin.how, "a bundle's bytes are not Base64")
        }
        let insert = try facts.statement(
            """
            INSERT INTO bundle_files(uuid, bytes, seq) SELECT ?1, ?2, ?3
            WHERE NOT EXISTS (SELECT 1 FROM bundle_files WHERE uuid = ?1 AND bytes = ?2)
            """)
        insert.put(file.uuid?.lowercased() ?? "")
        insert.put(blob: bytes)
        insert.put(origin.sequence)
        try insert.run()
    }
}
