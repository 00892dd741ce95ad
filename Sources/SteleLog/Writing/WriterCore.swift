// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The threads and the state behind a ``LogWriter``.
///
/// Three locks, always taken in this order: `composing` (who turns waiting batches into the next commit), `writing`
/// (whose bytes go to the file next), `door` (the few words that callers touch; never held across work). A thread
/// takes `writing` before it lets go of `composing`, so commits reach the file in the order they were composed.
///
/// Unchecked because the compiler cannot see which lock guards what: it is written at each property.
final class WriterCore: @unchecked Sendable {
    /// A batch and who waits for it.
    struct Waiting: Sendable {
        var batch: LineBatch
        var continuation: CheckedContinuation<Result<Range<SequenceNumber>, LogError>, Never>
    }

    private struct Follower {
        var end: SequenceNumber
        var continuation: CheckedContinuation<SequenceNumber, Never>
    }

    private let archive: Archive
    private let options: LogOptions

    private let composing = NSLock()
    /// Guarded by `composing`.
    private var composer: CommitComposer

    private let writing = NSLock()
    /// Guarded by `writing`.
    private var target: WriteTarget

    private let door = NSCondition()
    // All guarded by `door`.
    private var waiting: [Waiting] = []
    private var durable: SequenceNumber
    private var broken: LogError?
    private var isClosing = false
    private var isAbandoned = false
    private var hasPaused = false
    private var runningThreads = 0
    private var isOver = false
    private var closers: [CheckedContinuation<Result<Void, LogError>, Never>] = []
    private var followers: [Int: Follower] = [:]
    private var cancelledTickets: Set<Int> = []
    private var tickets = 0

    init(_ archive: Archive, lock: WriterLock, options: LogOptions, end: LogEnd) {
        self.archive = archive
        self.options = options
        composer = CommitComposer(after: end, options: options)
        target = WriteTarget(archive, lock: lock)
        durable = end.next
    }

    func start() {
        withDoor { runningThreads = 2 }
        for number in 1...2 {
            let thread = Thread { [self] in run() }
            thread.name = "stele log \(number)"
            thread.start()
        }
    }

    // MARK: - Callers

    private func withDoor<Result>(_ body: () -> Result) -> Result {
        door.lock()
        defer { door.unlock() }
        return body()
    }

    var durableEnd: SequenceNumber { withDoor { durable } }
    var failure: LogError? { withDoor { broken } }

    func enqueue(_ entry: Waiting) {
        let isTaken = withDoor {
            guard !isClosing else { return false }
            waiting.append(entry)
            door.signal()
            return true
        }
        guard !isTaken else { return }
        entry.continuation.resume(returning: .failure(closedError))
    }

