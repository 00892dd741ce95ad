// SPDX-License-Identifier: Apache-2.0

/// One JSON text (RFC 8259) as received, and a flat index of its values made in one validating pass.
///
/// No tree: the bytes stay where they are, and every value is a range in them. Copies share storage.
///
/// ```
/// bytes  {"a":[1,"x"],"b":null}
/// nodes  object ▸ key a ▸ array ▸ 1 ▸ "x" ▸ key b ▸ null        (each knows the node after its last child)
/// ```
public struct JSONDocument: Sendable {
    /// How deep a payload may nest when nobody says otherwise.
    ///
    /// The platform's own stay below ten.
    public static let defaultMaximumDepth = 128

    let storage: Storage

    /// Checks and indexes `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: One JSON value, with nothing but whitespace round it; at most 4 GiB.
    ///   - maximumDepth: How many arrays and objects may stand inside one another.
    /// - Throws: ``JSONError`` naming the first byte that breaks the grammar, is not UTF-8, or nests too deep.
    public init(_ bytes: [UInt8], maximumDepth: Int = defaultMaximumDepth) throws(JSONError) {
        try self.init(bytes, bytes.indices, maximumDepth: maximumDepth, reusing: nil)
    }

    /// Checks and indexes a document that stands in `range` of bytes that hold others too; they are not copied.
    init(
        _ bytes: [UInt8], _ range: Range<Int>, maximumDepth: Int, reusing scratch: JSONScratch?
    ) throws(JSONError) {
        let nodes = try JSONIndexer.index(bytes, range, maximumDepth: maximumDepth, reusing: scratch)
        storage = Storage(bytes: bytes, nodes: nodes, scratch: scratch)
    }

    /// Checks and indexes the UTF-8 bytes of `text`.
    public init(text: String) throws(JSONError) { try self.init(Array(text.utf8)) }

    public var bytes: [UInt8] { storage.bytes }
    public var root: JSONValue { JSONValue(storage: storage, index: 0) }

    /// The bytes and the nodes of a document.
    ///
    /// Unchecked only because of the nodes' memory: it is written before the initialiser is called, read-only
    /// while the storage lives, and freed with it; or given back to the one reader whose scratch it is.
    final class Storage: @unchecked Sendable {
        let bytes: [UInt8]
        let nodes: JSONNodes
        private let scratch: JSONScratch?

        init(bytes: [UInt8], nodes: JSONNodes, scratch: JSONScratch?) {
            self.bytes = bytes
            self.nodes = nodes
            self.scratch = scratch
        }

        deinit { nodes.deallocate(into: scratch) }
    }
}

/// Why bytes are not JSON.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    public enum Code: Hashable, Sendable { case malformed, tooDeep, tooLarge }

    public let code: Code
    public let reason: String
    /// Bytes before the offending one.
    public let offset: Int

    public var description: String { "not JSON at byte \(offset): \(reason)" }
}

/// One value of a document.
public struct JSONValue: Sendable {
    let storage: JSONDocument.Storage
    let index: Int

    public enum Kind: Hashable, Sendable { case null, bool, number, string, array, object }

    var node: JSONNode { storage.nodes[index] }

    public var kind: Kind {
        switch node.kind {
        case .null: .null
        case .true, .false: .bool
        case .number: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    public var isNull: Bool { node.kind == .null }
    public var isObject: Bool { node.kind == .object }
    public var isArray: Bool { node.kind == .array }

    /// Where the value stands in the document's bytes, quotes and brackets included.
    public var range: Range<Int> { node.range }
    /// The value's own bytes as received.
    public var bytes: ArraySlice<UInt8> { storage.bytes[range] }
    /// The value's JSON text as received.
    public var json: String { String(decoding: bytes, as: UTF8.self) }

    /// The text of a string, its escapes resolved; nil for any other kind.
    public var string: String? {
        let node = node
        switch node.kind {
        case .string: return content(of: node)
        case .escapedString: return JSONString.unescaped(storage.bytes[node.contentRange])
        default: return nil
        }
    }

    /// A string's text, or a number's digits: ids and times come as either.
    public var text: String? { node.kind == .number ? json : string }

    /// A whole number, written as a number or as a string of digits.
    ///
    /// A fraction is dropped. Nil when the value does not fit, and for any other kind.
    public var int64: Int64? {
        let node = node
        switch node.kind {
        case .number: return int64(in: node.range)
        case .string: return int64(in: node.contentRange)
        default: return nil
        }
    }

    /// A number, written as a number or as a string.
    ///
    /// Nil when it is not finite.
    public var double: Double? {
        guard let number = text.flatMap(Double.init), number.isFinite else { return nil }
        return number
    }

    private func content(of node: JSONNode) -> String {
        storage.bytes.withUnsafeBufferPointer { bytes in
            String(decoding: UnsafeBufferPointer(rebasing: bytes[node.contentRange]), as: UTF8.self)
        }
    }

    private func int64(in range: Range<Int>) -> Int64? {
        storage.bytes.withUnsafeBufferPointer { bytes in
            // Times have 13 digits; 18 cannot overflow.
            guard (1...18).contains(range.count), bytes[range].allSatisfy({ $0 &- 0x30 < 10 }) else {
                let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
                return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
            }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 &- 0x30) }
        }
    }

