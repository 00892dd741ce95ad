// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What is taken for a gap.
package struct GapOptions: Sendable {
    /// The first instant of interest, and the first one no longer of it.
    package var from: Instant?
    package var to: Instant?
    /// Now, by which is judged what may still come and what the platform still keeps.
    package var now: Instant
    /// The shortest silence taken for a suspension: bans last from five minutes on.
    package var shortestSilence: Int64 = 240
    /// Most silences of a length that an hour may have by chance for one to count: one in ten thousand hours.
    package var limit = 1e-4
    /// How old something is before it is missed, in seconds: callbacks come within half a minute, nearly all of them.
    package var grace: Int64 = 300
    /// Hours for which the platform keeps history files, and for which it is best to wait before one asks.
    package var historyHours: Int64 = 72
    package var settlingHours: Int64 = 24
    /// Days for which the platform keeps attachments.
    package var attachmentDays: Int64 = 7
    /// Most message ids named for one gap.
    package var messageLimit = 20

    package init(now: Instant) { self.now = now }
}

extension ViewsReader {
    /// Every gap of the archive, open or closed: by app, then by time.
    ///
    /// Memory holds the gaps, an hour's messages, and the messages that no record shows.
    package func gaps(app: AppKey? = nil, _ options: GapOptions) throws -> [Gap] {
        try appScopes(app).flatMap { try GapSearch(self, $0, options).run() }
    }
}

/// Looks for the gaps of one app.
struct GapSearch {
    let reader: ViewsReader
    let scope: AppScope
    let options: GapOptions
    let coverage: [CoverageEntry]
    let hours: ImportedHours
    /// The seconds of the first and last callback; nil when there was none.
    let signs: ClosedRange<Int64>?

    init(_ reader: ViewsReader, _ scope: AppScope, _ options: GapOptions) throws {
        self.reader = reader
        self.scope = scope
        self.options = options
        coverage = try reader.coverage(scope)
        hours = ImportedHours(try reader.historyHours(scope), coverage)
        signs = try reader.signSpan(scope)
    }

    func run() throws -> [Gap] {
        var gaps = try callbackGaps() + attemptGaps() + hourGaps() + attachmentGaps()
        gaps.sort { ($0.from, $0.kind.rawValue) < ($1.from, $1.kind.rawValue) }
        return gaps
    }

    private func isWanted(_ gap: Gap) -> Bool {
        if let from = options.from, let to = gap.to, to < from { return false }
        if let to = options.to, gap.from >= to { return false }
        return true
    }

    // MARK: Callbacks that did not come

    private func callbackGaps() throws -> [Gap] {
        guard let signs else { return try earlier(try unseen()[...]) }
        var groups = GapGroups(silences: try silences(signs), shortest: options.shortestSilence)
        let unseen = try unseen()
        var waiting = unseen.drop { $0.time.floored(by: 1_000_000) <= signs.lowerBound }
        let earlier = unseen.prefix(unseen.count - waiting.count)
        let latest = options.now.microseconds - options.grace * 1_000_000
        var last: UTCHour?
        func take(_ missed: MissedMessage) throws {
            let second = missed.time.floored(by: 1_000_000)
            guard second > signs.lowerBound, missed.time <= latest else { return }
            try groups.add(missed) { try reader.signs(round: second, scope) }
        }
        for entry in coverage where entry.lacksCallback && entry.hour != last && isNear(entry.hour) {
            last = entry.hour
            for missed in try reader.messagesWithoutCallback(scope, in: entry.hour) {
                while let next = waiting.first, (next.time, next.key) < (missed.time, missed.key) {
                    try take(next)
                    waiting.removeFirst()
                }
                try take(missed)
            }
        }
        for missed in waiting { try take(missed) }
        let found = try groups.finish().map(builder.gap).filter { isWanted($0.gap) }.map(named)
        return found + (try self.earlier(earlier))
    }

    /// What was told of messages where no callback was to be expected, an hour a gap.
    private func earlier(_ unseen: ArraySlice<MissedMessage>) throws -> [Gap] {
        var gaps: [Gap] = []
        var rest = unseen
        while let first = rest.first {
            let hour = UTCHour(of: Instant(microseconds: first.time))
            let part = rest.prefix { UTCHour(of: Instant(microseconds: $0.time)) == hour }
            gaps.append(try named(builder.unseen(Array(part))))
            rest = rest.dropFirst(part.count)
        }
        return gaps.filter(isWanted)
    }

