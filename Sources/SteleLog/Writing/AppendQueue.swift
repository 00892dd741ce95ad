// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What callers and the writer's threads say to each other: batches that wait, and how far the log is durable.
///
/// A few words behind one lock, which nobody holds across work. Unchecked because the compiler cannot see that
/// `door` guards every `var`.
final class AppendQueue: @unchecked Sendable {
    /// A batch and who waits for it.
    struct Waiting: Sendable {
        var batch: LineBatch
        var continuation: CheckedContinuation<Result<Range<SequenceNumber>, LogError>, Never>
    }

    private struct Follower {
        var end: SequenceNumber
        var continuation: CheckedContinuation<SequenceNumber, Never>
    }

    typealias Closer = CheckedContinuation<Result<Void, LogError>, Never>

    /// What those get who come too late.
    private let closed: LogError
    private let door = NSCondition()
    private var waiting: [Waiting] = []
    private var durable: SequenceNumber
    private var broken: LogError?
    private var isClosing = false
    private var isAbandoned = false
    private var hasEnded = false
    private var closers: [Closer] = []
    private var followers: [Int: Follower] = [:]
    private var cancelledTickets: Set<Int> = []
    private var tickets = 0

    init(durable: SequenceNumber, closed: LogError) {
        self.durable = durable
        self.closed = closed
    }

    private func withDoor<Result>(_ body: () -> Result) -> Result {
        door.lock()
        defer { door.unlock() }
        return body()
    }

    /// The sequence after the last durable record.
    var durableEnd: SequenceNumber { withDoor { durable } }
    /// Why nothing can be acknowledged before the log was opened anew.
    var failure: LogError? { withDoor { broken } }

    // MARK: - Callers

    /// Adds a batch to those that wait; refuses it when the writer is closing, since nobody will come for it.
    func enqueue(_ entry: Waiting) {
        let isTaken = withDoor {
            guard !isClosing else { return false }
            waiting.append(entry)
            door.signal()
            return true
        }
        guard !isTaken else { return }
        entry.continuation.resume(returning: .failure(closed))
    }

    func nextTicket() -> Int {
        withDoor {
            tickets += 1
            return tickets
        }
    }

    func wait(
        past end: SequenceNumber, ticket: Int, _ continuation: CheckedContinuation<SequenceNumber, Never>
    ) {
        let now: SequenceNumber? = withDoor {
            if durable > end || isClosing || cancelledTickets.remove(ticket) != nil { return durable }
            followers[ticket] = Follower(end: end, continuation: continuation)
            return nil
        }
        if let now { continuation.resume(returning: now) }
    }

    func cancelWait(_ ticket: Int) {
        let (follower, now) = withDoor {
            let follower = followers.removeValue(forKey: ticket)
            // Cancelled before it began to wait: it will find this.
            if follower == nil { cancelledTickets.insert(ticket) }
            return (follower, durable)
        }
        follower?.continuation.resume(returning: now)
    }

    func endWait(_ ticket: Int) { withDoor { _ = cancelledTickets.remove(ticket) } }

    /// Asks the threads to stop when nothing waits any more, and tells `closer` when they have.
    func close(_ closer: Closer) {
        let wasOver = withDoor {
            isClosing = true
            if !hasEnded { closers.append(closer) }
            door.broadcast()
            return hasEnded
        }
        if wasOver { closer.resume(returning: .success(())) }
    }

    /// Asks the threads to stop and leave the log as a killed process would.
    func abandon() {
        withDoor {
            isClosing = true
            isAbandoned = true
            door.broadcast()
        }
    }

    // MARK: - The writer's threads

    /// Whether the log is to be left as it is.
    var leavesLogOpen: Bool { withDoor { isAbandoned } }

    /// Waits for batches and takes as many as make one commit.
    ///
    /// - Parameter byteLimit: Bytes after which no more join; one batch is never split.
    /// - Returns: None when the writer is closing.
    func takeWaiting(byteLimit: Int) -> [Waiting] {
        withDoor {
            while waiting.isEmpty && !isClosing { door.wait() }
            var byteCount = 0
            let taken = waiting.prefix { entry in
                defer { byteCount += entry.batch.byteCount }
                return byteCount < byteLimit
            }
            waiting.removeFirst(taken.count)
            return Array(taken)
        }
    }

    /// Says that records before `end` are durable, to those who follow the log.
    func setDurable(_ end: SequenceNumber) {
        let woken = withDoor {
            durable = end
            guard !followers.isEmpty else { return [Follower]() }
            let woken = followers.filter { $0.value.end < durable }
            for ticket in woken.keys { followers[ticket] = nil }
            return Array(woken.values)
        }
        for follower in woken { follower.continuation.resume(returning: end) }
    }

    func setFailure(_ failure: LogError?) { withDoor { broken = failure } }

    /// Says that the writer has stopped and let go of its files, to all who wait for anything.
    func isOver() {
        let (closers, followers, result, end) = withDoor {
            defer {
                self.closers = []
                self.followers = [:]
                hasEnded = true
            }
            let result: Result<Void, LogError> = broken.map { .failure($0) } ?? .success(())
            return (self.closers, self.followers.values.map(\.continuation), result, durable)
        }
        for closer in closers { closer.resume(returning: result) }
        for follower in followers { follower.resume(returning: end) }
    }
}
