// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

@testable import SteleWire

struct KeyValueJSONTests {
    @Test(
        "a JSON value has one type on the wire, and comes back",
        arguments: [
            (#""text""#, WireKeyValue.ValueType.string), (#""""#, .string), (#""1""#, .string),
            ("true", .bool), ("false", .bool), ("0", .int), ("-7", .int), ("9007199254740992", .int),
            ("9007199254740993", .llint), ("1418038744321099732", .llint), ("-9223372036854775808", .llint),
            ("1.5", .double), ("-0.25", .double), ("null", .jsonString), ("[1,2]", .jsonString),
            (#"{"a":{"b":"引用"}}"#, .jsonString), ("18446744073709551616", .jsonString),
            ("1e999", .jsonString),
        ])
    func roundTrip(json: String, type: WireKeyValue.ValueType) throws {
        let text = #"{"k":\#(json)}"#
        let values = KeyValueJSON.keyValues(text)
        #expect(values.count == 1)
        #expect(values.first?.type == type)
        #expect(KeyValueJSON.object(values) == text)
    }

    @Test("a whole number is one however it is written")
    func wholeNumbers() {
        #expect(KeyValueJSON.object(KeyValueJSON.keyValues(#"{"k":3.0}"#)) == #"{"k":3}"#)
        #expect(KeyValueJSON.object(KeyValueJSON.keyValues(#"{"k":1e3}"#)) == #"{"k":1000}"#)
    }

    @Test("keeps the order of members, and keys that need escapes")
    func order() {
        let text = #"{"z":1,"a\"b":"x\ny","中文":"值"}"#
        #expect(KeyValueJSON.object(KeyValueJSON.keyValues(text)) == text)
        #expect(KeyValueJSON.object([]) == nil)
        #expect(KeyValueJSON.keyValues("not json").isEmpty)
        #expect(KeyValueJSON.keyValues(nil).isEmpty)
    }

    @Test("reads every type the wire has")
    func types() throws {
        func value(_ type: WireKeyValue.ValueType?, _ set: (inout WireKeyValue) -> Void) -> FieldValue {
            var value = WireKeyValue()
            if let type { value.type = type }
            set(&value)
            return KeyValueJSON.fieldValue(value)
        }
        #expect(value(.uint) { $0.varintValue = -1 } == .json("18446744073709551615"))
        #expect(value(.float) { $0.floatValue = 1.5 } == .json("1.5"))
        #expect(value(.double) { $0.doubleValue = .infinity } == .json("null"))
        #expect(value(.jsonString) { $0.stringValue = "{broken" } == .string("{broken"))
        #expect(value(.string) { $0.stringValue = "{}" } == .string("{}"))
        #expect(value(nil) { $0.stringValue = "untyped" } == .string("untyped"))
        #expect(value(.string) { _ in } == .json("null"))
    }
}
