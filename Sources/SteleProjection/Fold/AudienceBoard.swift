// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Gathers whom a group's or room's messages reached or waited for, and writes it once a batch: of each user, the first
/// and the last time.
struct AudienceBoard {
    private struct Place: Hashable {
        var conversation: Int64
        var app: Int64
        var user: Int64
    }

    private var pending: [Place: (first: Int64, last: Int64)] = [:]
    private let add: SQLStatement

    init(_ database: Database) throws {
        add = try SQLStatement(
            database,
            """
            INSERT INTO audience VALUES(?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)
            """)
    }

    /// Whether it fills enough memory to be written.
    var isFull: Bool { pending.count >= 50_000 }

    /// Notes that `user` was a member at `time`; a time that is not told proves nothing.
    mutating func add(_ user: Int64, to conversation: Int64, app: Int64, at time: Int64) {
        guard user != 0, conversation != 0, time != 0 else { return }
        let place = Place(conversation: conversation, app: app, user: user)
        func widen(_ span: inout (first: Int64, last: Int64)) {
            span = (min(span.first, time), max(span.last, time))
        }
        widen(&pending[place, default: (time, time)])
    }

    mutating func flush() throws {
        for (place, span) in pending {
            add.put(place.conversation)
            add.put(place.app)
            add.put(place.user)
            add.put(span.first)
            add.put(span.last)
            try add.run()
        }
        pending.removeAll(keepingCapacity: true)
    }
}
