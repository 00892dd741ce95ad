// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What each source saw of one app, hour by hour, compared message by message.
package struct Reconciliation: Hashable, Sendable {
    package var app: AppKey?
    /// The clock by which the platform names this app's hours; nil while no file told.
    package var zone: Int?
    /// Hours of which any source told anything, in order.
    package var hours: [Hour] = []
    package var gaps: [Gap] = []

    package struct Hour: Hashable, Sendable {
        package var hour: UTCHour
        /// Messages that were sent, by any source's account.
        package var messages = 0
        /// Messages that were refused, or only attempted.
        package var unsent = 0
        package var sources: [Source] = []
        /// Seen by post-send callback and in history alike.
        package var agreed = 0
        package var onlyCallback = Part()
        package var onlyHistory = Part()
        /// Seen by neither: by a client, an offline receiver's callback or an edit alone.
        package var onlyElsewhere = Part()
        package var basis: ImportedHours.Basis?
        /// Whether a file of this hour was taken in, and ended too soon.
        package var isCut = false

        /// Whether callbacks and history were there to be compared, and agree on every message.
        package var agrees: Bool {
            basis != nil && onlyCallback.count + onlyHistory.count + onlyElsewhere.count == 0
        }
    }

    /// What one source saw of an hour.
    package struct Source: Hashable, Sendable {
        package var source: SourceSet
        package var messages = 0
        package var first: Instant
        package var last: Instant
    }

    /// Messages that one side saw alone.
    package struct Part: Hashable, Sendable {
        package var count = 0
        /// The first ones.
        package var messages: [MessageID] = []

        package init() {}
    }
}

extension ViewsReader {
    /// Compares what the sources saw, app by app.
    ///
    /// Reads each message of the span once; memory holds the hours and their lists.
    ///
    /// - Parameters:
    ///   - app: One app alone; nil for all.
    ///   - options: The span, and by what gaps are judged. The span's hours count whole.
    ///   - listLimit: Most messages named in one list.
    ///   - progress: Told how many hours are done, and of how many.
    /// - Returns: The apps in byte order.
    /// - Throws: What reading the views throws.
    package func reconcile(
        app: AppKey? = nil, _ options: GapOptions, listLimit: Int,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> [Reconciliation] {
        try appScopes(app).map { scope in
            let known = try importedHours(scope)
            var result = Reconciliation(app: scope.app, zone: known.zone)
            let hours = try hoursOfInterest(scope, known, options)
            for (index, hour) in hours.enumerated() {
                result.hours.append(try reconcile(scope, hour, known, listLimit))
                progress(index + 1, hours.count)
            }
            result.gaps = try GapSearch(self, scope, options).run()
            return result
        }
    }

    /// Hours with messages, with a callback of any kind, or with a history file.
    private func hoursOfInterest(
        _ scope: AppScope, _ known: ImportedHours, _ options: GapOptions
    ) throws -> [UTCHour] {
        var hours = Set(try coverage(scope, from: options.from, to: options.to).map(\.hour))
        let called = try statement("SELECT DISTINCT minute / 60 FROM pulses WHERE app IN (\(scope.list))")
        hours.formUnion(try called.all { UTCHour($0.int(0)) })
        hours.formUnion(known.filed)
        return hours.filter { hour in
            (options.from.map { hour.end > $0 } ?? true) && (options.to.map { hour.start < $0 } ?? true)
        }.sorted()
    }

    private func reconcile(
        _ scope: AppScope, _ hour: UTCHour, _ known: ImportedHours, _ listLimit: Int
    ) throws -> Reconciliation.Hour {
        var result = Reconciliation.Hour(hour: hour)
        result.basis = known.basis(of: hour)
        result.isCut = known.cut.contains(hour)
        var sources: [SourceSet: Reconciliation.Source] = [:]
        try forEachMessage(scope, in: hour) { id, time, seen, isSent in
            for (source, _) in SourceSet.named where seen.contains(source) {
                let time = Instant(microseconds: time)
                var sum =
                    sources[source] ?? Reconciliation.Source(source: source, first: time, last: time)
                sum.messages += 1
                sum.first = min(sum.first, time)
                sum.last = max(sum.last, time)
                sources[source] = sum
            }
            guard isSent else {
                result.unsent += 1
                return
            }
            result.messages += 1
            switch (!seen.isDisjoint(with: .postSend), seen.contains(.history)) {
            case (true, true): result.agreed += 1
            case (true, false): result.onlyCallback.add(id, listLimit)
            case (false, true): result.onlyHistory.add(id, listLimit)
            case (false, false): result.onlyElsewhere.add(id, listLimit)
            }
        }
        result.sources = SourceSet.named.compactMap { sources[$0.source] }
        return result
    }

    private func forEachMessage(
        _ scope: AppScope, in hour: UTCHour, _ body: (String, Int64, SourceSet, Bool) -> Void
    ) throws {
        let rows = try messages("m.id, m.flags, m.standing", of: scope, from: hour.start, to: hour.end)
        defer { rows.reset() }
        while try rows.step() {
            body(
                rows.text(2), rows.int(0), MessageState.Flags(rawValue: rows.int(3)).sources,
                rows.int(4) == MessageState.Standing.sent.rawValue)
        }
    }
}

extension Reconciliation.Part {
    fileprivate mutating func add(_ id: String, _ limit: Int) {
        count += 1
        if messages.count < limit { messages.append(MessageID(id)) }
    }
}
