// SPDX-License-Identifier: Apache-2.0

/// The right edge of an RFC 6962 tree: the roots of its whole subtrees, largest first.
///
/// There is one for each bit set in `size`: a tree of 21 = 16 + 4 + 1 leaves keeps three.
package struct TreeFrontier: Hashable, Sendable {
    /// Leaves in the tree.
    package private(set) var size: UInt64 = 0
    private(set) var hashes: [TreeHash] = []

    package init() {}

    /// Nil when the number of hashes does not fit the size.
    init?(size: UInt64, hashes: [TreeHash]) {
        guard size.nonzeroBitCount == hashes.count else { return nil }
        self.size = size
        self.hashes = hashes
    }

    mutating func append(leaf: TreeHash) {
        var hash = leaf
        for _ in 0..<size.trailingOneCount { hash = TreeHash(left: hashes.removeLast(), right: hash) }
        hashes.append(hash)
        size += 1
    }

    /// Appends each line as a leaf, up to and with the record `last`; nil takes all.
    mutating func append(_ lines: LogLines, through last: SequenceNumber? = nil) {
        let count = last.map { min(lines.count, max(0, $0.distance(from: lines.first) + 1)) } ?? lines.count
        lines.bytes.withUnsafeBytes { bytes in
            var start = 0
            for end in lines.ends.prefix(count) {
                append(leaf: TreeHash(leaf: UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
                start = end + 1
            }
        }
    }

    /// Appends each line as a leaf, hashing it where it stands.
    ///
    /// - Parameters:
    ///   - lines: The first line; the byte before it can be written to. Every byte is as it was afterwards.
    ///   - ends: Where each line ends, counted from `lines`: the place of its line feed.
    mutating func append(linesInPlace lines: UnsafeMutableRawPointer, ends: [Int]) {
        var start = 0
        for end in ends {
            append(leaf: TreeHash(leafInPlace: lines + start, byteCount: end - start))
            start = end + 1
        }
    }

    /// The root of the whole tree.
    package var root: TreeHash {
        guard var root = hashes.last else { return .empty }
        for hash in hashes.dropLast().reversed() { root = TreeHash(left: hash, right: root) }
        return root
    }
}

extension UInt64 {
    fileprivate var trailingOneCount: Int { (~self).trailingZeroBitCount }
}
