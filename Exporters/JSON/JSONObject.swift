// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// An object being written into a buffer: it only knows whether a comma is due.
///
/// The buffer is handed in each time, so that objects nest without copying it.
struct JSONObject {
    private var isEmpty = true

    init(_ output: inout [UInt8]) { output.append(UInt8(ascii: "{")) }

    func end(_ output: inout [UInt8]) { output.append(UInt8(ascii: "}")) }

    /// Appends `"key":`; the value is the caller's to write.
    mutating func key(_ key: StaticString, _ output: inout [UInt8]) {
        if isEmpty { isEmpty = false } else { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "\""))
        output.append(literal: key)
        output.append(literal: "\":")
    }

    /// Appends a string; nil is left out, or null where readers expect the member.
    mutating func string(_ key: StaticString, _ value: String?, _ output: inout [UInt8], null: Bool = false) {
        guard let value else {
            if null { literal(key, "null", &output) }
            return
        }
        self.key(key, &output)
        JSONString.append(value, to: &output)
    }

    /// Appends a string under a key out of the data; nil is left out.
    mutating func string(dynamic key: String, _ value: String?, _ output: inout [UInt8]) {
        guard let value else { return }
        if isEmpty { isEmpty = false } else { output.append(UInt8(ascii: ",")) }
        JSONString.append(key, to: &output)
        output.append(UInt8(ascii: ":"))
        JSONString.append(value, to: &output)
    }

    mutating func literal(_ key: StaticString, _ value: StaticString, _ output: inout [UInt8]) {
        self.key(key, &output)
        output.append(literal: value)
    }

    mutating func number(_ key: StaticString, _ value: some BinaryInteger, _ output: inout [UInt8]) {
        self.key(key, &output)
        output.append(decimal: value)
    }

    /// Appends a number; what JSON has no form for (infinite, not a number) is null.
    mutating func number(_ key: StaticString, _ value: Double, _ output: inout [UInt8]) {
        self.key(key, &output)
        if let whole = Int64(exactly: value) {
            output.append(decimal: whole)
        } else {
            output.append(utf8: value.isFinite ? value.description : "null")
        }
    }

    /// Appends JSON text as the value it is, on one line; text that is no JSON after all becomes a string.
    mutating func json(_ key: StaticString, _ text: String, _ output: inout [UInt8]) {
        self.key(key, &output)
        guard (try? JSONDocument(text: text)) != nil else { return JSONString.append(text, to: &output) }
        // A raw line break can only stand between tokens, where a space means the same.
        for byte in text.utf8 { output.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
    }

    mutating func strings(_ key: StaticString, _ values: [String], _ output: inout [UInt8]) {
        array(key, values, &output) { JSONString.append($0, to: &$1) }
    }

    mutating func array<Element>(
        _ key: StaticString, _ elements: [Element], _ output: inout [UInt8],
        _ append: (Element, inout [UInt8]) -> Void
    ) {
        self.key(key, &output)
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
