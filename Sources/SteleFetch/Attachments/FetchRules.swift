// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleProjection

/// Decides of a file that a message names whether it is to be fetched, and of a try whether another follows.
package struct FetchRules: Sendable {
    package let limits: FetchLimits
    /// Whether somebody asked for it now: then nothing waits for a moment set before.
    package let isAsked: Bool
    /// Whether files that were given up are asked for again.
    package let retriesFailed: Bool

    /// Seconds that no pause is longer than.
    private static let longestPause: Int64 = 3600

    package init(_ limits: FetchLimits, isAsked: Bool = false, retriesFailed: Bool = false) {
        self.limits = limits
        self.isAsked = isAsked
        self.retriesFailed = retriesFailed
    }

    package enum Need: Hashable, Sendable {
        /// Not among the kinds asked for.
        case none
        case stored(sha256: String)
        /// Tried, and not to be tried again by itself.
        case settled(outcome: String)
        /// To be fetched, after so many tries that came to nothing; not before `due`.
        case wanted(tries: Int, due: Instant?)
    }

    /// What is to be done about a file, given what the views know of it.
    package func need(_ file: FileReference, _ entry: AttachmentEntry?) -> Need {
        if case .stored(let sha256, _) = entry?.state { return .stored(sha256: sha256) }
        guard limits.kinds.contains(file.kind) else { return .none }
        guard let entry, case .failed(let outcome) = entry.state else { return .wanted(tries: 0, due: nil) }
        if retriesFailed { return .wanted(tries: 0, due: nil) }
        if entry.isAgain, entry.tries < limits.tries {
            return .wanted(
                tries: entry.tries,
                due: isAsked ? nil : entry.lastTried.adding(seconds: pause(after: entry.tries)))
        }
        return hasChanged(outcome, file, entry) ? .wanted(tries: 0, due: nil) : .settled(outcome: outcome)
    }

    /// Whether a limit that refused the file was lifted since.
    private func hasChanged(_ outcome: String, _ file: FileReference, _ entry: AttachmentEntry) -> Bool {
        switch FetchOutcome(rawValue: outcome) {
        case .tooBig: entry.bytes > 0 && entry.bytes <= limits.maximumBytes
        case .hostRefused: limits.hosts.wouldAllow(file.url)
        case .stored, .expired, .forbidden, .mismatch, .typeRefused, .notFound, .refused, .unreachable,
            .interrupted, nil:
            false
        }
    }

    /// Whether another try follows one that came to `outcome`, the `tries`th.
    package func isAgain(_ outcome: FetchOutcome, tries: Int) -> Bool {
        outcome.mayPass && tries < limits.tries
    }

    /// Seconds to wait after the `tries`th try.
    package func pause(after tries: Int) -> Int64 {
        var pause = limits.firstPauseSeconds
        for _ in 1..<max(1, tries) where pause < Self.longestPause { pause *= 4 }
        return min(pause, Self.longestPause)
    }
}
