// SPDX-License-Identifier: Apache-2.0

/// Received text made safe for a terminal: shown, never obeyed.
///
/// Escape sequences, other controls and the characters that reverse a line's direction become visible
/// (`␛`, `<U+202E>`). Line breaks and tabs are the caller's to lay out: with `keepingLines` they stay.
public enum TerminalText {
    public static func visible(_ text: String, keepingLines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { isUnsafe($0) }) else { return text }
        var output = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            switch scalar.value {
            case 0x0A where keepingLines, 0x0D where keepingLines:
                if scalar.value == 0x0A, previous == "\r" { continue }
                output.append("\n")
            case 0x09: output.append(" ")
            case 0..<0x20: output.append(Unicode.Scalar(0x2400 + scalar.value) ?? " ")
            case 0x7F: output.append("\u{2421}")
            default:
                guard isUnsafe(scalar) else {
                    output.append(scalar)
                    continue
                }
                output.append(
                    contentsOf: "<U+\(String(scalar.value, radix: 16, uppercase: true))>".unicodeScalars)
            }
        }
        return String(output)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
