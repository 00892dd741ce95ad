// SPDX-License-Identifier: Apache-2.0

/// The tables of the views, and the number that says which code made them.
///
/// Numbers stand for names throughout, and `0` (or an empty text) for "not told", so that a row can be its own key and
/// a fact told twice is one row. Times are microseconds since 1970. A table keyed by `target` keeps facts about a message
/// whether that message was seen or not: they are joined when somebody asks, so no order of arrival matters.
///
/// ```
/// apps users sessions conversations message_ids     names and their numbers
/// messages appless sightings receivers refusals     one row a message; what else its records told
/// edits recalls receipts reactions pins …           facts about a message
/// conversation_reads operations memberships …       facts about a conversation or a user
/// attachments bundle_files calls call_outcomes      files and what a client asked for
/// tallies search edit_search                        derived from the rows above
/// quarantine meta                                   what no decoder understands; how far the fold has come
/// ```
enum Schema {
    /// Views of any other number are made anew from the log.
    static let version: Int64 = 1

    /// The columns of `messages` and of `appless`, in the order in which ``MessageState`` writes and reads them.
    private static let messageColumns = """
        n INTEGER PRIMARY KEY, id NOT NULL, target INTEGER NOT NULL, app INTEGER NOT NULL,
        conversation INTEGER NOT NULL, sender INTEGER NOT NULL, recipient TEXT NOT NULL,
        type TEXT NOT NULL, text TEXT NOT NULL, detail BLOB, ext TEXT,
        time INTEGER NOT NULL, stated INTEGER NOT NULL, content_time INTEGER NOT NULL,
        standing INTEGER NOT NULL, flags INTEGER NOT NULL, ranks INTEGER NOT NULL,
        seq INTEGER NOT NULL, at INTEGER NOT NULL, how INTEGER NOT NULL, session INTEGER NOT NULL
        """

