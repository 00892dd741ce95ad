// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What was fetched since the start, and what waits.
package final class FetchCounters: Sendable {
    package struct Counts: Hashable, Sendable {
        /// Tries by what they came to.
        package var tries: [FetchOutcome: Int] = [:]
        /// Files that are not to be tried again, by what the last try came to.
        package var ended: [FetchOutcome: Int] = [:]
        /// Of content that was kept.
        package var bytes: Int64 = 0
        package var waiting = 0
        package var active = 0
        /// Files whose host was given up before they were tried.
        package var abandoned = 0
        /// How often the fetching failed and was started again.
        package var restarts = 0

        package var endedCount: Int { ended.values.reduce(0, +) }
    }

    private let counts = Mutex(Counts())

    package init() {}

    package var current: Counts { counts.withLock { $0 } }

    package func change(_ body: (inout Counts) -> Void) { counts.withLock { body(&$0) } }
}
