// SPDX-License-Identifier: Apache-2.0

/// The records of one commit as lines, and the tree before and after them.
struct ComposedCommit {
    var lines = CommitLines()
    /// Number of the first record, and the number after the last.
    var first = SequenceNumber.zero
    var end = SequenceNumber.zero
    /// When the first of them was captured, and when the last: one and the same while they are written live.
    var time = CaptureTime(microseconds: .min)
    var lastTime = CaptureTime(microseconds: .min)
    /// The tree over all records before this commit.
    var frontierBefore = TreeFrontier()
    /// The tree over all records up to its last one.
    var frontier = TreeFrontier()

    /// Takes whole commits that were read from the log, the ones after those before.
    mutating func take(_ read: LogLines, from time: CaptureTime, to lastTime: CaptureTime) {
        lines = CommitLines(read)
        first = read.first
        end = read.end
        self.time = time
        self.lastTime = lastTime
        frontierBefore = frontier
        lines.appendLeaves(to: &frontier)
    }
}

/// The first of the three steps of a commit: gives batches their numbers, their time, their lines and their leaves.
///
/// It knows nothing of members and files: ``SegmentComposer`` compresses what comes out of it.
struct CommitComposer {
    private let clock: @Sendable () -> Int64
    private var time: CaptureTime
    private var frontier: TreeFrontier
    /// The number the next record gets.
    private(set) var next: SequenceNumber

    init(after end: LogEnd, clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
        time = end.time
        frontier = end.frontier
        next = end.next
    }

    /// Lays out one commit of all records of `batches`, which hold at least one.
    ///
    /// - Parameters:
    ///   - batches: In the order in which they get their numbers.
    ///   - commit: Overwritten; its room is used again.
    mutating func compose(_ batches: [LineBatch], into commit: inout ComposedCommit) {
        // Never back: a clock that was set back, or two machines that do not agree, must not unsort the log.
        time = max(time, Self.writable(clock()))
        commit.lines.lay(batches, first: next, time: time)
        commit.frontierBefore = frontier
        commit.lines.appendLeaves(to: &frontier)
        commit.first = next
        next = next.advanced(by: commit.lines.ends.count)
        commit.end = next
        commit.time = time
        commit.lastTime = time
        commit.frontier = frontier
    }

    /// The time, kept within the years that four digits hold.
    private static func writable(_ microseconds: Int64) -> CaptureTime {
        let range = CaptureTime.writable
        return min(max(CaptureTime(microseconds: microseconds), range.lowerBound), range.upperBound)
    }
}
