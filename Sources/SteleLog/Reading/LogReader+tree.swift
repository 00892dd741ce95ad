// SPDX-License-Identifier: Apache-2.0

extension LogReader {
    /// The tree over the first `size` records.
    ///
    /// The member that holds the last of them says where the tree stands before it, so little is hashed.
    ///
    /// - Parameter size: At most ``end()``.
    /// - Returns: Nil when the log does not reach so far, or is damaged there.
    /// - Throws: ``LogError`` when a file cannot be read.
    package func frontier(at size: UInt64) throws(LogError) -> TreeFrontier? {
        guard size > 0 else { return TreeFrontier() }
        let last = SequenceNumber(size - 1)
        guard let first = try archive.segments().last(where: { $0 <= last }) else { return nil }
        let segment = try SegmentFile(archive, first)
        guard
            let place = try segment.lastMemberPlace(
                before: try segment.size(), where: { $0.sequence <= last })
        else { return nil }
        var frontier = place.header.frontier
        var cursor = try cursor(from: place.header.sequence)
        while frontier.size < size {
            guard case .lines(let lines)? = try cursor.next() else { return nil }
            frontier.append(lines, through: last)
        }
        return frontier
    }

    /// The root of the tree over a range of records, all of which are read.
    ///
    /// - Parameter range: Not empty, and before ``end()``.
    /// - Returns: Nil when one of them cannot be read.
    /// - Throws: ``LogError`` when a file cannot be read.
    package func subtree(_ range: Range<UInt64>) throws(LogError) -> TreeHash? {
        var frontier = TreeFrontier()
        var cursor = try cursor(from: SequenceNumber(range.lowerBound))
        while frontier.size < UInt64(range.count) {
            guard case .lines(let lines)? = try cursor.next() else { return nil }
            frontier.append(lines, through: SequenceNumber(range.upperBound - 1))
        }
        return frontier.root
    }

    /// The log's size and root now, to be signed and kept elsewhere.
    package func checkpoint() throws(LogError) -> Checkpoint {
        let size = try end().rawValue
        guard let frontier = try frontier(at: size) else {
            throw .damaged("log", at: SequenceNumber(size), "the log cannot be read to its end")
        }
        return Checkpoint(origin: archive.origin, size: size, root: frontier.root)
    }

    /// Whether the log still begins with exactly the records that `checkpoint` states.
    package func matches(_ checkpoint: Checkpoint) throws(LogError) -> Bool {
        guard checkpoint.origin == archive.origin else { return false }
        return try frontier(at: checkpoint.size)?.root == checkpoint.root
    }
}
