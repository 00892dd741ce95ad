// SPDX-License-Identifier: Apache-2.0

/// Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2.
///
/// Making one asks for the roots of subtrees; checking one needs the proof alone.
package enum TreeProof {
    /// Proves that the record `index` is in the tree of the first `size` records.
    ///
    /// - Parameters:
    ///   - index: Less than `size`.
    ///   - size: Records in the tree.
    ///   - subtree: Gives the root of the tree over a range of records.
    /// - Returns: The siblings on the way from the leaf to the root.
    /// - Throws: What `subtree` throws.
    package static func inclusion<Failure>(
        of index: UInt64, in size: UInt64, subtree: (Range<UInt64>) throws(Failure) -> TreeHash
    ) throws(Failure) -> [TreeHash] {
        precondition(index < size)
        var proof: [TreeHash] = []
        var range = 0..<size
        while range.upperBound - range.lowerBound > 1 {
            let middle = range.lowerBound + split(range.upperBound - range.lowerBound)
            if index < middle {
                proof.append(try subtree(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(try subtree(range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        return proof.reversed()
    }

    /// Proves that the tree of the first `old` records is the beginning of that of the first `size`.
    ///
    /// - Parameters:
    ///   - old: At least 1 and at most `size`.
    ///   - size: Records in the larger tree.
    ///   - subtree: Gives the root of the tree over a range of records.
    /// - Returns: The subtrees that make up both roots.
    /// - Throws: What `subtree` throws.
    package static func consistency<Failure>(
        from old: UInt64, to size: UInt64, subtree: (Range<UInt64>) throws(Failure) -> TreeHash
    ) throws(Failure) -> [TreeHash] {
        precondition(old > 0 && old <= size)
        var proof: [TreeHash] = []
        var range = 0..<size
        var isWholeOld = true
        while range.upperBound != old {
            let middle = range.lowerBound + split(range.upperBound - range.lowerBound)
            if old <= middle {
                proof.append(try subtree(middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(try subtree(range.lowerBound..<middle))
                range = middle..<range.upperBound
                isWholeOld = false
            }
        }
        if !isWholeOld { proof.append(try subtree(range)) }
        return proof.reversed()
    }

    /// Whether `proof` shows that `leaf` is the record `index` of the tree of `size` records with this root.
    package static func isIncluded(
        _ leaf: TreeHash, at index: UInt64, in size: UInt64, root: TreeHash, proof: [TreeHash]
    ) -> Bool {
        guard index < size else { return false }
        var node = index
        var last = size - 1
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = TreeHash(left: sibling, right: hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash(left: hash, right: sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether `proof` shows that a tree of `old` records with `oldRoot` grew into one of `size` with `root`.
    package static func isConsistent(
        _ old: UInt64, _ oldRoot: TreeHash, with size: UInt64, _ root: TreeHash, proof: [TreeHash]
    ) -> Bool {
        guard old > 0, old <= size else { return false }
        if old == size { return proof.isEmpty && oldRoot == root }
        var proof = proof[...]
        // The old tree is itself a subtree: its root is known, and left out of the proof.
        if old & (old - 1) == 0 { proof = [oldRoot] + proof }
        guard let first = proof.popFirst() else { return false }
        var node = old - 1
        var last = size - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var oldHash = first
        var hash = first
        for sibling in proof {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                oldHash = TreeHash(left: sibling, right: oldHash)
                hash = TreeHash(left: sibling, right: hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash(left: hash, right: sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == oldRoot && hash == root
    }

    /// The largest power of two less than `count`, which is at least 2.
    private static func split(_ count: UInt64) -> UInt64 {
        1 << UInt64(UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
