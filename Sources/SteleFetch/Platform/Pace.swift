// SPDX-License-Identifier: Apache-2.0

/// Keeps requests within a rate: so many within any minute.
///
/// Decides only; whoever sends waits.
struct RateGate {
    /// Most requests within ``span``, above zero.
    let limit: Int
    private static let span = Duration.seconds(60)
    /// When the last requests were let through, oldest first.
    private var passed: [Duration] = []

    init(limit: Int) { self.limit = limit }

    /// Lets the next request through, and says how long it has to wait first.
    mutating func delay(at now: Duration) -> Duration {
        passed.removeAll { $0 + Self.span <= now }
        let start = passed.count < limit ? now : max(now, passed[passed.count - limit] + Self.span)
        passed.append(start)
        return start - now
    }
}

/// How long to wait before a request is tried again.
struct BackOff {
    /// Most tries of one request, the first included.
    let tries: Int
    private static let longest = Duration.seconds(300)

    init(tries: Int) { self.tries = tries }

    /// The wait after a try, counted from one; nil when there is no other.
    ///
    /// `asked` is what the server asked for, which counts up to five minutes.
    func delay(afterTry number: Int, asked: Duration? = nil) -> Duration? {
        guard number < tries else { return nil }
        let own = Duration.seconds(1 << min(number - 1, 8))
        return min(Self.longest, max(own, asked ?? .zero))
    }
}

/// Time as the fetcher lives it; tests have one that does not pass.
package struct Pacing: Sendable {
    /// Since some beginning.
    package var now: @Sendable () -> Duration
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static var real: Pacing {
        let start = ContinuousClock.now
        return Pacing(now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
    }
}
