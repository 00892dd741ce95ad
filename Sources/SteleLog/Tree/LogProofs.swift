// SPDX-License-Identifier: Apache-2.0

/// That one record is in the log of a certain size and root.
package struct InclusionProof: Hashable, Sendable {
    package let sequence: SequenceNumber
    /// Records in the log, and the root of their tree.
    package let size: UInt64
    package let root: TreeHash
    /// The hash of the record's line.
    package let leaf: TreeHash
    /// The siblings from the leaf up.
    package let hashes: [TreeHash]

    init(sequence: SequenceNumber, size: UInt64, leaf: TreeHash, root: TreeHash, hashes: [TreeHash]) {
        self.sequence = sequence
        self.size = size
        self.leaf = leaf
        self.root = root
        self.hashes = hashes
    }

    package var holds: Bool {
        TreeProof.isIncluded(leaf, at: sequence.rawValue, in: size, root: root, proof: hashes)
    }

    /// The proof in the form of C2SP `tlog-proof`.
    ///
    /// ```
    /// c2sp.org/tlog-proof@v1
    /// index 73894
    /// gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=       the hashes
    ///
    /// stele/3b0f…                                        the signed checkpoint, as it is
    /// ```
    ///
    /// - Parameter note: Of the proof's size and root.
    /// - Returns: The whole file.
    package func tlogProof(_ note: CheckpointNote) -> [UInt8] {
        precondition(note.checkpoint.size == size && note.checkpoint.root == root)
        let lines = ["c2sp.org/tlog-proof@v1", "index \(sequence)"] + hashes.map(\.base64) + ["", ""]
        return Array(lines.joined(separator: "\n").utf8) + note.encoded
    }
}

/// That the log of one size and root grew into the one of another: nothing before was changed or removed.
package struct ConsistencyProof: Hashable, Sendable {
    package let old: UInt64
    package let oldRoot: TreeHash
    package let size: UInt64
    package let root: TreeHash
    package let hashes: [TreeHash]

    init(old: UInt64, oldRoot: TreeHash, size: UInt64, root: TreeHash, hashes: [TreeHash]) {
        self.old = old
        self.oldRoot = oldRoot
        self.size = size
        self.root = root
        self.hashes = hashes
    }

    package var holds: Bool { TreeProof.isConsistent(old, oldRoot, with: size, root, proof: hashes) }
}
