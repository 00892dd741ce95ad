// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Counts messages by conversation, app and sender, and writes the counts once a batch.
///
/// Adding is arithmetic. A message that changed its place or time cannot be taken off a minimum or a maximum, so its
/// conversations are counted again from their rows.
struct TallyBoard {
    private struct Place: PlaceKey {
        var conversation: Int64
        var app: Int64
        var sender: Int64

        var mixed: UInt64 { MixedNumbers.mix(MixedNumbers.mix(conversation, app), sender) }
    }

    private struct Tally {
        var messages: Int64 = 0
        var commands: Int64 = 0
        var first: Int64?
        var last: Int64?
    }

    private var pending = PlaceMap<Place, Tally>(empty: Tally())
    private var stale: Set<Int64> = []
    private let add: SQLStatement
    private let clear: SQLStatement
    private let count: SQLStatement

    init(_ database: Database) throws {
        add = try SQLStatement(
            database,
            """
            INSERT INTO tallies VALUES(?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET messages = messages + excluded.messages,
                commands = commands + excluded.commands,
                first = ifnull(min(first, excluded.first), ifnull(first, excluded.first)),
                last = ifnull(max(last, excluded.last), ifnull(last, excluded.last))
            """)
        clear = try SQLStatement(database, "DELETE FROM tallies WHERE conversation = ?")
        count = try SQLStatement(
            database,
            """
            INSERT INTO tallies
            SELECT conversation, app, sender, sum(type <> 'cmd'), sum(type = 'cmd'),
                min(CASE WHEN type <> 'cmd' THEN time END),
                max(CASE WHEN type <> 'cmd' AND flags & \(MessageState.Flags.targeted.rawValue) = 0 THEN time END)
            FROM messages WHERE conversation = ? GROUP BY app, sender
            """)
    }

    /// Whether the counts fill enough memory to be written.
    var isFull: Bool { pending.count >= 100_000 }

    mutating func add(_ state: MessageState) {
        guard state.conversation != 0 else { return }
        let place = Place(conversation: state.conversation, app: state.app, sender: state.sender)
        let isCommand = state.isCommand
        let moves = !isCommand && !state.flags.contains(.targeted)
        let time = state.time
        pending.change(place) { tally in
            if isCommand {
                tally.commands += 1
                return
            }
            tally.messages += 1
            tally.first = min(tally.first ?? time, time)
            if moves { tally.last = max(tally.last ?? time, time) }
        }
    }

    /// Notes that a message that was counted as `old` is now `new`.
    mutating func change(from old: MessageState, to new: MessageState) {
        let isSame =
            old.conversation == new.conversation && old.app == new.app && old.sender == new.sender
            && old.time == new.time && old.isCommand == new.isCommand
            && old.flags.contains(.targeted) == new.flags.contains(.targeted)
        guard !isSame else { return }
        for conversation in [old.conversation, new.conversation] where conversation != 0 {
            stale.insert(conversation)
        }
    }

    /// Writes the counts.
    ///
    /// With `recounts`, conversations to be counted again are counted now, which needs the index on conversations.
    mutating func flush(recounts: Bool) throws {
        // In the table's order, which keeps its pages at hand.
        let sorted = pending.entries.sorted { one, other in
            (one.key.conversation, one.key.app, one.key.sender)
                < (other.key.conversation, other.key.app, other.key.sender)
        }
        for (place, tally) in sorted where !stale.contains(place.conversation) {
            add.put(place.conversation)
            add.put(place.app)
            add.put(place.sender)
            add.put(tally.messages)
            add.put(tally.commands)
            tally.first.map { add.put($0) } ?? add.putNull()
            tally.last.map { add.put($0) } ?? add.putNull()
            try add.run()
        }
        pending.removeAll()
        guard recounts else { return }
        for conversation in stale {
            clear.put(conversation)
            try clear.run()
            count.put(conversation)
            try count.run()
        }
        stale.removeAll()
    }
}

extension MessageState {
    /// Commands are no messages of a conversation.
    var isCommand: Bool { body.type == "cmd" }
}
