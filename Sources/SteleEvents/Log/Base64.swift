// SPDX-License-Identifier: Apache-2.0

/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
public enum Base64 {
    /// Appends the text that stands for `bytes`.
    public static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        var position = 0
        while position + 3 <= bytes.count {
            let group =
                UInt32(bytes[position]) << 16 | UInt32(bytes[position + 1]) << 8
                | UInt32(bytes[position + 2])
            for shift in [18, 12, 6, 0] as [UInt32] { output.append(alphabet[Int(group >> shift & 63)]) }
            position += 3
        }
        switch bytes.count - position {
        case 1:
            let group = UInt32(bytes[position]) << 16
            output.append(alphabet[Int(group >> 18)])
            output.append(alphabet[Int(group >> 12 & 63)])
            output.append(contentsOf: [padding, padding])
        case 2:
            let group = UInt32(bytes[position]) << 16 | UInt32(bytes[position + 1]) << 8
            output.append(alphabet[Int(group >> 18)])
            output.append(alphabet[Int(group >> 12 & 63)])
            output.append(alphabet[Int(group >> 6 & 63)])
            output.append(padding)
        default: break
        }
    }

    /// The bytes `text` stands for; nil unless it is whole groups of the alphabet, padded.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var characters = 0
        var paddings = 0
        for byte in text {
            if byte == padding {
                paddings += 1
                group <<= 6
            } else {
                guard paddings == 0, let value = value(of: byte) else { return nil }
                group = group << 6 | value
            }
            characters += 1
            guard characters % 4 == 0 else { continue }
            output.append(UInt8(group >> 16 & 255))
            if paddings < 2 { output.append(UInt8(group >> 8 & 255)) }
            if paddings < 1 { output.append(UInt8(group & 255)) }
            guard paddings <= 2, paddings == 0 || characters == text.count else { return nil }
            group = 0
        }
        return output
    }

    private static let padding = UInt8(ascii: "=")
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
