// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Counts messages by app, hour and the sources that saw them, keeps in which seconds callbacks came, and writes both
/// once a batch.
///
/// A message that a further source saw, or that changed its time, is taken off one count and added to another: the counts
/// are those of the rows, whatever the order. A second in which two callbacks told something is one bit, so a callback that
/// is told again changes nothing.
struct CoverageBoard {
    private struct Place: Hashable {
        var app: Int64
        var hour: Int64
        var sources: Int64
        var standing: Int64

        init(_ state: MessageState) {
            app = state.app
            hour = state.time.floored(by: CoverageBoard.hour)
            sources = state.flags.sources.rawValue
            standing = state.standing.rawValue
        }
    }

    private struct Minute: Hashable {
        var app: Int64
        var minute: Int64
    }

    /// Microseconds.
    static let hour: Int64 = 3_600_000_000

    private var pending: [Place: Int64] = [:]
    private var seconds: [Minute: Int64] = [:]
    /// The minute that callbacks told of last: the next one mostly tells of it too.
    private var current: (minute: Minute, seconds: Int64) = (Minute(app: 0, minute: .min), 0)
    private let add: SQLStatement
    private let clear: SQLStatement
    private let beat: SQLStatement

    init(_ database: Database) throws {
        add = try SQLStatement(
            database,
            """
            INSERT INTO coverage VALUES(?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET messages = messages + excluded.messages
            """)
        clear = try SQLStatement(
            database,
            "DELETE FROM coverage WHERE app = ? AND hour = ? AND sources = ? AND standing = ? AND messages = 0"
        )
        beat = try SQLStatement(
            database,
            "INSERT INTO pulses VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET seconds = seconds | excluded.seconds"
        )
    }

    /// Whether what was gathered fills enough memory to be written.
    var isFull: Bool { pending.count + seconds.count >= 100_000 }

    mutating func add(_ state: MessageState) { pending[Place(state), default: 0] += 1 }

    /// Notes that a message that was counted as `old` is now `new`.
    mutating func change(from old: MessageState, to new: MessageState) {
        let (old, new) = (Place(old), Place(new))
        guard old != new else { return }
        pending[old, default: 0] -= 1
        pending[new, default: 0] += 1
    }

    /// Notes that a post-send callback told of `time`.
    mutating func sign(app: Int64, time: Int64) {
        let second = time.floored(by: 1_000_000)
        let minute = Minute(app: app, minute: second.floored(by: 60))
        let bit: Int64 = 1 << (second - minute.minute * 60)
        if minute != current.minute {
            keepCurrent()
            current = (minute, 0)
        }
        current.seconds |= bit
    }

    private mutating func keepCurrent() {
        if current.seconds != 0 { seconds[current.minute, default: 0] |= current.seconds }
        current.seconds = 0
    }

    mutating func flush() throws {
        keepCurrent()
        for (place, count) in pending where count != 0 {
            add.put(place.app)
            add.put(place.hour)
            add.put(place.sources)
            add.put(place.standing)
            add.put(count)
            try add.run()
            guard count < 0 else { continue }
            clear.put(place.app)
            clear.put(place.hour)
            clear.put(place.sources)
            clear.put(place.standing)
            try clear.run()
        }
        pending.removeAll(keepingCapacity: true)
        for (minute, bits) in seconds {
            beat.put(minute.app)
            beat.put(minute.minute)
            beat.put(bits)
            try beat.run()
        }
        seconds.removeAll(keepingCapacity: true)
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity.
    func floored(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}
