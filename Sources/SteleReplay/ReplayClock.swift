// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The clock a replay waits by: the real one, or a test's that moves when it is waited for.
package protocol ReplayClock: Sendable {
    /// Nanoseconds since a fixed point; never goes back.
    var now: Int64 { get }
    /// Returns at `deadline` or as soon after it as this clock can; at once when it has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func wait(until deadline: Int64) async throws
}

/// The machine's monotonic clock.
///
/// ```
/// now ── Task.sleep, other work goes on ──▶ 5 ms before ── sleep on this thread ──▶ early ── watch the clock ──▶ deadline
/// ```
///
/// A task's own sleep wakes tens of microseconds late and more when the pool is busy, a thread's by the kernel's
/// timer slack. So the last stretch blocks the calling thread, for five milliseconds at most, and the thread asks
/// to wake early. Spinning, it is early by 150 µs, more than the kernel is usually late by, and is exact at the price
/// of that much processor time a record. Without spinning it is early by what the kernel was late by before, so
/// that it wakes close to the deadline and hardly ever watches the clock.
package final class MonotonicClock: ReplayClock {
    private static let taskMargin: Int64 = 5_000_000
    private static let spinMargin: Int64 = 150_000

    private let isSpinning: Bool
    /// How late the kernel wakes this process, nanoseconds: near the least seen lately.
    private let wakeDelay = Atomic<Int64>(0)

    package init(isSpinning: Bool = true) { self.isSpinning = isSpinning }

    package var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    package func wait(until deadline: Int64) async throws {
        let early = deadline - now - Self.taskMargin
        if early > 0 {
            try await Task.sleep(for: .nanoseconds(early))
        }
        try Task.checkCancellation()
        let delay = wakeDelay.load(ordering: .relaxed)
        let target = deadline - (isSpinning ? Self.spinMargin : delay)
        if target > now {
            sleepThread(until: target)
            // Down at once, up slowly: rather a few microseconds late than watching the clock for long.
            let seen = now - target
            let next = seen < delay ? seen : delay + (seen - delay) / 32
            wakeDelay.store(min(next, Self.spinMargin), ordering: .relaxed)
        }
        while now < deadline {}
    }

    private func sleepThread(until deadline: Int64) {
        #if canImport(Darwin)
            let left = deadline - now
            guard left > 0 else { return }
            var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            // Interrupted by a signal: the caller's loop takes over.
            nanosleep(&time, nil)
        #else
            var time = timespec(
                tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            // The deadline is absolute, so a signal costs nothing but another call.
            while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
        #endif
    }
}
