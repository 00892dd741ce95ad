// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A commit on its way to the disk, and whoever waits to learn how it ended.
///
/// The same event may arrive on two connections at once: the second one waits here, and is acknowledged only
/// when the first one's record is durable.
final class Flight: Sendable {
    private enum State {
        case underWay([CheckedContinuation<Void, any Error>])
        case ended(Result<Void, any Error>)
    }

    private let state = Mutex(State.underWay([]))

    /// Returns when the commit is durable.
    ///
    /// - Throws: What made the commit fail.
    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let ended: Result<Void, any Error>? = state.withLock { state in
                switch state {
                case .underWay(let waiting):
                    state = .underWay(waiting + [continuation])
                    return nil
                case .ended(let result):
                    return result
                }
            }
            // Resumed outside the lock: whoever wakes may want it.
            if let ended { continuation.resume(with: ended) }
        }
    }

    func end(_ result: Result<Void, any Error>) {
        let waiting: [CheckedContinuation<Void, any Error>] = state.withLock { state in
            guard case .underWay(let waiting) = state else { return [] }
            state = .ended(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}

/// The keys one commit has taken for itself; whoever drops it undurable gives them back.
final class Claims: Sendable {
    let flight = Flight()
    private let seen: SeenKeys
    private let keys = Mutex<[DeduplicationKey]>([])

    init(_ seen: SeenKeys) { self.seen = seen }

    /// An event is new when nobody recorded it and nobody is about to.
    enum Claim {
        case new
        case seen
        case inFlight(Flight)
    }

    func claim(_ key: DeduplicationKey) -> Claim {
        let claim = seen.claim(key, for: flight)
        if case .new = claim { keys.withLock { $0.append(key) } }
        return claim
    }

    /// The claimed events are on stable storage as `records`, in the order they were claimed.
    func commit(as records: Range<UInt64>) {
        seen.remember(takeKeys(), as: records)
        flight.end(.success(()))
    }

    /// Nothing was recorded: the keys are free again, and those who wait learn why.
    func giveUp(_ error: any Error) {
        seen.forget(takeKeys())
        flight.end(.failure(error))
    }

    deinit { giveUp(AbandonedCommit()) }

    private func takeKeys() -> [DeduplicationKey] {
        keys.withLock { keys in
            defer { keys = [] }
            return keys
        }
    }
}

/// A commit was dropped before it began, because what led to it failed.
struct AbandonedCommit: Error, CustomStringConvertible {
    var description: String {
        "another request with the same event failed before it was recorded; send it again"
    }
}
