// SPDX-License-Identifier: Apache-2.0

/// How many columns of a terminal text takes: Chinese, Japanese, Korean and emoji take two.
///
/// After Unicode's East Asian Width (UAX 11), wide and fullwidth; marks that combine take none.
public enum DisplayWidth {
    /// Columns of the whole text, taken as one line.
    public static func columns(of text: some StringProtocol) -> Int {
        var total = 0
        for character in text { total += columns(of: character) }
        return total
    }

    /// Columns of one character as people see it, whatever it is made of.
    public static func columns(of character: Character) -> Int {
        if let ascii = character.asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
        var widest = 0
        for scalar in character.unicodeScalars {
            // The selector that asks for the colourful form makes any symbol wide.
            if scalar.value == 0xFE0F { return 2 }
            widest = max(widest, columns(of: scalar))
        }
        return widest
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        if wide.contains(where: { $0.contains(scalar.value) }) { return 2 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x4E00...0xA4CF, 0x3000...0x303E, 0xFF01...0xFF60, 0x3041...0x33FF, 0x3400...0x4DBF, 0xAC00...0xD7A3,
        0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD, 0x1100...0x115F, 0x2E80...0x2FFF,
        0xA960...0xA97F, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFFE0...0xFFE6,
        0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E,
        0x1F191...0x1F19A, 0x1F1E6...0x1F202, 0x1F210...0x1F23B, 0x1F240...0x1F265, 0x1F680...0x1F6FF,
        0x1F7E0...0x1F7EB, 0x1FA70...0x1FAFF, 0x231A...0x231B, 0x23E9...0x23EC, 0x25FD...0x25FE,
        0x2614...0x2615, 0x26A1...0x26A1, 0x26BD...0x26BE, 0x2705...0x2705, 0x2728...0x2728, 0x274C...0x274C,
        0x2753...0x2755, 0x2795...0x2797, 0x2B50...0x2B50,
    ]

    /// The text filled with spaces to `width` columns, or cut with an ellipsis when it is longer.
    public static func fit(_ text: String, to width: Int) -> String {
        let taken = columns(of: text)
        guard taken > width else { return text + String(repeating: " ", count: width - taken) }
        var kept = ""
        var used = 0
        for character in text {
            let columns = columns(of: character)
            guard used + columns < width else { break }
            kept.append(character)
            used += columns
        }
        return kept + "…" + String(repeating: " ", count: max(0, width - used - 1))
    }

    /// The text as lines of at most `width` columns: broken at spaces, or between any two wide characters.
    ///
    /// Closing punctuation never starts a line. Line breaks of the text itself are kept.
    public static func wrap(_ text: String, to width: Int) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .flatMap { wrapLine($0, to: max(width, 8)) }
    }

    private static func wrapLine(_ line: Substring, to width: Int) -> [String] {
        var lines: [String] = []
        var start = line.startIndex
        var index = start
        var used = 0
        /// Where the line may be cut: the start of what moves to the next one.
        var cut: String.Index?
        var previousWasWide = false
        while index < line.endIndex {
            let character = line[index]
            let columns = columns(of: character)
            if index > start, !closing.contains(character), previousWasWide || columns == 2 { cut = index }
            if used + columns > width, index > start, character != " " {
                let end = cut ?? index
                lines.append(trimmed(line[start..<end]))
                start = end
                used = Self.columns(of: line[start..<index])
                cut = nil
            }
            used += columns
            previousWasWide = columns == 2
            index = line.index(after: index)
            if character == " " { cut = index }
        }
        lines.append(trimmed(line[start...]))
        return lines
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    private static let closing: Set<Character> = [
        "，", "。", "！", "？", "；", "：", "、", "）", "》", "」", "』", "】", "”", "’", "…", ",", ".", "!", "?", ";",
        ":", ")",
        "]", "}",
    ]
}
