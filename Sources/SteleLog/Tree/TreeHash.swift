// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A node of the tree: a SHA-256 value.
///
/// It holds its 32 bytes itself: a log is a hash or two for each record, and none of them costs an allocation.
package struct TreeHash: Hashable, Sendable {
    package static let byteCount = 32

    // The bytes in their order, eight to a word.
    private let words: Words

    private struct Words: Hashable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    /// Always 32 bytes.
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// Calls `body` with the 32 bytes where they are.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: words, body)
    }

    /// - Parameter bytes: Exactly 32.
    init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount)
        words = bytes.loadUnaligned(as: Words.self)
    }

    /// - Parameter bytes: Exactly 32.
    init(_ bytes: some Sequence<UInt8>) { self = Array(bytes).withUnsafeBytes { TreeHash($0) } }

    private init(_ digest: SHA256Digest) { self = digest.withUnsafeBytes { TreeHash($0) } }

    /// RFC 6962, 2.1: the hash of a leaf, which is that of a zero byte and the leaf's own.
    init(leaf: UnsafeRawBufferPointer) {
        var hash = SHA256()
        withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: leaf)
        self.init(hash.finalize())
    }

    /// The hash of a leaf, in one run over its bytes.
    ///
    /// - Parameters:
    ///   - leaf: Its first byte. The byte before it is zero for as long as this takes.
    ///   - byteCount: How many bytes it has.
    init(leafInPlace leaf: UnsafeMutableRawPointer, byteCount: Int) {
        let prefix = leaf - 1
        let before = prefix.load(as: UInt8.self)
        prefix.storeBytes(of: 0, as: UInt8.self)
        var hash = SHA256()
        hash.update(bufferPointer: UnsafeRawBufferPointer(start: prefix, count: byteCount + 1))
        prefix.storeBytes(of: before, as: UInt8.self)
        self.init(hash.finalize())
    }

    /// RFC 6962, 2.1: the hash of two subtrees.
    init(left: TreeHash, right: TreeHash) {
        var hash = SHA256()
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Self.byteCount, alignment: 8) { node in
            node[0] = 1
            left.withBytes { UnsafeMutableRawBufferPointer(rebasing: node[1...]).copyMemory(from: $0) }
            right.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: node[(1 + Self.byteCount)...]).copyMemory(from: $0)
            }
            hash.update(bufferPointer: UnsafeRawBufferPointer(node))
        }
        self.init(hash.finalize())
    }

    /// RFC 6962, 2.1: the root of the tree without leaves.
    package static let empty = TreeHash(SHA256().finalize())
}