    private var closedError: LogError {
        LogError(
            .closed, file: archive.logPath, what: "the log was closed", remedy: "Open the archive again.")
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

    func close(_ continuation: CheckedContinuation<Result<Void, LogError>, Never>) {
        let wasOver = withDoor {
            isClosing = true
            if !isOver { closers.append(continuation) }
            door.broadcast()
            return isOver
        }
        if wasOver { continuation.resume(returning: .success(())) }
    }

    func abandon() {
        withDoor {
            isClosing = true
            isAbandoned = true
            door.broadcast()
        }
    }

    // MARK: - The two threads

    private func run() {
        while carryCommit() {}
        threadIsDone()
    }

    /// Carries one commit from the waiting batches to their callers.
    ///
    /// - Returns: False when the writer is closed and nothing waits any more.
    private func carryCommit() -> Bool {
        composing.lock()
        let group = takeWaiting()
        guard !group.isEmpty else {
            pauseOnce()
            composing.unlock()
            return false
        }
        let first: SequenceNumber
        let image: CommitImage
        do throws(LogError) {
            try reopenIfBroken()
            first = composer.next
            image = composer.compose(group.map(\.batch))
        } catch {
            composing.unlock()
            fail(group, with: error)
            return true
        }
        writing.lock()
        composing.unlock()
        let failure = write(image)
        writing.unlock()
        if let failure {
            fail(group, with: failure)
        } else {
            acknowledge(group, from: first)
        }
        return true
    }

    /// Waits for batches and takes as many as make one commit; none when the writer is closing.
    private func takeWaiting() -> [Waiting] {
        withDoor {
            while waiting.isEmpty && !isClosing { door.wait() }
            var byteCount = 0
            let taken = waiting.prefix { entry in
                defer { byteCount += entry.batch.byteCount }
                return byteCount < options.commitByteCount
            }
            waiting.removeFirst(taken.count)
            return Array(taken)
        }
    }

    /// Writes and syncs; `writing` is held.
    private func write(_ image: CommitImage) -> LogError? {
        // A commit before this one failed while this one was being composed: its bytes belong behind it.
        if let broken = failure { return broken }
        do throws(FileFailure) {
            try target.write(image)
        } catch {
            let failure = LogError(error, sequence: durableEnd)
            withDoor { broken = failure }
            return failure
        }
        let woken = withDoor {
            durable = image.end
            let woken = followers.filter { $0.value.end < durable }
            for ticket in woken.keys { followers[ticket] = nil }
            return woken
        }
        for follower in woken.values { follower.continuation.resume(returning: image.end) }
        return nil
    }

    /// Takes the log back to the last acknowledged record after a failure; `composing` is held and `writing` is not.
    private func reopenIfBroken() throws(LogError) {
        guard failure != nil else { return }
        writing.lock()
        defer { writing.unlock() }
        target.forget()
        var recovery = Recovery(archive, options: options, acknowledgedEnd: durableEnd)
        let end = try recovery.run()
        guard end.next == durableEnd else {
            throw .damaged(
                archive.logPath, at: end.next, "acknowledged records are missing after a failed write")
        }
        composer = CommitComposer(after: end, options: options)
        withDoor { broken = nil }
    }

    private func acknowledge(_ group: [Waiting], from first: SequenceNumber) {
        var start = first
        for entry in group {
            let end = start.advanced(by: entry.batch.count)
            entry.continuation.resume(returning: .success(start..<end))
            start = end
        }
    }

    private func fail(_ group: [Waiting], with error: LogError) {
        for entry in group { entry.continuation.resume(returning: .failure(error)) }
    }

    // MARK: - The end

    /// Closes the running member in good order; `composing` is held.
    private func pauseOnce() {
        let isFirst = withDoor {
            guard !hasPaused, !isAbandoned else { return false }
            hasPaused = true
            return true
        }
        guard isFirst else { return }
        // The commit in flight ends first: what it leaves behind, if it fails, is taken back here.
        writing.lock()
        writing.unlock()
        do throws(LogError) {
            try reopenIfBroken()
        } catch {
            // Still broken, which `close` reports; the next writer recovers.
            return
        }
        writing.lock()
        defer { writing.unlock() }
        if let image = composer.pause() { _ = write(image) }
        target.trim()
    }

    private func threadIsDone() {
        let isLast = withDoor {
            runningThreads -= 1
            return runningThreads == 0
        }
        guard isLast else { return }
        writing.lock()
        target.release()
        writing.unlock()
        let (closers, followers, result, end) = withDoor {
            defer {
                self.closers = []
                self.followers = [:]
                isOver = true
            }
            let result: Result<Void, LogError> = broken.map { .failure($0) } ?? .success(())
            return (self.closers, self.followers.values.map(\.continuation), result, durable)
        }
        for closer in closers { closer.resume(returning: result) }
        for follower in followers { follower.resume(returning: end) }
    }
}

/// The file that commits go to.
struct WriteTarget {
    private let archive: Archive
    private var lock: WriterLock?
    private var segment: SegmentFile?
    private var end: Int64 = 0
    private var reservedEnd: Int64 = 0

    /// Disk blocks are asked for this many bytes at a time, so that a sync need not record a new size map.
    private static let reservation: Int64 = 4 * 1024 * 1024

    init(_ archive: Archive, lock: WriterLock) {
        self.archive = archive
        self.lock = lock
    }

    /// Puts a commit on stable storage.
    mutating func write(_ image: CommitImage) throws(FileFailure) {
        let file = try file(for: image)
        end = image.offset + Int64(image.bytes.count)
        if end > reservedEnd {
            file.reserve(from: image.offset, byteCount: end - image.offset + Self.reservation)
            reservedEnd = end + Self.reservation
        }
        try file.write(image.bytes, at: image.offset)
        try file.sync()
        // The folder too: until it is synced, a new file's name is not durable.
        if image.offset == 0 { try archive.files.syncFolder(archive.logPath) }
        try lock?.publish(
            DurableEnd(sequence: image.end, segment: image.segment, offset: end, memberCRC: image.memberCRC))
        if image.sealsSegment { trim() }
    }

    private mutating func file(for image: CommitImage) throws(FileFailure) -> any OpenFile {
        if let segment, segment.first == image.segment { return segment.file }
        let file = try archive.files.open(
            archive.segmentPath(image.segment), image.offset == 0 ? .create(isPrivate: false) : .update)
        segment = SegmentFile(file: file, first: image.segment)
        reservedEnd = 0
        return file
    }

    /// Gives back the disk blocks asked for and not used.
    func trim() {
        // Only room is lost when it fails; the bytes are synced.
        try? segment?.file.truncate(to: end)
    }

    /// Closes the file, so that the next write opens it anew.
    mutating func forget() { segment = nil }

    /// Closes the file and gives up the lock.
    mutating func release() {
        segment = nil
        lock = nil
    }
}
