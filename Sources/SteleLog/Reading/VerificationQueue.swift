// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the threads found of a segment.
enum SegmentFinding: Sendable {
    /// The plan's stretches take the log from one state to another; the members of `rest` are not looked at yet.
    case proven(start: LogState, end: LogState, rest: [SegmentFile.Place])
    /// Something in it is not good, or not told by the stretches alone.
    case doubtful
}

/// The work of checking a log, for the threads that share it.
///
/// Segments are planned as threads run out of stretches, so that two threads are busy with many small segments as with
/// one large one, and little is held of either.
///
/// Unchecked because the compiler cannot see that `door` guards all its state.
final class VerificationQueue: @unchecked Sendable {
    enum Job {
        /// Plan the segment with this index, then call ``planned(_:_:)``.
        case plan(Int)
        /// Prove a stretch of it, then call ``proved(_:_:_:)``.
        case prove(Int, part: Int, Stretch)
    }

    private struct Begun {
        var plan: SegmentPlan
        var proofs: [StretchProof?]
        var open: Int
    }

    private let door = NSCondition()
    // All guarded by `door`.
    private let sizes: [Int64]
    private var unplanned: Range<Int>
    private var planning = 0
    private var waiting: [Job] = []
    private var begun: [Int: Begun] = [:]
    private var findings: [Int: SegmentFinding] = [:]
    private var doneByteCount: Int64 = 0
    private var failure: LogError?

    /// - Parameter sizes: Bytes of each segment.
    init(sizes: [Int64]) {
        self.sizes = sizes
        unplanned = 0..<sizes.count
    }

    private func withDoor<Result>(_ body: () -> Result) -> Result {
        door.lock()
        defer { door.unlock() }
        return body()
    }

    /// The next thing to do, waiting for it where other threads may bring some.
    ///
    /// - Returns: Nil when there is nothing left, or the work was given up.
    func next() -> Job? {
        withDoor {
            while failure == nil {
                if let job = waiting.popLast() { return job }
                if let segment = unplanned.popFirst() {
                    planning += 1
                    return .plan(segment)
                }
                guard planning > 0 else { return nil }
                door.wait()
            }
            return nil
        }
    }

    func planned(_ segment: Int, _ plan: SegmentPlan) {
        withDoor {
            planning -= 1
            if plan.stretches.isEmpty {
                findings[segment] = .doubtful
            } else {
                let count = plan.stretches.count
                begun[segment] = Begun(
                    plan: plan, proofs: Array(repeating: nil, count: count), open: count)
                // The first one is taken first, so that a file is read from its start.
                waiting += (0..<count).reversed().map { .prove(segment, part: $0, plan.stretches[$0]) }
            }
            door.broadcast()
        }
    }

    /// Takes in what became of a stretch: nil where it is not good.
    func proved(_ segment: Int, _ part: Int, _ proof: StretchProof?) {
        withDoor {
            guard var work = begun.removeValue(forKey: segment) else { return }
            work.proofs[part] = proof
            work.open -= 1
            doneByteCount += Int64(work.plan.stretches[part].range.count)
            if work.open > 0 {
                begun[segment] = work
            } else {
                findings[segment] = SegmentFinding(work.plan, work.proofs)
            }
        }
    }

    /// What was found of a segment; nil while that is not known, and after it was given out.
    func takeFinding(_ segment: Int) -> SegmentFinding? {
        withDoor { findings.removeValue(forKey: segment) }
    }

    /// Bytes of stretches checked so far.
    var doneBytes: Int64 { withDoor { doneByteCount } }

    /// Lets every thread stop, because of an error.
    func giveUp(_ error: LogError) {
        withDoor {
            failure = failure ?? error
            door.broadcast()
        }
    }

    /// Throws the error that the work was given up for.
    func rethrow() throws(LogError) {
        if let failure = withDoor({ failure }) { throw failure }
    }
}

extension SegmentFinding {
    /// Joins the stretches of a segment together.
    fileprivate init(_ plan: SegmentPlan, _ proofs: [StretchProof?]) {
        self = .doubtful
        guard let first = proofs.first, let first, first.beginsSegment else { return }
        var end = first.end
        for proof in proofs.dropFirst() {
            guard let proof, proof.start == end else { return }
            end = proof.end
        }
        self = .proven(start: first.start, end: end, rest: plan.rest)
    }
}
