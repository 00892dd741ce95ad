// SPDX-License-Identifier: Apache-2.0

/// The validating pass of ``JSONDocument``: one loop over the bytes, no recursion.
struct JSONIndexer {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var position = 0
    private var nodes: [JSONNode] = []
    /// The arrays and objects that are open, outermost first.
    private var open: [Int] = []

    static func index(_ bytes: [UInt8], maximumDepth: Int) throws(JSONError) -> [JSONNode] {
        guard bytes.count < UInt32.max else {
            throw JSONError(code: .tooLarge, reason: "more than 4 GiB", offset: 0)
        }
        // The closure keeps the error's type out of `withUnsafeBufferPointer`, which would widen it.
        let result: Result<[JSONNode], JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var indexer = JSONIndexer(bytes: buffer, maximumDepth: maximumDepth)
            do throws(JSONError) {
                try indexer.run()
                return .success(indexer.nodes)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        nodes.reserveCapacity(bytes.count / 10 + 8)
    }

    private mutating func run() throws(JSONError) {
        skipWhitespace()
        repeat {
            // A value is due here.
            let isClosed = try value()
            if !isClosed { continue }
            // A value just ended: a comma asks for one more, a bracket ends the array or object round it.
            closing: while let container = open.last {
                skipWhitespace()
                let isObject = nodes[container].kind == .object
                switch peek() {
                case UInt8(ascii: ","):
                    position += 1
                    skipWhitespace()
                    if isObject { try key() }
                    break closing
                case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                    close(container)
                default:
                    throw malformed(isObject ? "expected ',' or '}'" : "expected ',' or ']'")
                }
            }
        } while !open.isEmpty
        skipWhitespace()
        if position != bytes.count { throw malformed("something follows the JSON value") }
    }

    /// Reads a scalar, an empty container, or the opening of one; true when the value is complete.
    private mutating func value() throws(JSONError) -> Bool {
        guard let byte = peek() else { throw malformed("the text ends where a value should stand") }
        switch byte {
        case UInt8(ascii: "{"):
            try opens(.object)
            if peek() == UInt8(ascii: "}") {
                close(nodes.count - 1)
                return true
            }
            try key()
            return false
        case UInt8(ascii: "["):
            try opens(.array)
            guard peek() == UInt8(ascii: "]") else { return false }
            close(nodes.count - 1)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw malformed("no value starts like this")
        }
        return true
    }

    private mutating func opens(_ kind: JSONNode.Kind) throws(JSONError) {
        guard open.count < maximumDepth else {
            throw JSONError(
                code: .tooDeep, reason: "nested deeper than \(maximumDepth) levels", offset: position)
        }
        open.append(nodes.count)
        nodes.append(JSONNode(kind: kind, start: UInt32(position), end: 0, next: 0))
        position += 1
        skipWhitespace()
    }

    private mutating func close(_ container: Int) {
        position += 1
        open.removeLast()
        nodes[container].end = UInt32(position)
        nodes[container].next = UInt32(nodes.count)
    }

    private mutating func key() throws(JSONError) {
        guard peek() == UInt8(ascii: "\"") else { throw malformed("expected a member's name") }
        try string()
        skipWhitespace()
        guard peek() == UInt8(ascii: ":") else { throw malformed("expected ':'") }
        position += 1
        skipWhitespace()
    }

    private mutating func scalar(_ kind: JSONNode.Kind, from start: Int) {
        nodes.append(
            JSONNode(kind: kind, start: UInt32(start), end: UInt32(position), next: UInt32(nodes.count + 1)))
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
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        if position == start { throw malformed("expected a digit") }
    }

    private mutating func string() throws(JSONError) {
        let start = position
        var isEscaped = false
        position += 1
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                scalar(isEscaped ? .escapedString : .string, from: start)
                return
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape()
            case 0..<0x20: throw malformed("a control character inside a string")
            case 0x20..<0x80: position += 1
            default: try multibyte(byte)
            }
        }
        throw malformed("the text ends inside a string")
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
    private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0...0)
            }
        guard count > 0, position + count <= bytes.count, second.contains(bytes[position + 1]) else {
            throw malformed("not UTF-8")
        }
        for offset in 2..<max(2, count) where bytes[position + offset] & 0xC0 != 0x80 {
            throw malformed("not UTF-8")
        }
        position += count
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private func malformed(_ reason: String) -> JSONError {
        JSONError(code: .malformed, reason: reason, offset: position)
    }
}

extension UInt8 {
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
