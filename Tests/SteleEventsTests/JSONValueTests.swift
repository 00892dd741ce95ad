// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport
import Testing

struct JSONValueTests {
    static func root(_ text: String) throws -> JSONValue { try JSONDocument(text: text).root }

    @Test("walks members and elements in the order received")
    func walks() throws {
        let root = try Self.root(#" {"a":[1,[2],{"x":3}],"b":{"c":{}},"d":"e"} "#)
        #expect(root.members.map(\.key) == ["a", "b", "d"])
        #expect(root["a"]?.elements.map(\.json) == ["1", "[2]", #"{"x":3}"#])
        #expect(root["a"]?.firstElement?.int64 == 1)
        #expect(root["b"]?["c"]?.hasChildren == false)
        #expect(root["b"]?.hasChildren == true)
        #expect(root["d"]?.string == "e")
        #expect(root["d"]?.range == 39..<42)
        #expect(root["missing"] == nil)
        #expect(root["d"]?["e"] == nil)
        #expect(root["d"]?.elements.map(\.json) == [])
        #expect(root["d"]?.firstElement == nil)
        #expect(root.member(named: "d")?.string == "e")
        #expect(root.member(named: "") == nil)
    }

    @Test("the first of repeated members counts, escaped names too")
    func names() throws {
        let root = try Self.root(#"{"a":1,"a":2,"\u0062":3,"c\"":4,"中":5}"#)
        #expect(root["a"]?.int64 == 1)
        #expect(root["b"]?.int64 == 3)
        #expect(root["c\""]?.int64 == 4)
        #expect(root["中"]?.int64 == 5)
        #expect(root.member(named: "b")?.int64 == 3)
        #expect(root.members.map(\.key) == ["a", "a", "b", "c\"", "中"])
    }

    @Test(
        "resolves escapes",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u4e2d\u6587""#, "中文"),
            (#""\u0000a""#, "\u{0}a"),
            (#""\ud83d\ude00!""#, "😀!"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
            (#""\ud83dx""#, "\u{FFFD}x"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\n""#, "\u{FFFD}\n"),
            (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), ("\"e\\u0301\"", "e\u{301}"), (#""\\u0041""#, "\\u0041"),
        ])
    func escapes(json: String, text: String) throws {
        let string = try #require(try Self.root(json).string)
        #expect(Array(string.unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(
        "reads numbers from numbers and from strings",
        arguments: [
            ("0", 0, 0), ("-1", -1, -1), ("1747020443131", 1_747_020_443_131, 1_747_020_443_131),
            ("\"1747020443131\"", 1_747_020_443_131, 1_747_020_443_131), ("1.9", 1, 1.9), ("-1.9", -1, -1.9),
            ("1e3", 1000, 1000), ("\"12.5\"", 12, 12.5),
            ("999999999999999999", 999_999_999_999_999_999, 1e18),
            ("9223372036854775807", .max, 9.2233720368547758e18),
            ("-9223372036854775808", .min, -9.2233720368547758e18),
            ("9223372036854775808", nil, 9.2233720368547758e18), ("1e400", nil, nil), ("\"inf\"", nil, nil),
            ("\"nan\"", nil, nil), ("\"\"", nil, nil), ("\"12a\"", nil, nil), ("\" 1\"", nil, nil),
            ("true", nil, nil),
            ("null", nil, nil), ("[1]", nil, nil), ("{}", nil, nil), ("-0.0", 0, 0),
        ] as [(String, Int64?, Double?)])
    func numbers(json: String, whole: Int64?, double: Double?) throws {
        #expect(try Self.root(json).int64 == whole)
        #expect(try Self.root(json).double == double)
    }

    @Test("keeps the digits of a number that no type holds")
    func digits() throws {
        #expect(
            try Self.root("14180387443210997321418038744321099732").text
                == "14180387443210997321418038744321099732")
        #expect(try Self.root("\"1418038744321099732\"").text == "1418038744321099732")
        #expect(try Self.root("true").text == nil)
    }

    @Test("reads truth from literals and from strings")
    func truth() throws {
        #expect(try Self.root("true").bool == true)
        #expect(try Self.root("\"false\"").bool == false)
        #expect(try Self.root("1").bool == nil)
        #expect(try Self.root("\"yes\"").bool == nil)
    }

    @Test("compact text is the same value without its layout")
    func compact() throws {
        let root = try Self.root("{ \"a b\" : [ 1 ,\n \"x \\\" y\\\\\" , \"  \" ] }")
        #expect(root.compactJSON == #"{"a b":[1,"x \" y\\","  "]}"#)
        #expect(try Self.root(#"{"a":1}"#).compactJSON == #"{"a":1}"#)
    }

    @Test("what is written as a string is read as it was", arguments: 0..<8 as Range<UInt64>)
    func strings(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let scalars = (0..<random.int(in: 0..<24)).compactMap { _ in
                Unicode.Scalar(UInt32(random.int(in: 0..<(random.chance(oneIn: 2) ? 0x80 : 0x11_0000))))
            }
            let text = String(String.UnicodeScalarView(scalars))
            var json: [UInt8] = []
            JSONString.append(text, to: &json)
            #expect(!json.contains { $0 < 0x20 })
            let read = try #require(try JSONDocument(json).root.string)
            #expect(Array(read.utf8) == Array(text.utf8), "seed \(seed)")
        }
    }
}