    /// A truth value, written as `true` or as `"true"`.
    public var bool: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        case .string: string.flatMap(Bool.init)
        default: nil
        }
    }

    /// The member named `key`, nil when absent or not an object.
    ///
    /// The first one counts when a sloppy sender repeats it.
    public subscript(_ key: StaticString) -> JSONValue? {
        member(named: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    }

    /// The member named at run time.
    public func member(named key: String) -> JSONValue? {
        var key = key
        return key.withUTF8 { member(named: $0) }
    }

    private func member(named key: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        let nodes = storage.nodes
        let object = nodes[index]
        guard object.kind == .object else { return nil }
        let found: Int? = storage.bytes.withUnsafeBufferPointer { bytes in
            var position = index + 1
            while position < Int(object.next) {
                if nodes[position].isName(key, in: bytes) { return position + 1 }
                position = Int(nodes[position + 1].next)
            }
            return nil
        }
        return found.map { JSONValue(storage: storage, index: $0) }
    }

    /// The elements of an array; empty for any other kind.
    public var elements: Elements {
        Elements(storage: storage, position: index + 1, end: isArray ? Int(node.next) : index + 1)
    }

    /// The first element of an array; nil when it is empty or the value is of another kind.
    public var firstElement: JSONValue? {
        isArray && hasChildren ? JSONValue(storage: storage, index: index + 1) : nil
    }

    /// Whether an array or an object has anything in it.
    public var hasChildren: Bool { Int(node.next) > index + 1 }

    /// The members of an object, in the order received; empty for any other kind.
    public var members: Members {
        Members(storage: storage, position: index + 1, end: isObject ? Int(node.next) : index + 1)
    }

    public struct Elements: Sequence, IteratorProtocol, Sendable {
        let storage: JSONDocument.Storage
        var position: Int
        let end: Int

        public mutating func next() -> JSONValue? {
            guard position < end else { return nil }
            defer { position = Int(storage.nodes[position].next) }
            return JSONValue(storage: storage, index: position)
        }
    }

    public struct Members: Sequence, IteratorProtocol, Sendable {
        let storage: JSONDocument.Storage
        var position: Int
        let end: Int

        public mutating func next() -> (key: String, value: JSONValue)? {
            guard position < end else { return nil }
            let key = JSONValue(storage: storage, index: position)
            let value = JSONValue(storage: storage, index: position + 1)
            position = Int(value.node.next)
            return (key.string ?? "", value)
        }
    }
}

extension JSONNode {
    var range: Range<Int> { Int(start)..<Int(end) }
    /// A string without its quotes.
    var contentRange: Range<Int> { (Int(start) + 1)..<(Int(end) - 1) }

    /// Whether the string is `name`.
    @inline(__always)
    fileprivate func isName(
        _ name: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        if kind == .escapedString { return isEscapedName(name, in: bytes) }
        let first = Int(start) + 1
        guard Int(end) - first - 1 == name.count else { return false }
        for offset in 0..<name.count where bytes[first + offset] != name[offset] { return false }
        return true
    }

    private func isEscapedName(
        _ name: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        JSONString.unescaped(Array(bytes[contentRange])[...]).utf8.elementsEqual(name)
    }
}
