// SPDX-License-Identifier: Apache-2.0

/// Signs the log as it is durable now, and keeps what it signed.
///
/// It never signs two histories: before it signs, the log must still be what the newest kept checkpoint states.
package struct CheckpointKeeper: Sendable {
    private let archive: Archive
    private let key: SigningKey

    package init(_ archive: Archive, key: SigningKey) {
        self.archive = archive
        self.key = key
    }

    /// Makes and keeps a checkpoint of the log's size now, or gives the one that is kept of that size.
    ///
    /// May run beside a writer, and beside others that do the same.
    ///
    /// - Throws: ``LogError`` with `.contradictsCheckpoint` when the log is not what was signed before.
    package func keep() throws(LogError) -> CheckpointNote {
        let kept = KeptCheckpoints(archive)
        // In this order: the log is never seen shorter than a checkpoint of it.
        let newest = try kept.sizes().last
        let now = try LogReader(archive).checkpoint()
        if let newest { try check(try kept.note(newest), against: now) }
        if newest != now.size {
            let note = try CheckpointNote(now, signedBy: key)
            if try kept.keep(note) { return note }
        }
        // There was one, or somebody else was faster: what was signed first is what counts.
        guard let note = try kept.note(now.size) else {
            throw .unreliable(now.size, "it was removed at this moment")
        }
        try check(note, against: now)
        return note
    }

    /// Makes and keeps a checkpoint if the log has grown since the newest one.
    ///
    /// - Returns: Nil when it has not.
    package func keepIfGrown() throws(LogError) -> CheckpointNote? {
        let newest = try KeptCheckpoints(archive).sizes().last ?? 0
        return try LogReader(archive).end().rawValue > newest ? try keep() : nil
    }

    private func check(_ earlier: CheckpointNote?, against now: Checkpoint) throws(LogError) {
        guard let earlier else { return }
        let (checkpoint, size) = (earlier.checkpoint, earlier.checkpoint.size)
        guard checkpoint.isOf(now.origin) else {
            throw .unreliable(size, "it is of another log, \(checkpoint.origin)")
        }
        let keys = try archive.verifyingKeys() + [key.verifyingKey]
        do throws(NoteRefusal) { try earlier.note.verify(keys) } catch { throw .unreliable(size, "\(error)") }
        guard size <= now.size else {
            throw .unreliable(size, "it states \(size) records, and the log ends at record \(now.size)")
        }
        var tree = try TreeReader(archive)
        guard try tree.tree(over: 0..<size).root == checkpoint.root else {
            throw .unreliable(size, "the first \(size) records of the log are not those that it states")
        }
    }
}
