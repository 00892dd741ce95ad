// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A JSON object of one line, built member by member in the order added.
struct JSONLine {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// The object, complete.
    var closed: [UInt8] { bytes + [UInt8(ascii: "}")] }

    /// Adds a string, or `null`.
    mutating func add(_ key: StaticString, _ value: String?) {
        open(key)
        if let value { JSONString.append(value, to: &bytes) } else { bytes.append(contentsOf: "null".utf8) }
    }

    /// Adds a number, or `null`.
    mutating func add(_ key: StaticString, _ value: (some BinaryInteger)?) {
        open(key)
        bytes.append(contentsOf: (value.map { String($0) } ?? "null").utf8)
    }

    mutating func add(_ key: StaticString, _ value: Bool) {
        open(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Adds JSON text as the value it is; text that is no JSON after all becomes a string.
    mutating func add(_ key: StaticString, json text: String) {
        // Kept as received: what is no JSON is shown as the text it is.
        guard let value = try? JSONDocument(text: text).root else { return add(key, text) }
        open(key)
        bytes.append(contentsOf: value.compactJSON.utf8)
    }

    /// Adds a number with a point, as short as it can be told from its neighbours, or `null`.
    mutating func add(_ key: StaticString, decimal value: Double?) {
        open(key)
        bytes.append(contentsOf: (value.map { $0.isFinite ? "\($0)" : "null" } ?? "null").utf8)
    }

    /// Adds an object, or `null`.
    mutating func add(_ key: StaticString, _ value: JSONLine?) {
        open(key)
        bytes.append(contentsOf: value?.closed ?? Array("null".utf8))
    }

    /// Adds an array of objects.
    mutating func add(_ key: StaticString, _ values: [JSONLine]) {
        open(key)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: value.closed)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Adds an array of strings.
    mutating func add(_ key: StaticString, _ values: [String]) {
        open(key)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONString.append(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Adds a number under a name that is not known beforehand.
    mutating func add(name: String, _ value: some BinaryInteger) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONString.append(name, to: &bytes)
        bytes.append(contentsOf: ":\(value)".utf8)
    }

    private mutating func open(_ key: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: "\"\(key)\":".utf8)
    }
}
