// SPDX-License-Identifier: Apache-2.0

/// Joins missed messages that lie in one stretch between two signs of life, and the silences that are improbable in
/// themselves, to what they add up to.
struct GapGroups {
    /// A stretch in which something is missing.
    struct Group {
        /// The signs on both sides, in seconds.
        ///
        /// The same one when a message is missing of a second of which another callback told; `to` is nil when no sign
        /// came after it.
        var from: Int64
        var to: Int64?
        var silence: Silence?
        var missed: [MissedMessage] = []

        /// Seconds without a sign.
        var silentSeconds: Int64? { to.map { max(0, $0 - from - 1) } }

        fileprivate var isOneSecond: Bool { from == to }

        fileprivate func holds(_ second: Int64) -> Bool {
            isOneSecond ? second == from : second > from && to.map { second < $0 } ?? true
        }
    }

    /// The shortest silence of interest, in seconds.
    private let shortest: Int64
    private var silences: ArraySlice<Silence>
    private var done: [Group] = []
    private var current: Group?

    /// `silences` in order of time, improbable or not.
    init(silences: [Silence], shortest: Int64) {
        self.silences = silences[...]
        self.shortest = shortest
    }

    /// Adds the next message in order of time; `signs` is asked for those round it when it lies in a new stretch.
    mutating func add(
        _ missed: MissedMessage, _ signs: () throws -> (before: Int64?, after: Int64?)
    ) rethrows {
        let second = missed.time.floored(by: 1_000_000)
        if current?.holds(second) != true {
            let round = try signs()
            close()
            current = Group(from: round.before ?? second, to: round.after)
        }
        current?.missed.append(missed)
    }

    /// Everything, in order of time.
    mutating func finish() -> [Group] {
        close()
        takeSilences(before: .max)
        var joined: [Group] = []
        for group in done {
            if let last = joined.last, let both = join(last, group) {
                joined[joined.count - 1] = both
            } else {
                joined.append(group)
            }
        }
        return joined
    }

    /// Two neighbours as one, when callbacks began or ceased to come within a second: the messages missed in that second
    /// belong to the silence beside it.
    private func join(_ one: Group, _ next: Group) -> Group? {
        guard one.to == next.from, one.isOneSecond != next.isOneSecond else { return nil }
        var long = one.isOneSecond ? next : one
        guard long.silentSeconds.map({ $0 >= shortest }) ?? true else { return nil }
        long.missed = one.missed + next.missed
        return long
    }

    private mutating func close() {
        guard var group = current else { return }
        current = nil
        takeSilences(before: group.from)
        if let silence = silences.first, silence.from == group.from, silence.to == group.to {
            group.silence = silence
            silences.removeFirst()
        }
        done.append(group)
    }

    /// Those that end before a stretch begins, and have no missed message in them.
    private mutating func takeSilences(before second: Int64) {
        while let silence = silences.first, silence.from < second {
            silences.removeFirst()
            guard silence.isImprobable else { continue }
            done.append(Group(from: silence.from, to: silence.to, silence: silence))
        }
    }
}
