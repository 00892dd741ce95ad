// SPDX-License-Identifier: Apache-2.0

package import SteleTestSupport

/// Changes records as nobody would write them: bytes anywhere, and values that no field of the platform has.
package enum PayloadMutation {
    private static let values = [
        "null", "true", "0", "-1", "1e400", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615",
        "99999999999999999999999999", "0.1", #""""#, #""\u0000""#, #""\ud800""#, #""99999999999999""#,
        #""9223372036854775807""#, "[]", "{}", #"[[[[{}]]]]"#, #"[null,1,"x",{"a":[]}]"#,
        #"{"id":{},"payload":[],"bodies":{}}"#, #""a#b_c@easemob.com/x""#, #""@""#, #""_""#, ##""#""##,
        #"":""#,
    ]

    /// The line with one to four changes, still one line.
    package static func mutated(_ line: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var line = line
        for _ in 0..<random.int(in: 1..<5) {
            guard line.count > 2 else { return line.isEmpty ? Array("x".utf8) : line }
            switch random.int(in: 0..<6) {
            case 0: line[random.int(in: 0..<line.count)] = UInt8(random.int(in: 0x20..<0x100))
            case 1: line.remove(at: random.int(in: 0..<line.count))
            case 2: line.removeSubrange(random.int(in: 0..<line.count)...)
            default: replaceValue(in: &line, using: &random)
            }
        }
        return line.isEmpty ? Array("x".utf8) : line
    }

    /// Puts another value where one stands after a colon.
    private static func replaceValue(in line: inout [UInt8], using random: inout SeededGenerator) {
        let colons = line.indices.filter { line[$0] == UInt8(ascii: ":") && $0 + 1 < line.count }
        guard !colons.isEmpty else { return }
        let start = random.pick(colons) + 1
        var end = start
        var depth = 0
        var isInString = false
        while end < line.count {
            let byte = line[end]
            if isInString {
                if byte == UInt8(ascii: "\\") {
                    end += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                if depth < 0 || (depth == 0 && byte == UInt8(ascii: ",")) { break }
            }
            end += 1
        }
        line.replaceSubrange(start..<min(end, line.count), with: Array(random.pick(values).utf8))
    }
}
