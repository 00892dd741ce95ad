// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// What a client asked its SDK for, and what it went through.
    static let sessionTables = """
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
        -- Whose client it was, as the answers to its sends tell.
        CREATE TABLE session_users(
            session INTEGER NOT NULL, user INTEGER NOT NULL, PRIMARY KEY(session, user)) WITHOUT ROWID;
        -- What a client went through: connected, offline, a frame of its wire protocol …
        CREATE TABLE session_events(
            session INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
            seq INTEGER NOT NULL, PRIMARY KEY(session, time, kind, name)) WITHOUT ROWID;
        """
}
