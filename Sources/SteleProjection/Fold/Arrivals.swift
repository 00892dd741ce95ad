// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Tells of each message whether a later one of its conversation was captured before it.
///
/// Time and capture disagree then: a callback that was retried, an hour's file that came days later, a clock that is wrong. Whoever
/// reads by time should see it, and no page can tell by itself, for the later message may stand far off. So the
/// fold remembers the latest time of every conversation: the one thing about it that depends on the order of arrival, as it should.
struct Arrivals {
    private struct Place: PlaceKey {
        var conversation: Int64
        var app: Int64

        var mixed: UInt64 { MixedNumbers.mix(conversation, app) }
    }

    private struct Latest {
        /// In microseconds; nil before it was looked up.
        var time: Int64?
        var isChanged = false
    }

    private var latest = PlaceMap<Place, Latest>(empty: Latest())
    private var hasRows: Bool
    private let find: SQLStatement
    private let put: SQLStatement

    init(_ database: Database) throws {
        find = try SQLStatement(database, "SELECT time FROM arrivals WHERE conversation = ? AND app = ?")
        put = try SQLStatement(database, "INSERT OR REPLACE INTO arrivals VALUES(?, ?, ?)")
        hasRows = try SQLStatement(database, "SELECT 1 FROM arrivals LIMIT 1").first { _ in true } ?? false
    }

    /// Whether the times fill enough memory to be written.
    var isFull: Bool { latest.count >= 100_000 }

    /// Notes a message in its conversation.
    ///
    /// - Returns: Whether one of a later time was noted before.
    mutating func isLate(_ time: Int64, in conversation: Int64, app: Int64) throws -> Bool {
        guard conversation != 0 else { return false }
        let place = Place(conversation: conversation, app: app)
        var before = latest[place]?.time
        if before == nil, hasRows {
            find.put(conversation)
            find.put(app)
            before = try find.first { $0.int(0) }
        }
        if let before, before >= time {
            latest.change(place) { $0.time = before }
            return before > time
        }
        latest.change(place) { $0 = Latest(time: time, isChanged: true) }
        return false
    }

    mutating func flush() throws {
        for (place, latest) in latest.entries where latest.isChanged {
            put.put(place.conversation)
            put.put(place.app)
            put.put(latest.time ?? 0)
            try put.run()
            hasRows = true
        }
        latest.removeAll()
    }
}
