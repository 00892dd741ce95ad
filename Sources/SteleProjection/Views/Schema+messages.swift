// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// The columns of `messages` and of `appless`, in the order in which ``MessageState`` writes and reads them.
    private static let messageColumns = """
        n INTEGER PRIMARY KEY, id NOT NULL, target INTEGER NOT NULL, app INTEGER NOT NULL,
        conversation INTEGER NOT NULL, sender INTEGER NOT NULL, recipient TEXT NOT NULL,
        type TEXT NOT NULL, text TEXT NOT NULL, detail BLOB, ext TEXT,
        time INTEGER NOT NULL, stated INTEGER NOT NULL, content_time INTEGER NOT NULL,
        standing INTEGER NOT NULL, flags INTEGER NOT NULL, ranks INTEGER NOT NULL,
        seq INTEGER NOT NULL, at INTEGER NOT NULL, how INTEGER NOT NULL, session INTEGER NOT NULL
        """

    /// One row a message, and what else its records told.
    static let messageTables = """
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
        -- Whom a message could not reach at once: a member or peer who was offline.
        CREATE TABLE offline(
            target INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL,
            PRIMARY KEY(target, app, user)) WITHOUT ROWID;
        CREATE TABLE refusals(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, code INTEGER NOT NULL,
            reason TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(target, app, time, code, reason)) WITHOUT ROWID;
        CREATE TABLE thread_references(
            target INTEGER NOT NULL, app INTEGER NOT NULL, parent_message TEXT NOT NULL, parent_group TEXT NOT NULL,
            name TEXT NOT NULL, PRIMARY KEY(target, app, parent_message, parent_group, name)) WITHOUT ROWID;
        """

    /// Facts about a message, seen or not.
    static let messageFacts = """
        -- What a sender tried to send, where the platform was asked before it sent (a pre-send callback), or where what it
        -- made of a send differs. The message's own row has what was delivered.
        CREATE TABLE attempts(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL,
            text TEXT NOT NULL, detail BLOB NOT NULL, ext TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, type, text, detail, ext)) WITHOUT ROWID;
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
        -- Every number told, and when first; the highest counts.
        CREATE TABLE read_counts(
            target INTEGER NOT NULL, app INTEGER NOT NULL, count INTEGER NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY(target, app, count)) WITHOUT ROWID;
        -- Every whole state told: the newest counts; of two at one time, the greater in byte order.
        CREATE TABLE reactions(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, state TEXT NOT NULL,
            seq INTEGER NOT NULL, PRIMARY KEY(target, app, time, state)) WITHOUT ROWID;
        CREATE TABLE pins(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, pinned INTEGER NOT NULL,
            user INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, pinned, user)) WITHOUT ROWID;
        CREATE TABLE keyword_alerts(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, status TEXT NOT NULL,
            reason TEXT NOT NULL, words TEXT NOT NULL, sender INTEGER NOT NULL, recipient TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, status, reason, words, sender, recipient)) WITHOUT ROWID;
        CREATE TABLE moderations(
            target INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, result TEXT NOT NULL,
            provider TEXT NOT NULL, risk TEXT NOT NULL, type TEXT NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL,
            sender INTEGER NOT NULL, recipient TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, time, result, provider, risk, type, text, url, sender, recipient)) WITHOUT ROWID;
        CREATE TABLE pushes(
            target INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            status TEXT NOT NULL, channel TEXT NOT NULL, detail TEXT NOT NULL, device TEXT NOT NULL,
            notifier TEXT NOT NULL, answer TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(target, app, user, time, status, channel, detail, device, notifier, answer)) WITHOUT ROWID;
        """
}
