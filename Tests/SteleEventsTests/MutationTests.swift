// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport
import Testing

/// Whatever a payload is made of, decoding it gives a value.
struct MutationTests {
    @Test("mutated samples are decoded without a trap", arguments: 0..<48 as Range<UInt64>)
    func mutate(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let files = FixtureTests.expected.keys.sorted()
        for _ in 0..<150 {
            let file = random.pick(files)
            let document = try JSONDocument(Fixtures.bytes(file))
            var bytes: [UInt8] = []
            var mutations = 1 + random.int(in: 0..<3)
            Self.write(document.root, to: &bytes, random: &random, mutations: &mutations)
            let mutated = try JSONDocument(bytes, maximumDepth: .max)
            for surface in Surface.allCases {
                let event = Event.decode(
                    mutated.root, surface: surface, isPreSend: random.chance(oneIn: 2),
                    app: random.chance(oneIn: 2) ? AppKey("easemob-demo#support") : nil, session: nil)
                // Reading every field is part of not trapping.
                #expect(EventSummary.columns(of: event).count == 8, "seed \(seed), \(file)")
            }
            _ = PayloadShape.detect(mutated.root)
        }
    }

    /// Writes `value` with members dropped, repeated, replaced by other kinds of values, or nested.
    private static func write(
        _ value: JSONValue, to output: inout [UInt8], random: inout SeededGenerator, mutations: inout Int
    ) {
        if mutations > 0, random.chance(oneIn: 6) {
            mutations -= 1
            output.append(contentsOf: replacement(for: value, random: &random).utf8)
            return
        }
        switch value.kind {
        case .object:
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, member) in value.members {
                if mutations > 0, random.chance(oneIn: 12) {
                    mutations -= 1
                    continue
                }
                for _ in 0..<(random.chance(oneIn: 40) ? 2 : 1) {
                    if !isFirst { output.append(UInt8(ascii: ",")) }
                    isFirst = false
                    JSONString.append(key, to: &output)
                    output.append(UInt8(ascii: ":"))
                    write(member, to: &output, random: &random, mutations: &mutations)
                }
            }
            output.append(UInt8(ascii: "}"))
        case .array:
            output.append(UInt8(ascii: "["))
            for (index, element) in value.elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(element, to: &output, random: &random, mutations: &mutations)
            }
            output.append(UInt8(ascii: "]"))
        default: output.append(contentsOf: value.bytes)
        }
    }

    private static func replacement(for value: JSONValue, random: inout SeededGenerator) -> String {
        random.pick([
            "null", "true", "false", "0", "-1", "1e400", "-9223372036854775808", "9223372036854775807",
            "18446744073709551615", "1.7976931348623157e308", "\"\"", "\"-9223372036854775808\"", "\"NaN\"",
            "\"nan\"", "\"infinity\"", "\"\\u0000\\ud800\"", "\"@easemob.com\"", "\"#_\"", "\"a#b_\"",
            "\"/chatfiles/\"", "\"https://x/chatfiles/?#&=share-secret\"", "\"{\\\"result\\\":[[[]]]}\"",
            "[]",
            "{}", "[[]]", "[null]", "[{}]", "{\"\":{}}", "[\(value.json)]", "{\"x\":\(value.json)}",
            "\"\(String(repeating: "很长", count: 500))\"",
            String(repeating: "[", count: 300) + String(repeating: "]", count: 300),
        ])
    }
}
