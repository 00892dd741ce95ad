// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The threads behind a ``LogWriter``, and the three steps through which they carry commits.
///
/// ```
/// waiting batches ─▶ compose: numbers, lines, tree ─▶ compress: members ─▶ write and sync ─▶ acknowledge
///                    └ behind `composing` ─────────┘  └ `compressing` ───┘  └ `writing` ─┘
/// ```
///
/// Each thread carries one commit all the way and takes the lock of the next step before it lets go of the last
/// one, so commits never pass each other, and while one is being synced the next is compressed and the one after
/// that composed.
///
/// Unchecked because the compiler cannot see which lock guards what: it is written at each property.
final class CommitPipeline: @unchecked Sendable {
    let queue: AppendQueue
    private let archive: Archive
    private let options: LogOptions

    private let composing = NSLock()
    /// Guarded by `composing`.
    private var composer: CommitComposer
    /// Guarded by `composing`.
    private var hasPaused = false

    private let compressing = NSLock()
    /// Guarded by `compressing`.
    private var segments: SegmentComposer

    private let writing = NSLock()
    /// Guarded by `writing`.
    private var target: WriteTarget

    private static let threadCount = 3

    init(_ archive: Archive, lock: WriterLock, options: LogOptions, end: LogEnd) {
        self.archive = archive
        self.options = options
        composer = CommitComposer(after: end, clock: options.clock)
        segments = SegmentComposer(after: end, options: options)
        target = WriteTarget(archive, lock: lock)
        queue = AppendQueue(
            durable: end.next, threadCount: Self.threadCount,
            closed: LogError(
                .closed, file: archive.logPath, what: "the log was closed", remedy: "Open the archive again."))
    }

    func start() {
        for number in 1...Self.threadCount {
            let thread = Thread { [self] in run() }
            thread.name = "stele log \(number)"
            thread.start()
        }
    }

    /// What a thread carries its commits in, to use the room again.
    private struct Scratch {
        var commit = ComposedCommit()
        var image = CommitImage()

        /// Gives back the room that a rare large commit took.
        mutating func shrink(to byteLimit: Int) {
            if commit.lines.bytes.capacity > byteLimit { self = Scratch() }
        }
    }

    private func run() {
        var scratch = Scratch()
        while carryCommit(&scratch) { scratch.shrink(to: 8 * options.commitByteCount) }
        queue.threadIsDone {
            writing.lock()
            target.release()
            writing.unlock()
        }
    }

    /// Carries one commit from the waiting batches to their callers.
    ///
    /// - Returns: False when the writer is closed and nothing waits any more.
    private func carryCommit(_ scratch: inout Scratch) -> Bool {
        composing.lock()
        let group = queue.takeWaiting(byteLimit: options.commitByteCount)
        guard !group.isEmpty else {
            pauseOnce()
            composing.unlock()
            return false
        }
        do throws(LogError) {
            try reopenIfBroken()
        } catch {
            composing.unlock()
            fail(group, with: error)
            return true
        }
        composer.compose(group.map(\.batch), into: &scratch.commit)
        compressing.lock()
        composing.unlock()
        segments.compose(scratch.commit, into: &scratch.image)
        writing.lock()
        compressing.unlock()
        let failure = write(scratch.image)
        writing.unlock()
        if let failure {
            fail(group, with: failure)
        } else {
            acknowledge(group, from: scratch.commit.first)
        }
        return true
    }

    /// Writes and syncs; `writing` is held.
    private func write(_ image: CommitImage) -> LogError? {
        // A commit before this one failed while this one was on its way: its bytes belong behind it.
        if let broken = queue.failure { return broken }
        do throws(FileFailure) {
            try target.write(image)
        } catch {
            let failure = LogError(error, sequence: queue.durableEnd)
            queue.setFailure(failure)
            return failure
        }
        queue.setDurable(image.end)
        return nil
    }

    /// Takes the log back to the last acknowledged record after a failure; `composing` alone is held.
    private func reopenIfBroken() throws(LogError) {
        guard queue.failure != nil else { return }
        // With these two, no commit is on its way: those behind the one that failed have failed too.
        compressing.lock()
        writing.lock()
        defer {
            writing.unlock()
            compressing.unlock()
        }
        target.forget()
        let durable = queue.durableEnd
        var recovery = Recovery(archive, options: options, acknowledgedEnd: durable)
        let end = try recovery.run()
        guard end.next == durable else {
            throw .damaged(
                archive.logPath, at: end.next, "acknowledged records are missing after a failed write")
        }
        composer = CommitComposer(after: end, clock: options.clock)
        segments = SegmentComposer(after: end, options: options)
        queue.setFailure(nil)
    }

    private func acknowledge(_ group: [AppendQueue.Waiting], from first: SequenceNumber) {
        var start = first
        for entry in group {
            let end = start.advanced(by: entry.batch.count)
            entry.continuation.resume(returning: .success(start..<end))
            start = end
        }
    }

    private func fail(_ group: [AppendQueue.Waiting], with error: LogError) {
        for entry in group { entry.continuation.resume(returning: .failure(error)) }
    }

    /// Closes the running member in good order; `composing` alone is held.
    private func pauseOnce() {
        guard !hasPaused, !queue.leavesLogOpen else { return }
        hasPaused = true
        // The commits on their way end first: what they leave behind, if one fails, is taken back here.
        compressing.lock()
        writing.lock()
        writing.unlock()
        compressing.unlock()
        do throws(LogError) {
            try reopenIfBroken()
        } catch {
            // Still broken, which `close` reports; the next writer recovers.
            return
        }
        compressing.lock()
        writing.lock()
        defer {
            writing.unlock()
            compressing.unlock()
        }
        if let image = segments.pause() { _ = write(image) }
    }
}
