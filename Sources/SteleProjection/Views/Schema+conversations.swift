// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Facts about a conversation and its members.
    static let conversationFacts = """
        -- A reader read everything in the single chat up to `time`.
        CREATE TABLE conversation_reads(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            target INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, user, time, target)) WITHOUT ROWID;
        CREATE TABLE operations(
            n INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL,
            change TEXT NOT NULL, operation TEXT NOT NULL, user INTEGER NOT NULL, members TEXT NOT NULL,
            member_count INTEGER NOT NULL, text TEXT NOT NULL, name TEXT NOT NULL, expires INTEGER NOT NULL,
            owner INTEGER NOT NULL, former_owner INTEGER NOT NULL, admins TEXT NOT NULL, details TEXT NOT NULL,
            succeeded INTEGER NOT NULL, failure TEXT NOT NULL, shown INTEGER NOT NULL, seq INTEGER NOT NULL,
            UNIQUE(conversation, app, time, change, operation, user, members, member_count, text, name, expires,
                   owner, former_owner, admins, details, succeeded, failure));
        -- What was done to each member: came, went, got or lost a role, was muted until a time ….
        -- user 0: to everybody; or, where a client tells of it, to the client's own user, whom it does not name.
        -- text: the role of a first member, attributes. operation and session tell one report from another.
        CREATE TABLE memberships(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL,
            change TEXT NOT NULL, operation TEXT NOT NULL, actor INTEGER NOT NULL, until INTEGER NOT NULL,
            text TEXT NOT NULL, session INTEGER NOT NULL, shown INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, user, time, change, operation, actor, until, text, session)) WITHOUT ROWID;
        -- Whom a group's or room's messages reached or waited for: it was a member at these times.
        CREATE TABLE audience(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, user INTEGER NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(conversation, app, user)) WITHOUT ROWID;
        -- The latest time of the messages captured so far, for telling which come out of order.
        CREATE TABLE arrivals(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY(conversation, app)) WITHOUT ROWID;
        -- Every title told: when first and when last within a day of UTC.
        CREATE TABLE titles(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, title TEXT NOT NULL, day INTEGER NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, title, day)) WITHOUT ROWID;
        CREATE TABLE threads(
            conversation INTEGER NOT NULL, app INTEGER NOT NULL, time INTEGER NOT NULL, operation TEXT NOT NULL,
            user INTEGER NOT NULL, parent_message TEXT NOT NULL, parent_group TEXT NOT NULL, name TEXT NOT NULL,
            messages INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(conversation, app, time, operation, user, parent_message, parent_group, name, messages)
            ) WITHOUT ROWID;
        -- Every name a user wanted to be shown under, as titles are kept.
        CREATE TABLE display_names(
            user INTEGER NOT NULL, app INTEGER NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY(user, app, name, day)) WITHOUT ROWID;
        """

    /// Facts about users.
    static let userFacts = """
        CREATE TABLE contacts(
            app INTEGER NOT NULL, sender INTEGER NOT NULL, recipient INTEGER NOT NULL, time INTEGER NOT NULL,
            operation TEXT NOT NULL, text TEXT NOT NULL, failure TEXT NOT NULL, shown INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY(app, sender, recipient, time, operation, text, failure)) WITHOUT ROWID;
        CREATE TABLE logins(
            app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL, online INTEGER NOT NULL,
            reason TEXT NOT NULL, device TEXT NOT NULL, system TEXT NOT NULL, version TEXT NOT NULL,
            shown INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY(app, user, time, online, reason, device, system, version)) WITHOUT ROWID;
        CREATE TABLE presences(
            app INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL,
            devices TEXT NOT NULL, last_seen INTEGER NOT NULL, expires INTEGER NOT NULL, shown INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY(app, user, time, text, devices, last_seen, expires)) WITHOUT ROWID;
        """
}
