// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SwiftProtobuf

/// Extension objects: typed keys and values on the wire, JSON everywhere else.
///
/// | JSON | type on the wire |
/// |---|---|
/// | string | STRING |
/// | true, false | BOOL |
/// | whole number within ±2^53 | INT |
/// | other number of 64 bits | LLINT |
/// | number with a fraction | DOUBLE |
/// | object, array, null, and a number no type can hold | JSON_STRING: its JSON text |
enum KeyValueJSON {
    /// The JSON text of an object; nil when it has no member.
    static func object(_ values: [WireKeyValue]) -> String? {
        guard !values.isEmpty else { return nil }
        var text = [UInt8(ascii: "{")]
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            JSONString.append(value.key, to: &text)
            text.append(UInt8(ascii: ":"))
            switch fieldValue(value) {
            case .string(let string): JSONString.append(string, to: &text)
            case .json(let json): text.append(contentsOf: json.utf8)
            }
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    /// The members of a JSON object, typed; none when the text is no object.
    static func keyValues(_ json: String?) -> [WireKeyValue] {
        // An extension text is made by this program or checked on its way in; any other has no members.
        guard let json, let root = (try? JSONDocument(text: json))?.root else { return [] }
        return root.members.map { keyValue($0.key, $0.value) }
    }

    /// A value as JSON has it.
    static func fieldValue(_ value: WireKeyValue) -> FieldValue {
        switch value.value {
        case .stringValue(let text)?:
            // The type says whether the text is a string or JSON; what claims to be JSON and is not is a string.
            value.type == .jsonString && (try? JSONDocument(text: text)) != nil ? .json(text) : .string(text)
        case .varintValue(let number)?:
            switch value.type {
            case .bool: .json(number == 0 ? "false" : "true")
            case .uint: .json(String(UInt64(bitPattern: number)))
            default: .json(String(number))
            }
        case .floatValue(let number)?: .json(number.isFinite ? "\(number)" : "null")
        case .doubleValue(let number)?: .json(number.isFinite ? "\(number)" : "null")
        case nil: .json("null")
        }
    }

    /// A value as the wire has it.
    static func keyValue(_ key: String, _ value: FieldValue) -> WireKeyValue {
        switch value {
        case .string(let text): return string(key, text)
        case .json(let json):
            guard let root = (try? JSONDocument(text: json))?.root else { return string(key, json) }
            return keyValue(key, root)
        }
    }

    static func integer(_ key: String, _ number: Int64) -> WireKeyValue {
        var result = WireKeyValue()
        result.key = key
        result.type = number.magnitude <= 1 << 53 ? .int : .llint
        result.varintValue = number
        return result
    }

    static func boolean(_ key: String, _ value: Bool) -> WireKeyValue {
        var result = WireKeyValue()
        result.key = key
        result.type = .bool
        result.varintValue = value ? 1 : 0
        return result
    }

    private static func string(_ key: String, _ text: String) -> WireKeyValue {
        var result = WireKeyValue()
        result.key = key
        result.type = .string
        result.stringValue = text
        return result
    }

    private static func keyValue(_ key: String, _ json: JSONValue) -> WireKeyValue {
        switch json.kind {
        case .string: return string(key, json.string ?? "")
        case .bool: return boolean(key, json.bool ?? false)
        case .number: return number(key, json)
        case .object, .array, .null: return jsonText(key, json)
        }
    }

    private static func number(_ key: String, _ json: JSONValue) -> WireKeyValue {
        if let whole = Int64(json.json) { return integer(key, whole) }
        guard json.json.contains(where: { ".eE".contains($0) }), let number = json.double, number.isFinite
        else {
            return jsonText(key, json)
        }
        // A client cannot tell 3.0 from 3.
        if let whole = Int64(exactly: number), whole.magnitude <= 1 << 53 { return integer(key, whole) }
        var result = WireKeyValue()
        result.key = key
        result.type = .double
        result.doubleValue = number
        return result
    }

    private static func jsonText(_ key: String, _ json: JSONValue) -> WireKeyValue {
        var result = WireKeyValue()
        result.key = key
        result.type = .jsonString
        result.stringValue = json.json
        return result
    }
}
