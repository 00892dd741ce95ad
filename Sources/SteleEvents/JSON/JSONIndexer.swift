// SPDX-License-Identifier: Apache-2.0

/// The validating pass of ``JSONDocument``: one loop over the bytes, no recursion.
///
/// While a container is open, its node's `next` holds the container round it, so that no stack is kept beside
/// the nodes.
struct JSONIndexer {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var position = 0
    private var depth = 0
    /// The innermost open container; meaningless when `depth` is 0.
    private var container: UInt32 = 0
    private var nodes: JSONNodes
    /// Where the document starts in the bytes.
    private let start: Int

    /// Checks the bytes in `range` and tells the place in `bytes` of every value in them.
    static func index(
        _ bytes: [UInt8], _ range: Range<Int>, maximumDepth: Int, reusing scratch: JSONScratch?
    ) throws(JSONError) -> JSONNodes {
        guard bytes.count < UInt32.max else {
            throw JSONError(code: .tooLarge, reason: "more than 4 GiB", offset: 0)
        }
        // The closure keeps the error's type out of `withUnsafeBufferPointer`, which would widen it.
        let result: Result<JSONNodes, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var indexer = JSONIndexer(
                bytes: UnsafeBufferPointer(rebasing: buffer[..<range.upperBound]), from: range.lowerBound,
                maximumDepth: maximumDepth, reusing: scratch)
            do throws(JSONError) {
                try indexer.run()
                return .success(indexer.nodes)
            } catch {
                indexer.nodes.deallocate(into: scratch)
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(
        bytes: UnsafeBufferPointer<UInt8>, from start: Int, maximumDepth: Int, reusing scratch: JSONScratch?
    ) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.start = start
        position = start
        nodes = JSONNodes(capacity: (bytes.count - start) / 10 + 8, reusing: scratch)
    }

    private mutating func run() throws(JSONError) {
        skipWhitespace()
        repeat {
            // A value is due here.
            guard try value() else { continue }
            // A value just ended: a comma asks for one more, a bracket ends the array or object round it.
            closing: while depth > 0 {
                skipWhitespace()
                let isObject = nodes[Int(container)].kind == .object
                switch peek() {
                case UInt8(ascii: ","):
                    position += 1
                    skipWhitespace()
                    if isObject { try key() }
                    break closing
                case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject: close()
                default: throw malformed(isObject ? "expected ',' or '}'" : "expected ',' or ']'")
                }
            }
        } while depth > 0
        skipWhitespace()
        if position != bytes.count { throw malformed("something follows the JSON value") }
    }

    /// Reads a scalar, an empty container, or the opening of one; true when the value is complete.
    private mutating func value() throws(JSONError) -> Bool {
        guard let byte = peek() else { throw malformed("the text ends where a value should stand") }
        switch byte {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "{"):
            try opens(.object)
            guard peek() == UInt8(ascii: "}") else {
                try key()
                return false
            }
            close()
        case UInt8(ascii: "["):
            try opens(.array)
            guard peek() == UInt8(ascii: "]") else { return false }
            close()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: throw malformed("no value starts like this")
        }
        return true
    }

    private mutating func opens(_ kind: JSONNode.Kind) throws(JSONError) {
        guard depth < maximumDepth else {
            throw JSONError(
                code: .tooDeep, reason: "nested deeper than \(maximumDepth) levels", offset: position - start)
        }
        let node = JSONNode(kind: kind, start: UInt32(position), end: 0, next: container)
        container = UInt32(nodes.count)
        depth += 1
        nodes.append(node)
        position += 1
        skipWhitespace()
    }

    private mutating func close() {
        position += 1
        depth -= 1
        let closed = Int(container)
        container = nodes[closed].next
        nodes[closed].end = UInt32(position)
        nodes[closed].next = UInt32(nodes.count)
    }

    private mutating func key() throws(JSONError) {
        guard peek() == UInt8(ascii: "\"") else { throw malformed("expected a member's name") }
        try string()
        skipWhitespace()
        guard peek() == UInt8(ascii: ":") else { throw malformed("expected ':'") }
        position += 1
        skipWhitespace()
    }

    @inline(__always)
    private mutating func scalar(_ kind: JSONNode.Kind, from start: Int) {
        nodes.append(
            JSONNode(
                kind: kind, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: position), next: UInt32(truncatingIfNeeded: nodes.count + 1)))
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONError) {
        let start = position
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek() == word.utf8Start[offset] else { throw malformed("expected '\(word)'") }
            position += 1
        }
        scalar(kind, from: start)
    }

    private mutating func number() throws(JSONError) {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if peek() == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        scalar(.number, from: start)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek(), byte &- UInt8(ascii: "0") < 10 { position += 1 }
        if position == start { throw malformed("expected a digit") }
    }

    @inline(__always)
    private mutating func string() throws(JSONError) {
        let start = position
        var kind = JSONNode.Kind.string
        position += 1
        while true {
            skipPlain()
            guard let byte = peek() else { throw malformed("the text ends inside a string") }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                scalar(kind, from: start)
                return
            case UInt8(ascii: "\\"):
                kind = .escapedString
                try escape()
            case 0..<0x20: throw malformed("a control character inside a string")
            default:
                // Chinese text comes in runs: back to eight bytes at a time only after one.
                while let lead = peek(), lead >= 0x80 { try multibyte(lead) }
            }
        }
    }

    /// Goes to the next byte of a string that is not a printable ASCII character standing for itself.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position + 8 <= bytes.count, let base = bytes.baseAddress {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
            // A byte's high bit is set where it is zero after the XOR, below 0x20, or beyond ASCII. Borrows can
            // only mark bytes after the first marked one, and the first is all that counts.
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let marked =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash
                    | (word &- ones &* 0x20) & ~word | word) & (ones &* 0x80)
            if marked != 0 {
                position += marked.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return }
            position += 1
        }
    }

    private mutating func escape() throws(JSONError) {
        position += 1
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard let digit = peek(), digit.hexValue != nil else {
                    throw malformed("expected four hexadecimal digits")
                }
                position += 1
            }
        default: throw malformed("no escape is written like this")
        }
    }

    /// One character beyond ASCII: shortest form, no surrogates, nothing above U+10FFFF.
    @inline(__always)
    private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0...0)
            }
        guard count > 0, position + count <= bytes.count, second.contains(bytes[position + 1]),
            count < 3 || bytes[position + 2] & 0xC0 == 0x80, count < 4 || bytes[position + 3] & 0xC0 == 0x80
        else { throw malformed("not UTF-8") }
        position += count
    }

    @inline(__always)
    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    @inline(__always)
    private mutating func skipWhitespace() {
        while let byte = peek(), byte <= 0x20, byte.isJSONWhitespace { position += 1 }
    }

    private func malformed(_ reason: String) -> JSONError {
        JSONError(code: .malformed, reason: reason, offset: position - start)
    }
}

extension UInt8 {
    /// Whether JSON allows the byte between its tokens.
    var isJSONWhitespace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
