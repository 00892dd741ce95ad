// SPDX-License-Identifier: Apache-2.0

/// What is wrong in a log, and where.
package struct LogProblem: Hashable, Sendable, CustomStringConvertible {
    /// Path within the archive, `log/000000000000.jsonl.gz`.
    package let segment: String
    /// The first record concerned, where it can be told.
    package let sequence: SequenceNumber?
    package let what: String
    /// The records that cannot be relied on for it; empty when all still read, nil when it cannot be told how many.
    package let lost: Range<SequenceNumber>?

    init(segment: String, sequence: SequenceNumber?, what: String, lost: Range<SequenceNumber>? = nil) {
        self.segment = segment
        self.sequence = sequence
        self.what = what
        self.lost = lost
    }

    package var description: String {
        sequence.map { "\(segment), record \($0): \(what)" } ?? "\(segment): \(what)"
    }

    /// What is good in spite of it: a sentence, about this problem alone.
    package var stands: String {
        guard let lost else {
            return sequence.map { "Records before \($0) are not touched by it." }
                ?? "Which records it touches cannot be told."
        }
        if lost.isEmpty { return "No record is touched by it: all still read as they were written." }
        return lost.lowerBound == .zero
            ? "Records from \(lost.upperBound) on are not touched by it."
            : "Records before \(lost.lowerBound) and from \(lost.upperBound) on are not touched by it."
    }
}

/// The outcome of checking a whole log.
package struct LogVerification: Sendable {
    /// In the order of the log.
    package var problems: [LogProblem] = []
    /// Records that can be read and stand where they belong.
    package var records = 0
    /// Where the log ends.
    package var end = SequenceNumber.zero
    /// Root of the tree over all records; nil when the log does not prove itself to its end.
    package var root: TreeHash?

    package var isIntact: Bool { problems.isEmpty }
}

/// Where sequence and tree stand between two members.
struct LogState: Hashable, Sendable {
    var next = SequenceNumber.zero
    var frontier = TreeFrontier()
}

extension LogState {
    /// Before the member with this header.
    init(before header: MemberHeader) { self.init(next: header.sequence, frontier: header.frontier) }
}
