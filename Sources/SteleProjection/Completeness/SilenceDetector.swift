// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A stretch in which no post-send callback gave a sign of life.
///
/// In whole seconds since 1970, of the events' own time.
struct Silence: Hashable, Sendable {
    /// The second of the last sign before it, and of the first one after it.
    var from: Int64
    var to: Int64
    /// How many pauses as long as it an hour of the traffic round it has by chance; nil where there is too little traffic
    /// to tell.
    var expected: Double?
    /// Whether that is too few to be chance.
    var isImprobable: Bool

    /// Seconds of which nothing was told.
    var seconds: Int64 { to - from - 1 }
}

/// Finds silences in the seconds of which callbacks told something, and judges each by the hours round it.
///
/// What counts is how long this traffic pauses of itself. Long pauses thin out: beyond some length `u`, each further `m`
/// seconds leave the e-th part of them. Of the hour before a silence and of the one after it the ``sample`` longest pauses
/// tell both `u` and `m` (made larger by its standard error), and so how many of the silence's length such an hour has:
/// `sample · e^−(L−u)/m`. The hour that has more of them counts: traffic that fades away or begins is no alarm, and where
/// people write in bursts, `m` is as long as their breaks. The longest pause of either hour is left out when it is a
/// silence of interest itself, for bans come several in a row. With less than twice the sample there is nothing to judge by.
///
/// And where breaks are a habit, none of them is an alarm: when the three hours before and after have more than
/// ``habit`` silences at least half as long.
///
/// A second counts once, whatever was told of it: a burst does not make the traffic look busier than it is.
struct SilenceDetector {
    /// Seconds round a silence whose traffic it is judged by.
    static let window: Int64 = 3600
    /// How many of the longest pauses tell how they thin out.
    static let sample = 16
    /// Seconds round a silence in which other silences are counted, and how many a series of bans may leave there.
    static let habitWindow: Int64 = 3 * 3600
    static let habit = 5

    /// The shortest silence of interest, in seconds, above zero.
    let shortest: Int64
    /// Most pauses of a length that an hour may have by chance for one to be improbable.
    let limit: Double

    private var last: Int64?
    /// The signs of the window that ends with ``last``; the ones before `start` have left it.
    private var recent: [Int64] = []
    private var start = 0
    /// Silences of interest of the last ``habitWindow``, by their ends.
    private var silences: [(to: Int64, seconds: Int64)] = []
    private var pending: [Pending] = []

    /// A silence of which is not known yet what follows it.
    private struct Pending {
        var from: Int64
        var to: Int64
        var before: Double?
        /// Of the hour after it.
        var pausesAfter: [Int64] = []
        /// Other silences of interest round it.
        var others: [Int64]

        var seconds: Int64 { to - from - 1 }
    }

    init(shortest: Int64, limit: Double) {
        self.shortest = shortest
        self.limit = limit
    }

    /// Takes the next second with a sign, later than the one before.
    ///
    /// - Returns: Silences that can be judged now, in order of time.
    mutating func add(_ second: Int64) -> [Silence] {
        guard let last else {
            enter(second)
            return []
        }
        let done = finishPending(before: second)
        let silent = second - last - 1
        for index in pending.indices where second - pending[index].to < Self.window {
            pending[index].pausesAfter.append(silent)
        }
        if silent >= shortest {
            for index in pending.indices { pending[index].others.append(silent) }
            silences.removeAll { $0.to <= last - Self.habitWindow }
            let before = zip(recent[start...], recent[start...].dropFirst()).map { $1 - $0 - 1 }
            pending.append(
                Pending(
                    from: last, to: second, before: Self.expected(silent, among: before, shortest),
                    others: silences.map(\.seconds)))
            silences.append((second, silent))
        }
        enter(second)
        return done
    }

    /// Ends the signs.
    ///
    /// - Returns: The silences not judged yet, by what little follows them.
    mutating func finish() -> [Silence] {
        let rest = pending.map(judged)
        pending = []
        return rest
    }

    private mutating func enter(_ second: Int64) {
        last = second
        recent.append(second)
        while recent[start] <= second - Self.window { start += 1 }
        // In blocks, so that each sign is moved at most once.
        if start > 4096 {
            recent.removeFirst(start)
            start = 0
        }
    }

    private mutating func finishPending(before second: Int64) -> [Silence] {
        let done = pending.prefix { second - $0.to >= Self.habitWindow }.map(judged)
        pending.removeFirst(done.count)
        return done
    }

    private func judged(_ silence: Pending) -> Silence {
        let after = Self.expected(silence.seconds, among: silence.pausesAfter, shortest)
        let expected = silence.before.flatMap { before in after.map { max(before, $0) } }
        let isHabit = silence.others.count { $0 * 2 >= silence.seconds } > Self.habit
        return Silence(
            from: silence.from, to: silence.to, expected: expected,
            isImprobable: expected.map { $0 <= limit && !isHabit } ?? false)
    }

    /// How many pauses of a length an hour with `pauses` has by chance; nil when they are too few to tell.
    static func expected(_ seconds: Int64, among pauses: [Int64], _ shortest: Int64) -> Double? {
        guard pauses.count > 2 * sample else { return nil }
        var longest = pauses.sorted(by: >).prefix(sample + 2)
        if let first = longest.first, first >= shortest { longest.removeFirst() }
        let base = Double(longest[longest.startIndex + sample])
        let excess = longest.prefix(sample).reduce(0) { $0 + Double($1) - base } / Double(sample)
        // Half a second, for lengths are whole ones: a pause of nothing is shorter than a second.
        let scale = max(excess, 0.5) * (1 + 1 / Double(sample).squareRoot())
        return Double(sample) * exp(-(Double(seconds) - base) / scale)
    }
}
