// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The threads behind a ``LogWriter``, and the three steps through which commits go.
///
/// ```
///                 thread 1                 thread 2              thread 3
/// queue ─▶ compose: numbers,     ─▶ compress: members ─▶ write and sync ─▶ acknowledge
///          lines, tree
/// ```
///
/// While one commit is being synced, the next is compressed and the one after that composed; each step belongs to
/// one thread, so commits never pass each other. A small commit that comes alone does not change threads: the first
/// carries it all the way.
///
/// Unchecked because the compiler cannot see whose state is whose: it is written at each property.
final class CommitPipeline: @unchecked Sendable {
    let queue: AppendQueue
    private let archive: Archive
    private let options: LogOptions

    /// The first thread's.
    private var composer: CommitComposer
    /// The second thread's; the first one's while nothing is under way.
    private var segments: SegmentComposer
    /// The third thread's; the first one's while nothing is under way.
    private var target: WriteTarget
    /// Up to where the log is durable; whose it is, goes with `target`.
    private var published: DurableEnd

    private let composed = Handover<Commit>()
    private let compressed = Handover<Commit>()
    /// Writes sealed segments anew, on a thread of its own; nil where they stay as they are.
    let rewriter: SealedRewriter?
    /// Commits that left the first thread and are not yet acknowledged or refused.
    private let underWay = UnderWay()

    /// A commit on its way, and who waits for it.
    private struct Commit: Sendable {
        var group: [AppendQueue.Waiting]
        var lines = ComposedCommit()
        var image = CommitImage()
    }

    /// Uncompressed bytes up to which a sync takes longer than everything before it: changing threads gains nothing.
    private static let smallByteCount = 16 * 1024

    init(_ archive: Archive, lock: WriterLock, options: LogOptions, end: LogEnd) {
        self.archive = archive
        self.options = options
        composer = CommitComposer(after: end, clock: options.clock)
        segments = SegmentComposer(after: end, options: options)
        target = WriteTarget(archive, lock: lock, options: options)
        published = end.durable
        rewriter = SealedRewriter(archive, options: options)
        queue = AppendQueue(
            durable: end.next,
            closed: LogError(
                .closed, file: archive.logPath, what: "the log was closed", remedy: "Open the archive again.")
        )
    }

    /// Seals the segment where there is no room in it for another member, before anything is under way.
    func sealIfFull() throws(LogError) {
        guard let image = segments.sealIfFull() else { return }
        if let failure = write(image) { throw failure }
    }

    func start() {
        for (name, body) in [("compose", compose), ("compress", compress), ("write", write)] {
            let thread = Thread { body() }
            thread.name = "stele log \(name)"
            thread.start()
        }
        rewriter?.start()
    }

    // MARK: - The three threads

    private func compose() {
        while true {
            // Not before there is room: what arrives meanwhile joins the commit.
            composed.waitForRoom()
            let group = queue.takeWaiting(byteLimit: options.commitByteCount)
            guard !group.isEmpty else { break }
            do throws(LogError) {
                try reopenIfBroken()
            } catch {
                settle(Commit(group: group), error)
                continue
            }
            var commit = Commit(group: group)
            composer.compose(group.map(\.batch), into: &commit.lines)
            if commit.lines.lines.bytes.count <= Self.smallByteCount, underWay.isNothing {
                segments.compose(commit.lines, into: &commit.image)
                settle(commit, write(commit.image))
            } else {
                underWay.began()
                composed.put(commit)
            }
        }
        pause()
        composed.close()
    }

    private func compress() {
        while var commit = composed.take() {
            segments.compose(commit.lines, into: &commit.image)
            compressed.put(commit)
        }
        compressed.close()
    }

    private func write() {
        while let commit = compressed.take() {
            let failure = write(commit.image)
            // Before anybody is told: whoever hears of it may send the next one alone.
            underWay.ended()
            settle(commit, failure)
        }
        // While the lock is still held: nobody else may do the same work.
        rewriter?.stop()
        target.release()
        queue.isOver()
    }

    // MARK: - What they do

    /// Writes and syncs.
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
        published = image.durable
        queue.setDurable(image.end)
        if image.sealsSegment { rewriter?.add(image.segment) }
        return nil
    }

    /// Tells those who wait for a commit what became of it.
    private func settle(_ commit: Commit, _ failure: LogError?) {
        var start = commit.lines.first
        for entry in commit.group {
            let end = start.advanced(by: entry.batch.count)
            entry.continuation.resume(returning: failure.map { .failure($0) } ?? .success(start..<end))
            start = end
        }
    }

    /// Takes the log back to the last acknowledged record after a failure.
    private func reopenIfBroken() throws(LogError) {
        guard queue.failure != nil else { return }
        // Those behind the one that failed fail too.
        underWay.waitForNothing()
        target.forget()
        let durable = queue.durableEnd
        var recovery = Recovery(
            archive, options: options, acknowledgedEnd: durable, published: published)
        let end = try recovery.run()
        guard end.next == durable else {
            throw .damaged(
                archive.logPath, at: end.next, "acknowledged records are missing after a failed write")
        }
        composer = CommitComposer(after: end, clock: options.clock)
        segments = SegmentComposer(after: end, options: options)
        queue.setFailure(nil)
        try sealIfFull()
    }

    /// Closes the running member in good order.
    private func pause() {
        guard !queue.leavesLogOpen else { return }
        // The commits on their way end first: what they leave behind, if one fails, is taken back here.
        underWay.waitForNothing()
        do throws(LogError) {
            try reopenIfBroken()
        } catch {
            // Still broken, which `close` reports; the next writer recovers.
            return
        }
        if let image = segments.pause() { _ = write(image) }
    }
}
