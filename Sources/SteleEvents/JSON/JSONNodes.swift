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
/// Whoever holds it calls ``deallocate()`` once.
struct JSONNodes {
    private var buffer: UnsafeMutableBufferPointer<JSONNode>
    private(set) var count = 0

    init(capacity: Int) { buffer = .allocate(capacity: capacity) }

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

    func deallocate() { buffer.deallocate() }

    private mutating func grow() {
        let larger = UnsafeMutableBufferPointer<JSONNode>.allocate(capacity: buffer.count * 2)
        _ = larger.moveInitialize(fromContentsOf: buffer[..<count])
        buffer.deallocate()
        buffer = larger
    }
}
