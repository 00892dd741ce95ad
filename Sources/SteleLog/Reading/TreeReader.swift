// SPDX-License-Identifier: Apache-2.0

/// Computes parts of the tree from the log, reading a member or two for each.
///
/// Every header holds the frontier of the tree before its member. Of a subtree, the last header within it leaves only
/// the lines between that header and the subtree's end to be hashed:
///
/// ```
/// records   a ─────────────────── s ────── b
///           └ whole subtrees ─────┘└ lines ┘
///             from the header at s   of one member
/// ```
///
/// It reads what is durable, of the segments that are there when it is made, and remembers the leaves of the member it
/// read last: the lower levels of a proof lie in one.
struct TreeReader {
    private let archive: Archive
    private let segments: [SequenceNumber]
    private let inflater = Inflater()
    private var indices: [SequenceNumber: MemberIndex] = [:]
    private var member = Member(first: .zero, leaves: [])

    /// Segments whose headers' places are remembered: more than one proof needs.
    private static let indexLimit = 64

    private struct Member {
        var first: SequenceNumber
        var leaves: [TreeHash]
    }

    init(_ archive: Archive) throws(LogError) {
        self.archive = archive
        segments = try archive.segments()
    }

    /// The root of the tree over a range of records.
    ///
    /// - Parameter range: Not empty, and before the log's end.
    /// - Returns: The hash that stands for all of them.
    /// - Throws: ``LogError`` with `.damaged` when one of the records cannot be read.
    mutating func root(of range: Range<UInt64>) throws(LogError) -> TreeHash { try tree(over: range).root }

    /// The leaf of one record.
    mutating func leaf(_ sequence: UInt64) throws(LogError) -> TreeHash {
        try tree(over: sequence..<(sequence + 1)).root
    }

    /// The tree over a range of records, as if its first one were the first of the log.
    ///
    /// Any range will do. Those that proofs ask for, a whole subtree or one at the right edge, cost one member.
    mutating func tree(over range: Range<UInt64>) throws(LogError) -> TreeFrontier {
        guard !range.isEmpty else { return TreeFrontier() }
        var tree = try start(of: range)
        var next = range.lowerBound + tree.size
        while next < range.upperBound {
            try readMember(with: SequenceNumber(next))
            let read = Int(next - member.first.rawValue)
            let wanted = Int(range.upperBound - member.first.rawValue)
            for leaf in member.leaves[read..<min(wanted, member.leaves.count)] { tree.append(leaf: leaf) }
            next = range.lowerBound + tree.size
        }
        return tree
    }

    /// As much of the tree over a range as a header knows.
    private mutating func start(of range: Range<UInt64>) throws(LogError) -> TreeFrontier {
        // A header at the range's very end serves where the tree before it has not grown over the range's start.
        for end in [range.upperBound, range.upperBound - 1] {
            guard let place = try lastPlace(atOrBefore: SequenceNumber(end)),
                place.header.sequence.rawValue > range.lowerBound
            else { continue }
            if let tree = place.header.frontier.part(from: range.lowerBound) { return tree }
        }
        return TreeFrontier()
    }

    private mutating func lastPlace(atOrBefore sequence: SequenceNumber) throws(LogError) -> SegmentFile
        .Place?
    {
        for first in segments.reversed() where first <= sequence {
            if let place = try index(of: first).lastPlace(atOrBefore: sequence) { return place }
        }
        return nil
    }

    private mutating func index(of first: SequenceNumber) throws(LogError) -> MemberIndex {
        if let index = indices[first] { return index }
        let index = try MemberIndex(SegmentFile(archive, first))
        if indices.count == Self.indexLimit { indices = [:] }
        indices[first] = index
        return index
    }

    /// Reads the member with the record `sequence`, as far as it goes now.
    private mutating func readMember(with sequence: SequenceNumber) throws(LogError) {
        if member.first <= sequence, sequence < member.first.advanced(by: member.leaves.count) { return }
        guard let first = segments.last(where: { $0 <= sequence }) else {
            throw .damaged("log", at: sequence, "the segment with this record is missing")
        }
        let index = try index(of: first)
        guard let place = try index.lastPlace(atOrBefore: sequence), place.header.kind == .lines else {
            throw .damaged(index.segment.name, at: sequence, "the member with this record cannot be found")
        }
        member = Member(first: place.header.sequence, leaves: try leaves(of: place, in: index.segment))
        guard sequence < member.first.advanced(by: member.leaves.count) else {
            throw .damaged(index.segment.name, at: sequence, "the record cannot be read")
        }
    }

    private func leaves(of place: SegmentFile.Place, in segment: SegmentFile) throws(LogError) -> [TreeHash] {
        var scan = MemberScan(place.header, inflater: inflater)
        var offset = place.bodyOffset
        var leaves: [TreeHash] = []
        while scan.state == .hungry {
            let bytes = try segment.bytes(at: offset, count: 64 * 1024)
            guard !bytes.isEmpty else { break }
            offset += Int64(bytes.withUnsafeBytes { scan.feed($0) })
            while let lines = scan.takeCommits() {
                lines.forEachLine { leaves.append(TreeHash(leaf: $0)) }
            }
        }
        return leaves
    }
}

extension TreeFrontier {
    /// The part of the tree that covers the records from `start` on, as a tree of its own.
    ///
    /// - Returns: Nil when it cannot be told: a whole subtree reaches over `start`, or the part would be split
    ///   into whole subtrees in another way.
    func part(from start: UInt64) -> TreeFrontier? {
        guard start <= size else { return nil }
        let count = size - start
        // `start` is a multiple of a power of two larger than `count`: then the lowest bits of the size are `count`.
        guard start == 0 || count < start & (0 &- start) else { return nil }
        return TreeFrontier(size: count, hashes: Array(hashes.suffix(count.nonzeroBitCount)))
    }
}

extension LogLines {
    fileprivate func forEachLine(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end + 1
            }
        }
    }
}
