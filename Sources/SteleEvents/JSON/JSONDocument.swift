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
        let nodes = try JSONIndexer.index(bytes, maximumDepth: maximumDepth)
        storage = Storage(bytes: bytes, nodes: nodes)
    }

    /// Checks and indexes the UTF-8 bytes of `text`.
    public init(text: String) throws(JSONError) { try self.init(Array(text.utf8)) }

    public var bytes: [UInt8] { storage.bytes }
    public var root: JSONValue { JSONValue(storage: storage, index: 0) }

    final class Storage: Sendable {
        let bytes: [UInt8]
        let nodes: [JSONNode]

        init(bytes: [UInt8], nodes: [JSONNode]) {
            self.bytes = bytes
            self.nodes = nodes
        }
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

/// A value's place: `start..<end` in the bytes, and the node that follows its last child.
struct JSONNode {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, escapedString, array, object }

    var kind: Kind
    var start: UInt32
    var end: UInt32
    var next: UInt32
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
    public var range: Range<Int> { Int(node.start)..<Int(node.end) }
    /// The value's own bytes as received.
    public var bytes: ArraySlice<UInt8> { storage.bytes[range] }
    /// The value's JSON text as received.
    public var json: String { String(decoding: bytes, as: UTF8.self) }

    /// The text of a string, its escapes resolved; nil for any other kind.
    public var string: String? {
        switch node.kind {
        case .string:
            String(decoding: storage.bytes[(range.lowerBound + 1)..<(range.upperBound - 1)], as: UTF8.self)
        case .escapedString:
            JSONString.unescaped(storage.bytes[(range.lowerBound + 1)..<(range.upperBound - 1)])
        default: nil
        }
    }

    /// A string's text, or a number's digits: ids and times come as either.
    public var text: String? { node.kind == .number ? json : string }

    /// A whole number, written as a number or as a string of digits.
    public var int64: Int64? {
        guard let text else { return nil }
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
    }

    /// A number, written as a number or as a string.
    public var double: Double? { text.flatMap(Double.init) }

    /// A truth value, written as `true` or as `"true"`.
    public var bool: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        case .string: string.flatMap(Bool.init)
        default: nil
        }
    }

    /// The member named `key`: the first, when a sloppy sender repeats it.
    ///
    /// Nil when absent or not an object.
    public subscript(_ key: StaticString) -> JSONValue? {
        member { name, isEscaped in
            if isEscaped { return JSONString.unescaped(name).utf8.elementsEqual(key.utf8) }
            return name.count == key.utf8CodeUnitCount && name.elementsEqual(key.utf8)
        }
    }

    /// The member named at run time.
    public func member(named key: String) -> JSONValue? {
        member { name, isEscaped in
            isEscaped ? JSONString.unescaped(name) == key : name.elementsEqual(key.utf8)
        }
    }

    @inline(__always)
    private func member(where matches: (ArraySlice<UInt8>, Bool) -> Bool) -> JSONValue? {
        let nodes = storage.nodes
        guard nodes[index].kind == .object else { return nil }
        var key = index + 1
        let end = Int(nodes[index].next)
        while key < end {
            let node = nodes[key]
            let name = storage.bytes[(Int(node.start) + 1)..<(Int(node.end) - 1)]
            if matches(name, node.kind == .escapedString) {
                return JSONValue(storage: storage, index: key + 1)
            }
            key = Int(nodes[key + 1].next)
        }
        return nil
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

extension StaticString {
    fileprivate var utf8: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
