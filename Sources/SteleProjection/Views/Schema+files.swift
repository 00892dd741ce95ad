// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Files beside messages.
    static let fileTables = """
        -- One row a try to get a file; began 0: an import. again: another try follows by itself.
        CREATE TABLE attachments(
            uuid TEXT NOT NULL, part TEXT NOT NULL, began INTEGER NOT NULL, outcome TEXT NOT NULL,
            sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, again INTEGER NOT NULL, why TEXT NOT NULL,
            at INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(uuid, part, began, outcome, sha256, bytes, again, why)) WITHOUT ROWID;
        -- From when on files are fetched (1), and which kinds; or no longer (0).
        CREATE TABLE fetching(
            began INTEGER NOT NULL, is_on INTEGER NOT NULL, kinds TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(began, is_on, kinds)) WITHOUT ROWID;
        CREATE TABLE bundle_files(n INTEGER PRIMARY KEY, uuid TEXT NOT NULL, bytes BLOB NOT NULL, seq INTEGER NOT NULL);
        CREATE INDEX bundle_files_by_uuid ON bundle_files(uuid);
        """

    /// The types of message that name a file, as SQL: the index of them is used where it stands in a condition word for word.
    static let typesWithFiles = "type IN ('img', 'audio', 'video', 'file', 'combine')"

    /// Which messages name files, as they came in: a small part of all messages.
    static let fileIndex = """
        CREATE INDEX IF NOT EXISTS messages_with_files ON messages(seq) WHERE \(typesWithFiles);
        """
}
