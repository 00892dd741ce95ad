// SPDX-License-Identifier: Apache-2.0

/// A value's place: `start..<end` in the bytes, and the node that follows its last child.
struct JSONNode {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, escapedString, array, object }

    var kind: Kind
    var start: UInt32
    var end: UInt32
    var next: UInt32
}

/// The nodes of one document in memory of their own, so that looking one up counts no references.
///
/// Whoever holds it calls ``deallocate(into:)`` once.
struct JSONNodes {
    fileprivate var buffer: UnsafeMutableBufferPointer<JSONNode>
    private(set) var count = 0

    /// Memory for `capacity` nodes; what `scratch` kept, when that is enough.
    init(capacity: Int, reusing scratch: JSONScratch? = nil) {
        buffer = scratch?.take(capacity) ?? .allocate(capacity: capacity)
    }

    @inline(__always)
    subscript(index: Int) -> JSONNode {
        get { buffer[index] }
        nonmutating set { buffer[index] = newValue }
    }

    @inline(__always)
    mutating func append(_ node: JSONNode) {
        if count == buffer.count { grow() }
        buffer.initializeElement(at: count, to: node)
        count += 1
    }

    /// Frees the memory, or keeps it in `scratch` for the next document.
    func deallocate(into scratch: JSONScratch?) {
        if let scratch { scratch.keep(buffer) } else { buffer.deallocate() }
    }

    private mutating func grow() {
        let larger = UnsafeMutableBufferPointer<JSONNode>.allocate(capacity: buffer.count * 2)
        _ = larger.moveInitialize(fromContentsOf: buffer[..<count])
        buffer.deallocate()
        buffer = larger
    }
}

/// The memory of one document's nodes, kept for the next one: for readers of millions of documents, one after the other.
///
/// Not for two threads: whoever makes it uses it, and lets go of every document before the next.
package final class JSONScratch {
    private var kept: UnsafeMutableBufferPointer<JSONNode>?

    package init() {}

    deinit { kept?.deallocate() }

    fileprivate func take(_ capacity: Int) -> UnsafeMutableBufferPointer<JSONNode>? {
        guard let buffer = kept, buffer.count >= capacity else { return nil }
        kept = nil
        return buffer
    }

    fileprivate func keep(_ buffer: UnsafeMutableBufferPointer<JSONNode>) {
        // The larger one, but never that of a monster.
        let isBetter = buffer.count > (kept?.count ?? 0) && buffer.count <= 1 << 16
        guard isBetter else { return buffer.deallocate() }
        kept?.deallocate()
        kept = buffer
    }
}
