// SPDX-License-Identifier: Apache-2.0

/// Strings in and out of JSON.
public enum JSONString {
    /// Appends `text` as a JSON string, quotes included.
    ///
    /// Only what the grammar demands is escaped, so that Chinese stays readable with `zcat`.
    public static func append(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { append(utf8: $0, to: &output) }
    }

    /// Appends valid UTF-8 as a JSON string, quotes included.
    public static func append(utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var clean = 0
        for (index, byte) in utf8.enumerated()
        where byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F {
            output.append(contentsOf: utf8[clean..<index])
            clean = index + 1
            appendEscaped(byte, to: &output)
        }
        output.append(contentsOf: utf8[clean...])
        output.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: output.append(byte)
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            output.append(contentsOf: "u00".utf8)
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
    }

    /// The text between the quotes of a valid JSON string.
    ///
    /// Half a surrogate pair becomes U+FFFD.
    static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                output.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): output.append(contentsOf: String(unicodeEscape(&rest)).utf8)
            default: output.append(escape)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads the digits after `\u`, and the second half of a pair where there is one.
    private static func unicodeEscape(_ rest: inout ArraySlice<UInt8>) -> Character {
        let high = fourDigits(&rest)
        guard (0xD800...0xDFFF).contains(high) else {
            return Unicode.Scalar(high).map(Character.init) ?? "\u{FFFD}"
        }
        var ahead = rest
        guard high < 0xDC00, ahead.popFirst() == UInt8(ascii: "\\"), ahead.popFirst() == UInt8(ascii: "u")
        else {
            return "\u{FFFD}"
        }
        let low = fourDigits(&ahead)
        guard (0xDC00...0xDFFF).contains(low) else { return "\u{FFFD}" }
        rest = ahead
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)).map(Character.init)
            ?? "\u{FFFD}"
    }

    private static func fourDigits(_ rest: inout ArraySlice<UInt8>) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 4 | UInt32(rest.popFirst()?.hexValue ?? 0) }
        return value
    }
}