    static let tables = """
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

        CREATE TABLE messages(\(messageColumns));
        -- What records that name no app told of a message that others placed in an app.
        CREATE TABLE appless(\(messageColumns));
        CREATE TABLE alternates(
            target INTEGER NOT NULL, app INTEGER NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY(target, app)) WITHOUT ROWID;
        -- Every sighting but a message's first, which stands in its own row.
        CREATE TABLE sightings(
            target INTEGER NOT NULL, seq INTEGER NOT NULL, app INTEGER NOT NULL, at INTEGER NOT NULL,
            how INTEGER NOT NULL, session INTEGER NOT NULL, PRIMARY KEY(target, seq)) WITHOUT ROWID;
        CREATE TABLE receivers(
            target INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL,
            PRIMARY KEY(target, app, user)) WITHOUT ROWID;
        CREATE TABLE refusals(
            target INTEGER NOT NULL, app INTEGER NOT NULL, code INTEGER NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY(target, app, code, reason)) WITHOUT ROWID;
        CREATE TABLE thread_references(
            target INTEGER NOT NULL, app INTEGER NOT NULL, parent_message TEXT NOT NULL, parent_group TEXT NOT NULL,
            name TEXT NOT NULL, PRIMARY KEY(target, app, parent_message, parent_group, name)) WITHOUT ROWID;

        CREATE TABLE edits(
            n INTEGER PRIMARY KEY, target INTEGER NOT NULL, app INTEGER NOT NULL, count INTEGER NOT NULL,
            time INTEGER NOT NULL, editor INTEGER NOT NULL, rank INTEGER NOT NULL, type TEXT NOT NULL,
            text TEXT NOT NULL, detail BLOB NOT NULL, ext TEXT NOT NULL, seq INTEGER NOT NULL,
            UNIQUE(target, app, count, time, editor, rank, type, text, detail, ext));
        CREATE TABLE recalls(
            target INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            notice TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(target, app, user, time, notice)) WITHOUT ROWID;
        -- kind 1: delivered; 2: read.
        CREATE TABLE receipts(
            target INTEGER NOT NULL, app INTEGER NOT NULL, kind INTEGER NOT NULL, user INTEGER NOT NULL,
            time INTEGER NOT NULL, content TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, kind, user)) WITHOUT ROWID;
        CREATE TABLE read_counts(
            target INTEGER NOT NULL, app INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY(target, app)) WITHOUT ROWID;
        CREATE TABLE reactions(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, state TEXT NOT NULL,
            seq INTEGER NOT NULL, PRIMARY KEY(target, app)) WITHOUT ROWID;
        CREATE TABLE pins(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, pinned INTEGER NOT NULL,
            user INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, pinned, user)) WITHOUT ROWID;
        CREATE TABLE keyword_alerts(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, status TEXT NOT NULL,
            reason TEXT NOT NULL, words TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, status, reason, words)) WITHOUT ROWID;
        CREATE TABLE moderations(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, result TEXT NOT NULL,
            risk TEXT NOT NULL, text TEXT NOT NULL, sender INTEGER NOT NULL, recipient TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, result, risk, text, sender, recipient)) WITHOUT ROWID;
        CREATE TABLE pushes(
            target INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            status TEXT NOT NULL, channel TEXT NOT NULL, detail TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, user, time, status, channel, detail)) WITHOUT ROWID;

        -- A reader read everything in the single chat up to `time`.
        CREATE TABLE conversation_reads(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            target INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, user, time, target)) WITHOUT ROWID;
        CREATE TABLE operations(
            n INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL,
            change TEXT NOT NULL, operation TEXT NOT NULL, user INTEGER NOT NULL, members TEXT NOT NULL,
            member_count INTEGER NOT NULL, text TEXT NOT NULL, name TEXT NOT NULL, expires INTEGER NOT NULL,
            succeeded INTEGER NOT NULL, shown INTEGER NOT NULL, seq INTEGER NOT NULL,
            UNIQUE(conversation, app, time, change, operation, user, members, member_count, text, name, expires,
                   succeeded));
        -- Who came (1) and went (0), and when.
        CREATE TABLE memberships(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            came INTEGER NOT NULL, change TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, user, time, came, change)) WITHOUT ROWID;
        CREATE TABLE titles(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, title TEXT NOT NULL,
            PRIMARY KEY(conversation, app)) WITHOUT ROWID;
        CREATE TABLE threads(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, operation TEXT NOT NULL,
            user INTEGER NOT NULL, parent_message TEXT NOT NULL, parent_group TEXT NOT NULL, name TEXT NOT NULL,
            messages INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, time, operation, user, parent_message, parent_group, name, messages)
            ) WITHOUT ROWID;
        CREATE TABLE display_names(
            user INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, name TEXT NOT NULL,
            PRIMARY KEY(user, app)) WITHOUT ROWID;
        CREATE TABLE contacts(
            app INTEGER NOT NULL, sender INTEGER NOT NULL, recipient INTEGER NOT NULL, time INTEGER NOT NULL,
            operation TEXT NOT NULL, text TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(app, sender, recipient, time, operation, text)) WITHOUT ROWID;
        CREATE TABLE logins(
            app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL, online INTEGER NOT NULL,
            reason TEXT NOT NULL, device TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(app, user, time, online, reason, device)) WITHOUT ROWID;
        CREATE TABLE presences(
            app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL,
            devices TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(app, user, time, text, devices)) WITHOUT ROWID;

        CREATE TABLE calls(
            session INTEGER NOT NULL, reference TEXT NOT NULL, name TEXT NOT NULL, local_id TEXT NOT NULL,
            time INTEGER NOT NULL, app INTEGER NOT NULL, message BLOB NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(session, reference, name, local_id, time, app, message)) WITHOUT ROWID;
        CREATE TABLE call_outcomes(
            session INTEGER NOT NULL, reference TEXT NOT NULL, resolved INTEGER NOT NULL, local_id TEXT NOT NULL,
            message_id TEXT NOT NULL, code INTEGER NOT NULL, reason TEXT NOT NULL, time INTEGER NOT NULL,
            app INTEGER NOT NULL, message BLOB NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(session, reference, resolved, local_id, message_id, code, reason, time, app, message)
            ) WITHOUT ROWID;
        CREATE TABLE acceptances(
            session INTEGER NOT NULL, local_id TEXT NOT NULL, message_id TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(session, local_id, message_id)) WITHOUT ROWID;
        -- What a client went through: connected, offline, a frame of its wire protocol …
        CREATE TABLE session_events(
            session INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
            seq INTEGER NOT NULL, PRIMARY KEY(session, time, kind, name)) WITHOUT ROWID;

        CREATE TABLE attachments(
            uuid TEXT NOT NULL, outcome TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
            seq INTEGER NOT NULL, PRIMARY KEY(uuid, outcome, sha256, bytes)) WITHOUT ROWID;
        CREATE TABLE bundle_files(n INTEGER PRIMARY KEY, uuid TEXT NOT NULL, bytes BLOB NOT NULL, seq INTEGER NOT NULL);
        CREATE INDEX bundle_files_by_uuid ON bundle_files(uuid);

        CREATE TABLE tallies(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, sender INTEGER NOT NULL,
            messages INTEGER NOT NULL, commands INTEGER NOT NULL, first INTEGER, last INTEGER,
            PRIMARY KEY(conversation, app, sender)) WITHOUT ROWID;
        CREATE TABLE quarantine(
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, how INTEGER NOT NULL, reason TEXT NOT NULL);
        CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0, tokenize='ascii');
        CREATE VIRTUAL TABLE edit_search USING fts5(text, content='', columnsize=0, tokenize='ascii');
        """

    /// Made after a bulk load: keeping them sorted row by row would cost more than sorting once.
    static let indexes = """
        CREATE INDEX IF NOT EXISTS messages_by_conversation ON messages(conversation, time, id);
        CREATE INDEX IF NOT EXISTS operations_by_time ON operations(conversation, shown, change, operation, members);
        """
}

/// Names of the rows of `meta`.
enum MetaName {
    static let schema = "schema"
    /// The next sequence the fold will read: every record below it is in the rows.
    static let applied = "applied"
}
