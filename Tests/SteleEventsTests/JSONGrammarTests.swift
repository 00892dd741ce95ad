// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport
import Testing

struct JSONGrammarTests {
    static func error(_ bytes: [UInt8], maximumDepth: Int = JSONDocument.defaultMaximumDepth) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONDocument(bytes, maximumDepth: maximumDepth)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "takes every form of the grammar",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "123456789", "0.5", "-0.0", "1e5", "1E5", "1e+5",
            "1e-5",
            "1.25e10", "0e1", "0E+7", "1e999", "123456789012345678901234567890", #""""#, #""a""#, " 1 ",
            "\n\t\r1",
            "[]", "[ ]", "[1]", "[1,2,3]", "[ 1 , 2 ]", "[[[]]]", "{}", "{ }", #"{"a":1}"#, #"{"a":1,"a":2}"#,
            #"{ "a" : { "b" : [ ] } , "" : null }"#, #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\uABCD\uabcd""#,
            #""\ud83d\ude00""#, #""\ud800""#, #""\udc00""#, #""\ud800x""#, "\"\u{7F}\"", "\"中文 😀 é\"",
            "\"\u{2028}\u{2029}\u{FEFF}\u{FFFF}\u{10FFFF}\"", #"["a",1,true,null,{"b":[1.5]}]"#,
            #"{"long key, longer than eight bytes":"long value, longer than eight bytes"}"#,
        ])
    func takes(text: String) { #expect(Self.error(Array(text.utf8)) == nil) }

    @Test(
        "refuses everything else",
        arguments: [
            "", " ", "nul", "nulll", "True", "NULL", "undefined", "NaN", "Infinity", "-Infinity", "'a'", "a",
            "+1",
            "-", "--1", "01", "-01", "00", "1.", ".5", "-.5", "1e", "1e+", "1E-", "1.e5", "0x10", "1_000",
            "1 2",
            "1,", "\"", "\"a", "\"\\\"", "\"\\", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u123g\"",
            "\"\\U0041\"",
            "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", "\"12345678\u{1F}\"", "[", "]", "[1", "[1,",
            "[1,]", "[,1]",
            "[,]", "[1 2]", "[1,,2]", "[}", "[1}", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{null:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
            "{\"a\":1,,\"b\":2}",
            "{\"a\":1]", "{\"a\"::1}", "[]]", "{}}", "[][]", "{}{}", "[1]x", "\u{FEFF}1", "/*c*/1", "1//c",
            "\u{A0}1",
            "\u{B}1", "\u{C}1", "[\"a\",\n4,\n1,", "[1,\u{0}]", "{\"a\":/*x*/1}", "\"a\"\"b\"", "[true,fals]",
            "tru", "t",
        ])
    func refuses(text: String) {
        let error = Self.error(Array(text.utf8))
        #expect(error?.code == .malformed)
        if let error { #expect((0...text.utf8.count).contains(error.offset), "at \(error.offset)") }
    }

    @Test("names the place of the first wrong byte")
    func offsets() {
        #expect(Self.error(Array(#"{"a":1,}"#.utf8))?.offset == 7)
        #expect(Self.error(Array(#"["abcdefgh","ijk"#.utf8))?.offset == 16)
        #expect(Self.error(Array(#"{"a":tru}"#.utf8))?.offset == 8)
        #expect(
            Self.error(Array("[1]x".utf8))?.description
                == "not JSON at byte 3: something follows the JSON value")
    }

    @Test(
        "takes UTF-8 and refuses what only looks like it",
        arguments: [
            ([0xC2, 0x80], true), ([0xDF, 0xBF], true), ([0xE0, 0xA0, 0x80], true),
            ([0xED, 0x9F, 0xBF], true),
            ([0xEE, 0x80, 0x80], true), ([0xEF, 0xBF, 0xBF], true), ([0xF0, 0x90, 0x80, 0x80], true),
            ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0x80], false), ([0xBF], false), ([0xC0, 0x80], false),
            ([0xC1, 0xBF], false), ([0xC2], false), ([0xC2, 0x41], false), ([0xE0, 0x9F, 0xBF], false),
            ([0xE4, 0xB8], false), ([0xE4, 0xB8, 0x41], false), ([0xE4, 0x41, 0xAD], false),
            ([0xED, 0xA0, 0x80], false), ([0xED, 0xBF, 0xBF], false), ([0xF0, 0x8F, 0xBF, 0xBF], false),
            ([0xF0, 0x9F, 0x98], false), ([0xF0, 0x9F, 0x98, 0x41], false),
            ([0xF0, 0x9F, 0x41, 0x80], false),
            ([0xF4, 0x90, 0x80, 0x80], false), ([0xF5, 0x80, 0x80, 0x80], false), ([0xFE], false),
            ([0xFF], false),
        ] as [([UInt8], Bool)])
    func utf8(bytes: [UInt8], isValid: Bool) {
        // At every distance from the eight-byte steps, and last in the text too.
        for padding in 0...9 {
            let text = [0x22] + Array(repeating: 0x61, count: padding) + bytes + [0x22]
            #expect((Self.error(text) == nil) == isValid, "after \(padding) letters")
            #expect(Self.error(Array(text.dropLast())) != nil)
        }
    }

    @Test(
        "agrees with the standard library about every pair and random run of bytes",
        arguments: 0..<16 as Range<UInt64>)
    func utf8Random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4000 {
            let bytes = (0..<random.int(in: 1..<6)).map { _ in
                random.chance(oneIn: 4) ? 0x61 : UInt8(truncatingIfNeeded: random.next() | 0x80)
            }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect((Self.error([0x22] + bytes + [0x22]) == nil) == isValid, "\(bytes)")
        }
    }

    @Test("a control character in a string is found at every distance from the eight-byte steps")
    func controls() {
        for control in UInt8(0)..<0x22 {
            for padding in 0...9 {
                let letters = Array(repeating: UInt8(ascii: "a"), count: padding)
                let text = [0x22] + letters + [control] + Array("abcdefghijklmnop\"".utf8)
                #expect((Self.error(text) == nil) == (control >= 0x20), "\(control) after \(padding) letters")
                if control < 0x20 { #expect(Self.error(text)?.offset == 1 + padding) }
            }
        }
    }

    @Test("depth is limited to the number given", arguments: ["[", #"{"a":"#])
    func depth(opening: String) {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth))
                    .utf8)
        }
        #expect(Self.error(nested(5), maximumDepth: 5) == nil)
        #expect(Self.error(nested(6), maximumDepth: 5)?.code == .tooDeep)
        #expect(Self.error(nested(6), maximumDepth: 5)?.offset == 5 * opening.utf8.count)
        #expect(Self.error(nested(128)) == nil)
        #expect(Self.error(nested(200_000))?.code == .tooDeep)
        // Deep without a limit is only long: no stack is used up.
        #expect(Self.error(nested(200_000), maximumDepth: .max) == nil)
        #expect(Self.error(Array("1".utf8), maximumDepth: 0) == nil)
        #expect(Self.error(Array("[]".utf8), maximumDepth: 0)?.code == .tooDeep)
        // Siblings are no depth.
        #expect(Self.error(Array("[[],[],[],{}]".utf8), maximumDepth: 2) == nil)
        let unclosed = Array(String(repeating: opening, count: 200_000).utf8)
        #expect(Self.error(unclosed, maximumDepth: .max)?.code == .malformed)
    }

    @Test("a whole sample is JSON, and no part of it", arguments: ["callback-post/msg-chat-combine.json"])
    func prefixes(file: String) throws {
        let bytes = try Fixtures.bytes(file)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}"))) + 1
        #expect(Self.error(bytes) == nil)
        for length in 0..<end { #expect(Self.error(Array(bytes[..<length])) != nil, "\(length) bytes") }
    }
}
