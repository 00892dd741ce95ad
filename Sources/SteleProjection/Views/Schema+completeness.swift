// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Which sources saw how much, and when the callbacks gave a sign.
    static let completenessTables = """
        -- How many messages of an hour (of their own time, in hours since 1970) just these sources saw: see SourceSet.
        CREATE TABLE coverage(
            app INTEGER NOT NULL, hour INTEGER NOT NULL, sources INTEGER NOT NULL, standing INTEGER NOT NULL,
            messages INTEGER NOT NULL, PRIMARY KEY(app, hour, sources, standing)) WITHOUT ROWID;
        -- The seconds of a minute (bit 0 is its first) of which some post-send callback told something.
        CREATE TABLE pulses(
            app INTEGER NOT NULL, minute INTEGER NOT NULL, seconds INTEGER NOT NULL,
            PRIMARY KEY(app, minute)) WITHOUT ROWID;
        -- zone: minutes east of Greenwich, -9999 for not told. first, last: 0 without lines.
        CREATE TABLE history_hours(
            app INTEGER NOT NULL, hour TEXT NOT NULL, zone INTEGER NOT NULL, outcome TEXT NOT NULL, source TEXT NOT NULL,
            lines INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, sha256 TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY(app, hour, zone, outcome, source, lines, first, last, sha256)) WITHOUT ROWID;
        """

    /// Whether a message's time is another than the one in its number: for all others, the numbers are in order of time,
    /// and the table itself is the index.
    static let hasTimeOfItsOwn =
        "(n < 0 OR time <> ((n >> 32) + 1417564800) * 1000000 + ((n >> 22) & 1023) * 1000)"

    /// Made after a bulk load, as ``indexes``.
    static let completenessIndexes = """
        CREATE INDEX IF NOT EXISTS messages_by_odd_time ON messages(time, n) WHERE \(hasTimeOfItsOwn);
        """
}
