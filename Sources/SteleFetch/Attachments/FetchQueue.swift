// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleEvents

/// Files that wait to be fetched: which is next, and when.
///
/// The newest message's file comes first: in a backlog, those that are most likely to be there still. A host gets only
/// so many requests at a time; one that does not answer is asked for one file at a time, after ever longer rests, so
/// that a network that is down costs a few tries and not one of every file.
package struct FetchQueue {
    private let rules: FetchRules
    /// By host; the last is the next.
    private var waiting: [String: [FileRequest]] = [:]
    /// Not due yet; the last is due first.
    private var later: [FileRequest] = []
    private var active: [String: Int] = [:]
    private var rests: [String: Rest] = [:]
    /// Waiting, due later or under way.
    private var held: Set<FileName> = []
    private var settled = RecentNames()

    /// Files given up with their host, without a try.
    package private(set) var abandoned = 0
    package private(set) var waitingCount = 0
    package private(set) var activeCount = 0

    private struct Rest {
        var failures = 0
        var until = Instant(microseconds: .min)
    }

    /// Seconds that no host rests longer than.
    private static let longestRest: Int64 = 300

    package init(_ rules: FetchRules) { self.rules = rules }

    package var isEmpty: Bool { waitingCount == 0 && later.isEmpty && activeCount == 0 }
    /// Files that are not under way.
    package var count: Int { waitingCount + later.count }

    /// Takes a file in, unless it is held or was settled a moment ago.
    ///
    /// - Returns: Whether it is new.
    @discardableResult
    package mutating func add(_ request: FileRequest) -> Bool {
        guard !settled.contains(request.name), held.insert(request.name).inserted else { return false }
        place(request)
        return true
    }

    /// Puts a file where it waits; false when its host was given up.
    @discardableResult
    private mutating func place(_ request: FileRequest) -> Bool {
        let host = request.host
        if let rest = rests[host], isGivenUp(rest) {
            abandon(request.name)
            return false
        }
        if let due = request.due {
            later.insert(request, at: later.firstIndex { $0.due.map { $0 <= due } ?? true } ?? later.endIndex)
        } else {
            waiting[host, default: []].insert(inTimeOrder: request)
            waitingCount += 1
        }
        return true
    }

    private mutating func abandon(_ name: FileName) {
        abandoned += 1
        held.remove(name)
        settled.insert(name)
    }

    /// The next file to ask for; it counts as under way from now on.
    package mutating func next(at now: Instant) -> FileRequest? {
        while let first = later.last, let due = first.due, due <= now {
            var request = later.removeLast()
            request.due = nil
            place(request)
        }
        guard activeCount < rules.limits.concurrency else { return nil }
        guard let host = hostOfNewest(at: now), let request = waiting[host]?.popLast() else { return nil }
        if waiting[host]?.isEmpty == true { waiting[host] = nil }
        waitingCount -= 1
        activeCount += 1
        active[host, default: 0] += 1
        return request
    }

    /// Of the hosts that may be asked now, the one whose next file is the newest.
    private func hostOfNewest(at now: Instant) -> String? {
        var best: (time: Instant, host: String)?
        for (host, files) in waiting where isFree(host, at: now) {
            guard let time = files.last?.time else { continue }
            if best.map({ ($0.time, $0.host) < (time, host) }) ?? true { best = (time, host) }
        }
        return best?.host
    }

    private func isFree(_ host: String, at now: Instant) -> Bool {
        guard let rest = rests[host] else {
            return active[host, default: 0] < rules.limits.concurrencyPerHost
        }
        return rest.until <= now && active[host, default: 0] == 0
    }

    private func isGivenUp(_ rest: Rest) -> Bool {
        rules.limits.hostPatience.map { rest.failures >= $0 } ?? false
    }

    /// Notes what a try came to.
    ///
    /// - Returns: Whether the file waits for another one.
    @discardableResult
    package mutating func finished(_ request: FileRequest, _ outcome: FetchOutcome, at now: Instant) -> Bool {
        let host = request.host
        activeCount -= 1
        let left = active[host, default: 0] - 1
        active[host] = left > 0 ? left : nil
        if outcome == .unreachable { rest(host, at: now) } else { rests[host] = nil }
        guard rules.isAgain(outcome, tries: request.tries + 1) else {
            held.remove(request.name)
            settled.insert(request.name)
            return false
        }
        var again = request
        again.tries += 1
        again.due = now.adding(seconds: rules.pause(after: again.tries))
        held.insert(request.name)
        return place(again)
    }

    private mutating func rest(_ host: String, at now: Instant) {
        var rest = rests[host] ?? Rest()
        rest.failures += 1
        let seconds = min(rules.limits.firstRestSeconds << min(rest.failures - 1, 20), Self.longestRest)
        rest.until = now.adding(seconds: seconds)
        rests[host] = rest
        guard isGivenUp(rest), let given = waiting.removeValue(forKey: host) else { return }
        waitingCount -= given.count
        for request in given { abandon(request.name) }
    }

    /// When something can be done that cannot be done now; nil when only the end of a try changes anything.
    package func nextChange(after now: Instant) -> Instant? {
        let rested = waiting.keys.compactMap { host in
            active[host] == nil ? rests[host].map { max($0.until, now) } : nil
        }
        return ([later.last?.due].compactMap(\.self) + rested).min()
    }
}

/// The names of files that were settled last: the views tell of them only a moment later.
private struct RecentNames {
    private static let limit = 8192
    private var names: Set<FileName> = []
    private var order: [FileName] = []
    private var oldest = 0

    func contains(_ name: FileName) -> Bool { names.contains(name) }

    mutating func insert(_ name: FileName) {
        guard names.insert(name).inserted else { return }
        guard order.count == Self.limit else { return order.append(name) }
        names.remove(order[oldest])
        order[oldest] = name
        oldest = (oldest + 1) % Self.limit
    }
}

extension [FileRequest] {
    /// Inserts before the first that is newer.
    fileprivate mutating func insert(inTimeOrder request: FileRequest) {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].time < request.time { low = middle + 1 } else { high = middle }
        }
        insert(request, at: low)
    }
}

extension Instant {
    /// By the system's clock.
    package static var now: Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    func adding(seconds: Int64) -> Instant { Instant(microseconds: microseconds + seconds * 1_000_000) }
}
