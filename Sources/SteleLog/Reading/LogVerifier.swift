// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Checks every bit of the log against its sums, its sequence and its tree.
///
/// Each member is checked by itself, on all processors: its header says where the sequence and the tree stand
/// before it, so what it must lead to is what the next header says. Of a live log, what is durable is checked.
///
/// What is good is proven by ``StretchCheck``, on all threads. A segment in which something is not is gone through
/// again by ``SegmentCheck``, which names it.
///
/// What a log cannot show by itself is that it was rewritten as a whole, or cut at a commit after its `lock` file
/// was lost: a checkpoint kept elsewhere shows that.
///
/// Bounded memory, whatever the log's size: each thread holds a stretch of it, and one of them a damaged commit of
/// up to ``ReadingOptions/commitByteLimit``.
package struct LogVerifier: Sendable {
    private let archive: Archive
    private let threadCount: Int
    private let options: ReadingOptions
    /// What is known of the writer, by whoever holds its lock; nil to look.
    var sighting: WriterLock.Sighting?

    package init(
        _ archive: Archive, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
        options: ReadingOptions = ReadingOptions()
    ) {
        self.archive = archive
        self.threadCount = max(1, threadCount)
        self.options = options
    }

    /// Checks the whole log.
    ///
    /// - Parameter progress: Told compressed bytes checked and to check in all, often, on this thread.
    /// - Returns: All that is wrong, and the root.
    /// - Throws: ``LogError`` when a file cannot be read at all.
    package func run(progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }) throws(LogError)
        -> LogVerification
    {
        let scope = try VerificationScope(archive, options: options, sighting: sighting)
        let queue = VerificationQueue(sizes: scope.sizes)
        var settlement = Settlement(scope)
        let total = scope.sizes.reduce(0, +)
        let helpers = startHelpers(scope, queue)
        do throws(LogError) {
            let check = StretchCheck()
            while let job = queue.next() {
                try Self.perform(job, scope, queue, check)
                try settlement.settle(queue)
                progress(queue.doneBytes, total)
            }
        } catch {
            queue.giveUp(error)
        }
        helpers.wait()
        try queue.rethrow()
        try settlement.settle(queue)
        progress(total, total)
        return try settlement.finish()
    }

    /// Starts all threads but the one that asked for the work.
    private func startHelpers(_ scope: VerificationScope, _ queue: VerificationQueue) -> DispatchGroup {
        let helpers = DispatchGroup()
        for number in 1..<threadCount {
            helpers.enter()
            let thread = Thread {
                defer { helpers.leave() }
                let check = StretchCheck()
                do throws(LogError) {
                    while let job = queue.next() { try Self.perform(job, scope, queue, check) }
                } catch {
                    queue.giveUp(error)
                }
            }
            thread.name = "stele verify \(number)"
            thread.start()
        }
        return helpers
    }

    private static func perform(
        _ job: VerificationQueue.Job, _ scope: VerificationScope, _ queue: VerificationQueue,
        _ check: StretchCheck
    ) throws(LogError) {
        switch job {
        case .plan(let segment): queue.planned(segment, try scope.check(segment).plan())
        case .prove(let segment, let part, let stretch):
            queue.proved(segment, part, try check.prove(stretch))
        }
    }
}

/// Joins what was found of the segments together, in their order.
private struct Settlement {
    private let scope: VerificationScope
    private var result = LogVerification()
    /// Where the log stands after the segments settled so far; nil after damage.
    private var expected: LogState? = LogState()
    private var settledCount = 0

    init(_ scope: VerificationScope) {
        self.scope = scope
        result.problems = scope.strangers
    }

    /// Settles the segments whose findings are there, as far as no other is before them.
    mutating func settle(_ queue: VerificationQueue) throws(LogError) {
        while let finding = queue.takeFinding(settledCount) {
            try settle(settledCount, finding)
            settledCount += 1
        }
    }

    private mutating func settle(_ index: Int, _ finding: SegmentFinding) throws(LogError) {
        let first = scope.segments[index]
        if let known = expected, known.next != first, scope.segments.contains(known.next) {
            result.problems.append(
                LogProblem(
                    segment: "log/" + Archive.segmentName(first), sequence: first,
                    what: "the segment does not belong here: those before and after it join without it",
                    lost: first..<first))
            return
        }
        if let known = expected, known.next != first {
            let isMissing = first > known.next
            result.problems.append(
                LogProblem(
                    segment: "log/" + Archive.segmentName(first), sequence: known.next,
                    what: isMissing
                        ? "records \(known.next) to \(SequenceNumber(first.rawValue - 1)) are missing: a segment was removed"
                        : "the segment begins before the one before it ends",
                    lost: known.next..<(isMissing ? first : known.next)))
            expected = nil
        }
        let outcome: SegmentCheck.Outcome
        switch finding {
        case .proven(let start, let end, let rest) where start.next == first && (expected ?? start) == start:
            result.records += end.next.distance(from: start.next)
            guard !rest.isEmpty else {
                expected = end
                return
            }
            outcome = try scope.check(index).run(rest[...], from: end)
        case .proven, .doubtful: outcome = try scope.check(index).run(from: expected)
        }
        result.problems += outcome.problems
        result.records += outcome.records
        expected = outcome.end
    }

    /// Compares the log's end with what its last writer said was durable.
    mutating func finish() throws(LogError) -> LogVerification {
        if let expected {
            result.end = expected.next
            result.root = expected.frontier.root
        }
        guard let published = scope.published else { return result }
        let lost = expected.map { $0.next..<max($0.next, published.sequence) }
        guard published.offset > 0 else {
            // The last segment is sealed, and the next has no file yet.
            if let expected, expected.next < published.sequence {
                note(scope.segments.last ?? expected.next, expected.next, Self.missing(published), lost: lost)
            }
            return result
        }
        guard let index = scope.segments.firstIndex(of: published.segment) else {
            note(
                published.segment, published.segment, "the segment is missing: its writer left it",
                lost: published.segment..<max(published.segment, published.sequence))
            return result
        }
        // Where the log ends; or, when it does not hold together, where its last segment stops doing so.
        let named = result.problems.last { $0.segment == "log/" + Archive.segmentName(published.segment) }?
            .sequence
        if scope.sizes[index] < published.offset, try !isSealed(index, since: published) {
            // Bytes that are missing further in were named there.
            if let expected, expected.next >= published.sequence, named != nil { return result }
            note(
                published.segment, expected?.next ?? named ?? published.segment,
                "\(published.offset - scope.sizes[index]) bytes that were durable are cut from its end",
                lost: lost)
        } else if let expected, expected.next < published.sequence {
            note(published.segment, expected.next, Self.missing(published), lost: lost)
        }
        return result
    }

    private static func missing(_ published: DurableEnd) -> String {
        "acknowledged records are missing, up to \(published.sequence)"
    }

    private mutating func note(
        _ segment: SequenceNumber, _ sequence: SequenceNumber, _ what: String, lost: Range<SequenceNumber>?
    ) {
        result.problems.append(
            LogProblem(
                segment: "log/" + Archive.segmentName(segment), sequence: sequence, what: what, lost: lost))
    }

    /// Whether the segment was sealed behind the records that are durable, and may have been written smaller since.
    private func isSealed(_ index: Int, since published: DurableEnd) throws(LogError) -> Bool {
        guard let mark = try scope.check(index).segment.mark(endingAt: scope.sizes[index]) else {
            return false
        }
        return mark.header.kind == .end && mark.header.sequence >= published.sequence
    }
}
