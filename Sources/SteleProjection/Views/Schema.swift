// SPDX-License-Identifier: Apache-2.0

/// The tables of the views, and the number that says which code made them.
///
/// Numbers stand for names throughout, and `0` (or an empty text) for "not told", so that a row can be its own key and
/// a fact told twice is one row. Times are microseconds since 1970. A table keyed by `target` keeps facts about a message
/// whether that message was seen or not: they are joined when somebody asks, so no order of arrival matters.
///
/// ```
/// apps users sessions conversations message_ids     names and their numbers
/// messages appless sightings receivers offline …    one row a message; what else its records told
/// attempts edits recalls receipts reactions pins …  facts about a message
/// conversation_reads operations memberships …       facts about a conversation or a user
/// attachments fetching bundle_files                 files, and the tries to get them
/// calls call_outcomes session_users …               what a client asked for and went through, whose it is
/// history_hours pulses                              which history files were taken in; when callbacks came
/// tallies coverage search edit_search               derived from the rows above
/// quarantine meta                                   what no decoder understands; how far the fold has come
/// ```
enum Schema {
    /// Views of any other number are made anew from the log.
    static let version: Int64 = 2

    static let tables = [
        nameTables, messageTables, messageFacts, conversationFacts, userFacts, sessionTables,
        fileTables, completenessTables, derivedTables, searchTables,
    ].joined(separator: "\n")

    /// Names and their numbers; how far the fold has come.
    static let nameTables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE apps(n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE users(n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE sessions(n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        -- family 0: two users; 1: a group, room or thread, one number space. decided: bits 1 group, 2 room, 4 thread.
        CREATE TABLE conversations(
            n INTEGER PRIMARY KEY, family INTEGER NOT NULL, key TEXT NOT NULL, decided INTEGER NOT NULL DEFAULT 0,
            UNIQUE(family, key));
        -- Numbers below zero for ids that are no 64-bit numbers, and for a second app's message with one id (id NULL).
        CREATE TABLE message_ids(n INTEGER PRIMARY KEY, id TEXT UNIQUE);
        """

    /// Derived from other rows, and what no decoder understands.
    static let derivedTables = """
        CREATE TABLE tallies(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, sender INTEGER NOT NULL,
            messages INTEGER NOT NULL, commands INTEGER NOT NULL, first INTEGER, last INTEGER,
            PRIMARY KEY(conversation, app, sender)) WITHOUT ROWID;
        CREATE TABLE quarantine(
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, how INTEGER NOT NULL, reason TEXT NOT NULL);
        """

    /// The words of messages, and of the contents that edits gave them, by row.
    static let searchTables = """
        CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0, tokenize='ascii');
        CREATE VIRTUAL TABLE edit_search USING fts5(text, content='', columnsize=0, tokenize='ascii');
        """

    /// Made after a bulk load: keeping them sorted row by row would cost more than sorting once.
    static let indexes = """
        CREATE INDEX IF NOT EXISTS messages_by_conversation ON messages(conversation, time, id);
        CREATE INDEX IF NOT EXISTS threads_by_parent ON threads(parent_message);
        CREATE INDEX IF NOT EXISTS memberships_by_user ON memberships(user, shown);
        CREATE INDEX IF NOT EXISTS contacts_by_recipient ON contacts(recipient);
        CREATE INDEX IF NOT EXISTS pushes_by_user ON pushes(user, time);
        CREATE INDEX IF NOT EXISTS operations_by_time ON operations(conversation, shown, change, operation, members);
        \(fileIndex)
        """ + completenessIndexes
}

/// Names of the rows of `meta`.
enum MetaName {
    static let schema = "schema"
    /// The next sequence the fold will read: every record below it is in the rows.
    static let applied = "applied"
}
