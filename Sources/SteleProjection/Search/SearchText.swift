// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Cuts text into the words that search compares.
///
/// A Chinese, Japanese or Korean character is a word by itself, so that any run of them is found as a phrase; so is an
/// emoji. Other letters and digits make words as written, without case, full width and the marks of Latin letters.
/// Everything else only separates.
///
/// ```
/// 订单ＡＢ１２号 Café👍   →   订 单 ab12 号 cafe 👍
/// ```
enum SearchText {
    /// Appends the words of `text`, each with a space after it.
    static func appendWords(of text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendWords(of: $0, to: &output) }
    }

    /// Appends the words of valid UTF-8, each with a space after it.
    static func appendWords(of utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var isInWord = false
        var position = 0
        while position < utf8.count {
            let byte = utf8[position]
            if byte < 0x80 {
                position += 1
                append(ascii: byte, to: &output, &isInWord)
                continue
            }
            // Three-byte characters of the main Chinese block, the common case, need no decoding.
            if byte >= 0xE4, byte <= 0xE9, position + 2 < utf8.count,
                byte != 0xE4 || utf8[position + 1] >= 0xB8
            {
                if isInWord { output.append(0x20) }
                isInWord = false
                output.append(byte)
                output.append(utf8[position + 1])
                output.append(utf8[position + 2])
                output.append(0x20)
                position += 3
                continue
            }
            let (scalar, length) = decode(utf8, at: position)
            position += length
            append(scalar, to: &output, &isInWord)
        }
        if isInWord { output.append(0x20) }
    }

    /// A word and where it stands in the text.
    struct Word {
        var bytes: [UInt8]
        var range: Range<String.Index>
    }

    /// The words of `text` with their places: for marking what was found.
    static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var current: [UInt8] = []
        var start = text.startIndex
        func endWord(at end: String.Index) {
            guard !current.isEmpty else { return }
            words.append(Word(bytes: current, range: start..<end))
            current.removeAll()
        }
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            let scalar = narrow(scalars[index])
            switch role(of: scalar) {
            case .ignored: continue
            case .separator: endWord(at: index)
            case .wholeWord:
                endWord(at: index)
                words.append(
                    Word(bytes: Array(String(scalar).utf8), range: index..<scalars.index(after: index)))
            case .partOfWord:
                if current.isEmpty { start = index }
                current.append(contentsOf: folded(scalar).utf8)
            }
        }
        endWord(at: scalars.endIndex)
        return words
    }

    // MARK: One character

    private enum Role { case separator, ignored, wholeWord, partOfWord }

    private static func append(ascii byte: UInt8, to output: inout [UInt8], _ isInWord: inout Bool) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            output.append(byte)
            isInWord = true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            output.append(byte | 0x20)
            isInWord = true
        default:
            if isInWord { output.append(0x20) }
            isInWord = false
        }
    }

    private static func append(_ wide: Unicode.Scalar, to output: inout [UInt8], _ isInWord: inout Bool) {
        let scalar = narrow(wide)
        switch role(of: scalar) {
        case .ignored: return
        case .separator:
            if isInWord { output.append(0x20) }
            isInWord = false
        case .wholeWord:
            if isInWord { output.append(0x20) }
            isInWord = false
            output.append(contentsOf: String(scalar).utf8)
            output.append(0x20)
        case .partOfWord:
            output.append(contentsOf: folded(scalar).utf8)
            isInWord = true
        }
    }

    /// The ASCII character of a full-width letter, digit or sign.
    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(UInt8(scalar.value - 0xFEE0))
    }

    private static func role(of scalar: Unicode.Scalar) -> Role {
        switch scalar.value {
        // What only joins or selects a form, and marks on letters: no part of any word.
        case 0x200D, 0xFE00...0xFE0F, 0x0300...0x036F: .ignored
        case _ where isWordByItself(scalar): .wholeWord
        case _ where scalar.properties.isAlphabetic || scalar.properties.numericType != nil: .partOfWord
        default: .separator
        }
    }

    private static func isWordByItself(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3040...0x312F, 0x3131...0x318F, 0x31A0...0x31BF,
            0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF,
            0xF900...0xFAFF, 0xFF66...0xFFDC, 0x1B000...0x1B16F, 0x20000...0x3FFFF:
            true
        case 0x2600...0x27BF, 0x2B00...0x2BFF, 0x1F000...0x1FAFF: true
        default: false
        }
    }

    private static func folded(_ scalar: Unicode.Scalar) -> String {
        let lower = scalar.properties.lowercaseMapping
        guard (0xC0...0x24F).contains(scalar.value) || (0x1E00...0x1EFF).contains(scalar.value) else {
            return lower
        }
        let letters = lower.decomposedStringWithCanonicalMapping.unicodeScalars.filter {
            !(0x0300...0x036F).contains($0.value)
        }
        return String(String.UnicodeScalarView(letters))
    }

    /// The character at `position` of valid UTF-8, and its length in bytes.
    private static func decode(
        _ utf8: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> (Unicode.Scalar, Int) {
        let lead = UInt32(utf8[position])
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = lead & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(utf8[position + offset] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }
}
