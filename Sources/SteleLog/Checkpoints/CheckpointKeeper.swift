// SPDX-License-Identifier: Apache-2.0

/// Signs the log as it is durable now, and keeps what it signed.
///
/// It never signs two histories: before it signs, the log must still be what the newest kept checkpoint states. And it
/// signs nothing that a header claims: every line since then is read and hashed, up to where the last writer said that
/// the log is durable.
package struct CheckpointKeeper: Sendable {
    private let archive: Archive
    private let key: SigningKey

    package init(_ archive: Archive, key: SigningKey) {
        self.archive = archive
        self.key = key
    }

    /// Makes and keeps a checkpoint of the log's size now, or gives the one that is kept of that size.
    ///
    /// May run beside a writer, and beside others that do the same. Takes as long as reading the records since the
    /// newest one; the first one, as long as reading the log.
    ///
    /// - Throws: ``LogError`` with `.contradictsCheckpoint` when the log is not what was signed before, with `.damaged`
    ///   when its lines do not lead to what its headers state.
    package func keep() throws(LogError) -> CheckpointNote {
        let kept = KeptCheckpoints(archive)
        // In this order: the log is never seen shorter than a checkpoint of it.
        let newest = try kept.sizes().last
        let size = try size(atLeast: newest ?? 0)
        var signed = TreeFrontier()
        if let newest, let note = try kept.note(newest) { signed = try check(note, against: size) }
        if newest != size {
            let now = Checkpoint(
                origin: archive.origin, size: size, root: try tree(of: size, after: signed).root)
            let note = try CheckpointNote(now, signedBy: key)
            if try kept.keep(note) { return note }
        }
        // There was one, or somebody else was faster: what was signed first is what counts.
        guard let note = try kept.note(size) else {
            throw .unreliable(size, "it was removed at this moment")
        }
        _ = try check(note, against: size)
        return note
    }

    /// The log's size, as far as its last writer vouches for it.
    ///
    /// At least what was signed before, where the log has that: the writer's word may be older, after a power failure.
    private func size(atLeast signed: UInt64) throws(LogError) -> UInt64 {
        let sighting = try WriterLock.look(archive)
        let end = try LogReader(archive).end().rawValue
        switch sighting {
        case .noWriter(last: let last?): return min(end, max(last.sequence.rawValue, signed))
        case .noWriter(last: nil), .durable, .starting: return end
        }
    }

    /// The tree over the first `size` records, after all lines that follow those of `signed` were read.
    private func tree(of size: UInt64, after signed: TreeFrontier) throws(LogError) -> TreeFrontier {
        var frontier = signed
        var cursor = try LogReader(archive).cursor(from: SequenceNumber(signed.size))
        while frontier.size < size {
            guard case .lines(let lines)? = try cursor.next(), lines.first.rawValue == frontier.size else {
                throw .damaged(
                    "log", at: SequenceNumber(frontier.size),
                    "the record cannot be read, and a log is not signed beyond what can")
            }
            frontier.append(lines, through: SequenceNumber(size - 1))
        }
        var stated = try TreeReader(archive)
        guard try stated.tree(over: 0..<size) == frontier else {
            throw .damaged(
                "log", at: SequenceNumber(signed.size),
                "the records up to \(size) do not lead to the tree that the log's headers state")
        }
        return frontier
    }

    /// Makes and keeps a checkpoint if the log has grown since the newest one.
    ///
    /// - Returns: Nil when it has not.
    package func keepIfGrown() throws(LogError) -> CheckpointNote? {
        let newest = try KeptCheckpoints(archive).sizes().last ?? 0
        return try LogReader(archive).end().rawValue > newest ? try keep() : nil
    }

    /// Checks that the log is still what was signed earlier.
    ///
    /// - Returns: The tree that was signed: its root leaves no other.
    private func check(_ earlier: CheckpointNote, against end: UInt64) throws(LogError) -> TreeFrontier {
        let (checkpoint, size) = (earlier.checkpoint, earlier.checkpoint.size)
        guard checkpoint.isOf(archive.origin) else {
            throw .unreliable(size, "it is of another log, \(checkpoint.origin)")
        }
        let keys = try archive.verifyingKeys() + [key.verifyingKey]
        do throws(NoteRefusal) { try earlier.note.verify(keys) } catch { throw .unreliable(size, "\(error)") }
        guard size <= end else {
            throw .unreliable(size, "it states \(size) records, and the log ends at record \(end)")
        }
        var reader = try TreeReader(archive)
        let tree = try reader.tree(over: 0..<size)
        guard tree.root == checkpoint.root else {
            throw .unreliable(size, "the first \(size) records of the log are not those that it states")
        }
        return tree
    }
}
