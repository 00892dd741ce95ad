// SPDX-License-Identifier: Apache-2.0

/// Appends records and returns their sequences once they are on stable storage.
///
/// ```
/// append ─┐                   compose 1 ─ compose 2 ─── compose 3 ─ …         a thread for each step
/// append ─┼─▶ waiting batches           ╲ compress 1 ╌╌ compress 2 ── …       hands commits on to the next
/// append ─┘                                          ╲ write, sync 1 ─ …
/// ```
///
/// Three threads, one for each step of ``CommitPipeline``: the first takes whatever waits and composes a commit of it,
/// the second compresses it, the third writes and syncs it and wakes the callers. While one commit is being synced, the
/// next is compressed. A small commit that comes alone is carried all the way by the first. There is no timer: a commit
/// holds what arrived while those before it were on their way.
///
/// After a failed write or sync nothing more is acknowledged until the file was opened again, read back and cut to
/// the last acknowledged record. Every append tries that first, so writing goes on by itself when the disk has
/// room again.
package final class LogWriter: Sendable {
    private let pipeline: CommitPipeline

    /// What opening had to cut or complete; nil when the last writer closed in good order.
    package let recovery: LogRecovery?

    /// Locks the archive and takes the log back to its last whole commit.
    ///
    /// - Throws: ``LogError``, with `.lockedByAnotherProcess` naming the holder.
    package static func open(_ archive: Archive, options: LogOptions = LogOptions()) throws(LogError)
        -> LogWriter
    {
        let lock = try WriterLock(archive)
        var recovery = Recovery(archive, options: options, published: lock.publishedBefore)
        let end = try recovery.run()
        let pipeline = CommitPipeline(archive, lock: lock, options: options, end: end)
        do throws(FileFailure) {
            try lock.publish(end.durable)
        } catch {
            throw LogError(error)
        }
        try pipeline.sealIfFull()
        pipeline.start()
        return LogWriter(pipeline, recovery: recovery.report)
    }

    private init(_ pipeline: CommitPipeline, recovery: LogRecovery?) {
        self.pipeline = pipeline
        self.recovery = recovery
    }

    // A writer dropped without `close` stops like a process that was killed; the next one recovers.
    deinit { queue.abandon() }

    private var queue: AppendQueue { pipeline.queue }

    /// Appends records in order, without others between them.
    ///
    /// - Parameter batch: At most ``ReadingOptions/largestBatch``, which no reader refuses.
    /// - Returns: The sequences given. No crash or power loss after this loses them.
    /// - Throws: ``LogError``; no record of the batch is in the log then, or will be, unless the process is
    ///   killed before the next append has taken the log back.
    package func append(_ batch: LineBatch) async throws(LogError) -> Range<SequenceNumber> {
        guard !batch.isEmpty else { return durableEnd..<durableEnd }
        guard batch.byteCount + batch.count * CommitLines.lineOverhead <= ReadingOptions.largestBatch else {
            throw LogError(
                .tooLarge, file: "log",
                what: "a batch of \(batch.byteCount) bytes is more than one commit holds",
                remedy: "Record it in smaller batches, none above \(ReadingOptions.largestBatch) bytes.")
        }
        let queue = queue
        return try await withCheckedContinuation { continuation in
            queue.enqueue(AppendQueue.Waiting(batch: batch, continuation: continuation))
        }.get()
    }

    /// The sequence after the last durable record.
    package var durableEnd: SequenceNumber { queue.durableEnd }

    /// Why the last append failed, while no later one has succeeded.
    package var failure: LogError? { queue.failure }

    /// Waits until records from `end` on are durable.
    ///
    /// - Parameter end: A ``durableEnd`` seen before: the sequence the caller wants next.
    /// - Returns: The new ``durableEnd``; the same as before when the writer closes or the task is cancelled.
    package func waitForRecords(past end: SequenceNumber) async -> SequenceNumber {
        let queue = queue
        let ticket = queue.nextTicket()
        defer { queue.endWait(ticket) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { queue.wait(past: end, ticket: ticket, $0) }
        } onCancel: {
            queue.cancelWait(ticket)
        }
    }

    /// Why a sealed segment could not be written anew; nil when none failed.
    ///
    /// Nothing is lost by it but room on the disk: the next writer tries again.
    package var rewriteFailure: LogError? { pipeline.rewriter?.failure }

    /// Waits until all sealed segments are written anew, as small as they become.
    ///
    /// - Parameter progress: Told how many are still to be done, whenever that changes.
    package func finishRewriting(progress: @escaping @Sendable (_ left: Int) -> Void = { _ in }) async {
        guard let rewriter = pipeline.rewriter else { return }
        await withCheckedContinuation { rewriter.whenIdle($0, progress: progress) }
    }

    /// Makes everything taken in durable, closes the running member, and gives up the lock.
    ///
    /// Appends that come later throw `.closed`. Closing twice does nothing.
    package func close() async throws(LogError) {
        let queue = queue
        try await withCheckedContinuation { queue.close($0) }.get()
    }
}
