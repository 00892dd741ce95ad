// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Checks JSON against the part of JSON Schema (draft 2020-12) that `transcript.schema.json` uses.
///
/// A keyword it does not know is an error: otherwise a rule could be written that nothing checks.
struct JSONSchema {
    let root: JSONValue

    /// What is wrong with `value`, one line each, each with its path; empty when it is valid.
    func problems(with value: JSONValue) -> [String] { problems(value, root, at: "$") }

    private func problems(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
        var found: [String] = []
        for (keyword, rule) in schema.members {
            switch keyword {
            case "$schema", "$id", "$defs", "title", "description", "required", "additionalProperties": break
            case "$ref": found += problems(value, target(of: rule.string ?? ""), at: path)
            case "type": if !hasType(value, rule) { found.append("\(path): not a \(rule.json)") }
            case "const": if value.json != rule.json { found.append("\(path): not \(rule.json)") }
            case "enum":
                if !rule.elements.contains(where: { $0.json == value.json }) {
                    found.append("\(path): \(value.json) is none of \(rule.json)")
                }
            case "minimum":
                if let number = value.double, let minimum = rule.double, number < minimum {
                    found.append("\(path): \(number) is below \(minimum)")
                }
            case "format": if !isDateTime(value.string ?? "") { found.append("\(path): no date-time") }
            case "items":
                for (index, element) in value.elements.enumerated() {
                    found += problems(element, rule, at: "\(path)[\(index)]")
                }
            case "anyOf":
                let attempts = rule.elements.map { problems(value, $0, at: path) }
                if !attempts.contains(where: \.isEmpty) {
                    found.append("\(path): fits none of \(attempts.count) forms; \(attempts.flatMap(\.self))")
                }
            case "properties": found += memberProblems(value, schema, rule, at: path)
            default: found.append("the schema has the unknown keyword \(keyword)")
            }
        }
        if schema["properties"] == nil, let rule = schema["additionalProperties"], rule.isObject {
            for (key, member) in value.members { found += problems(member, rule, at: "\(path).\(key)") }
        }
        return found
    }

    private func memberProblems(_ value: JSONValue, _ schema: JSONValue, _ rules: JSONValue, at path: String)
        -> [String]
    {
        guard value.isObject else { return [] }
        var found: [String] = []
        var seen: Set<String> = []
        for (key, member) in value.members {
            if !seen.insert(key).inserted { found.append("\(path).\(key): twice") }
            if let rule = rules.member(named: key) {
                found += problems(member, rule, at: "\(path).\(key)")
            } else if schema["additionalProperties"]?.bool == false {
                found.append("\(path).\(key): not in the schema")
            }
        }
        for key in schema["required"].map({ Array($0.elements) }) ?? [] where !seen.contains(key.string ?? "")
        {
            found.append("\(path): \(key.json) is missing")
        }
        return found
    }

    private func target(of reference: String) -> JSONValue {
        var value = root
        for part in reference.dropFirst(2).split(separator: "/") {
            value = value.member(named: String(part)) ?? value
        }
        return value
    }

    private func hasType(_ value: JSONValue, _ rule: JSONValue) -> Bool {
        if rule.isArray { return rule.elements.contains { hasType(value, $0) } }
        return switch rule.string {
        case "object": value.isObject
        case "array": value.isArray
        case "string": value.kind == .string
        case "number": value.kind == .number
        case "integer": value.kind == .number && Int64(value.json) != nil
        case "boolean": value.kind == .bool
        case "null": value.isNull
        default: false
        }
    }

    /// RFC 3339: `2026-11-20T01:30:12.345Z`.
    private func isDateTime(_ text: String) -> Bool {
        text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}(Z|[+-]\d\d:\d\d)/) != nil
    }
}
