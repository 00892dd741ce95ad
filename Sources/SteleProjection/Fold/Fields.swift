// SPDX-License-Identifier: Apache-2.0

/// Optional values as tagged bytes: how the views keep what has no column of its own.
///
/// ```
/// tag (1 byte) ▸ length (LEB128) ▸ bytes      in order of the tags; a tag may repeat
/// ```
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ tag: UInt8, _ text: String?) {
        guard var text else { return }
        text.withUTF8 { put(tag, $0) }
    }

    mutating func put(_ tag: UInt8, _ number: Int64?) {
        guard let number else { return }
        withUnsafeBytes(of: number.littleEndian) { raw in put(tag, raw) }
    }

    mutating func put(_ tag: UInt8, _ number: Double?) {
        guard let number else { return }
        put(tag, Int64(bitPattern: number.bitPattern))
    }

    mutating func put(_ tag: UInt8, _ bit: Bool) {
        if bit { put(tag, EmptyCollection()) }
    }

    mutating func put(_ tag: UInt8, _ content: some Collection<UInt8>) {
        bytes.append(tag)
        var count = UInt(content.count)
        while count > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: count) | 0x80)
            count >>= 7
        }
        bytes.append(UInt8(count))
        bytes.append(contentsOf: content)
    }
}

/// Reads what a ``FieldWriter`` wrote.
///
/// The views are written by the same version of the program that reads them; bytes that make no sense end the list.
struct FieldReader {
    private let fields: [(tag: UInt8, content: ArraySlice<UInt8>)]

    init(_ bytes: [UInt8]) {
        var fields: [(UInt8, ArraySlice<UInt8>)] = []
        var rest = bytes[...]
        while let tag = rest.popFirst() {
            var count = 0
            var shift = 0
            while let byte = rest.popFirst(), shift < 56 {
                count |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            guard count <= rest.count else { break }
            fields.append((tag, rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        self.fields = fields
    }

    var all: [(tag: UInt8, content: ArraySlice<UInt8>)] { fields }

    func text(_ tag: UInt8) -> String? {
        content(tag).map { String(decoding: $0, as: UTF8.self) }
    }

    func number(_ tag: UInt8) -> Int64? {
        guard let content = content(tag), content.count == 8 else { return nil }
        return content.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    func double(_ tag: UInt8) -> Double? {
        number(tag).map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }

    func bit(_ tag: UInt8) -> Bool { content(tag) != nil }

    func content(_ tag: UInt8) -> ArraySlice<UInt8>? { fields.first { $0.tag == tag }?.content }
}