    /// Whether an hour may hold something of the time asked for.
    private func isNear(_ hour: UTCHour) -> Bool {
        (options.from.map { hour.end > $0 } ?? true) && (options.to.map { hour.start < $0 } ?? true)
    }

    private func unseen() throws -> [MissedMessage] {
        try reader.unseenMessages(scope).filter { missed in
            let time = Instant(microseconds: missed.time)
            return (options.from.map { time >= $0 } ?? true) && (options.to.map { time < $0 } ?? true)
        }
    }

    private func silences(_ signs: ClosedRange<Int64>) throws -> [Silence] {
        var detector = SilenceDetector(shortest: options.shortestSilence, limit: options.limit)
        var found: [Silence] = []
        // An hour more on both sides: a silence is judged by what is round it.
        let hour = SilenceDetector.window
        let from = options.from.map { $0.microseconds.floored(by: 1_000_000) - hour } ?? signs.lowerBound
        let to = options.to.map { $0.microseconds.floored(by: 1_000_000) + hour } ?? signs.upperBound
        try reader.forEachSign(scope, from: from, through: to) { found += detector.add($0) }
        return found + detector.finish()
    }

    private var builder: GapBuilder { GapBuilder(app: scope.app, options: options, hours: hours) }

    /// The gap with its messages' ids in place of their numbers.
    private func named(_ draft: GapBuilder.Draft) throws -> Gap {
        var gap = draft.gap
        gap.messages = try reader.messageIDs(draft.keys)
        return gap
    }

    // MARK: Attempts

    private func attemptGaps() throws -> [Gap] {
        // Without any callback, a pre-send one has nothing to wait for.
        guard let signs else { return [] }
        let latest = options.now.microseconds - options.grace * 1_000_000
        var gaps: [Gap] = []
        for entry in coverage where entry.isAttempt && isNear(entry.hour) {
            let attempts = try reader.unresolvedAttempts(scope, in: entry.hour).filter {
                $0.time <= latest && $0.time.floored(by: 1_000_000) >= signs.lowerBound
            }
            guard !attempts.isEmpty else { continue }
            let gap = try named(builder.attempts(attempts, in: entry.hour))
            if isWanted(gap) { gaps.append(gap) }
        }
        // The same hour may have several rows.
        return gaps.reduce(into: []) { if $0.last?.from != $1.from { $0.append($1) } }
    }

    // MARK: Hours

    /// Runs of hours whose history was not taken in, though it is settled and the platform still has it.
    private func hourGaps() -> [Gap] {
        var known = coverage.map(\.hour)
        if let signs {
            known += [signs.lowerBound, signs.upperBound].map {
                UTCHour(of: Instant(microseconds: $0 * 1_000_000))
            }
        }
        guard let first = known.min(), let last = known.max() else { return [] }
        let now = UTCHour(of: options.now)
        let oldest = max(first, now.advanced(by: -options.historyHours))
        let newest = min(last, now.advanced(by: -options.settlingHours - 1))
        var gaps: [Gap] = []
        var run: ClosedRange<UTCHour>?
        var hour = oldest
        while hour <= newest {
            if hours.basis(of: hour) == nil, isNear(hour) {
                run = (run?.lowerBound ?? hour)...hour
            } else if let done = run {
                gaps.append(builder.hours(done))
                run = nil
            }
            hour = hour.advanced(by: 1)
        }
        if let run { gaps.append(builder.hours(run)) }
        return gaps
    }

    // MARK: Attachments

    private func attachmentGaps() throws -> [Gap] {
        let oldest = options.now.microseconds - options.attachmentDays * 86_400_000_000
        let from = max(options.from?.microseconds ?? .min, oldest)
        let waiting = try reader.messagesLackingAttachments(
            scope, from: Instant(microseconds: from), to: options.to ?? options.now,
            limit: options.messageLimit)
        guard let waiting else { return [] }
        return [builder.attachments(waiting)]
    }
}
