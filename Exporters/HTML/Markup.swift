// SPDX-License-Identifier: Apache-2.0

import SteleTranscript

/// Received text into HTML as text: it can never become markup, an attribute or an address of its own choosing.
///
/// ```
/// & < > " '                      &amp; &lt; &gt; &quot; &#39;     (good in elements and in quoted attributes alike)
/// U+0001…U+001F, U+007F          a sign, marked, that names the character: HTML cannot hold them
/// U+202E and its like            kept inside <i class=u>, visible on demand
/// ```
enum Markup {
    /// What a text's surroundings allow.
    enum Context {
        /// Inside an element.
        case element
        /// Inside an element, with addresses made into links.
        case linked
        /// Inside a quoted attribute: no markup of ours either.
        case attribute
    }

    static func append(_ text: String, as context: Context = .element, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, as: context, to: &output) }
    }

    private static func append(
        _ text: UnsafeBufferPointer<UInt8>, as context: Context, to output: inout [UInt8]
    ) {
        var clean = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            var length = 1
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
                UInt8(ascii: "'"):
                output.append(contentsOf: text[clean..<index])
                appendEntity(byte, to: &output)
            case 0..<0x20, 0x7F:
                guard byte != 0x0A, byte != 0x09 else {
                    index += 1
                    continue
                }
                output.append(contentsOf: text[clean..<index])
                appendControl(byte, as: context, to: &output)
            case 0xD8, 0xE1, 0xE2:
                length = directionControlLength(text, at: index)
                guard length > 0 else {
                    index += 1
                    continue
                }
                output.append(contentsOf: text[clean..<index])
                appendDirectionControl(text[index..<(index + length)], as: context, to: &output)
            case UInt8(ascii: ":"):
                guard context == .linked, let link = Link.around(colon: index, in: text, from: clean) else {
                    index += 1
                    continue
                }
                output.append(contentsOf: text[clean..<link.lowerBound])
                appendLink(UnsafeBufferPointer(rebasing: text[link]), to: &output)
                length = link.upperBound - index
            default:
                index += 1
                continue
            }
            index += length
            clean = index
        }
        output.append(contentsOf: text[clean...])
    }

    private static func appendEntity(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "&"): output.append(literal: "&amp;")
        case UInt8(ascii: "<"): output.append(literal: "&lt;")
        case UInt8(ascii: ">"): output.append(literal: "&gt;")
        case UInt8(ascii: "\""): output.append(literal: "&quot;")
        default: output.append(literal: "&#39;")
        }
    }

    /// A control's picture (U+2400 and up).
    ///
    /// A carriage return is shown too: HTML would make a line feed of it.
    private static func appendControl(_ byte: UInt8, as context: Context, to output: inout [UInt8]) {
        let picture = byte == 0x7F ? 0x21 : byte
        let sign: [UInt8] = [0xE2, 0x90, 0x80 + picture]
        guard context != .attribute else { return output.append(contentsOf: sign) }
        output.append(literal: "<i class=k>")
        output.append(contentsOf: sign)
        output.append(literal: "</i>")
    }

    private static func appendDirectionControl(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>, as context: Context, to output: inout [UInt8]
    ) {
        // An attribute is shown by the browser itself, where nothing can isolate it.
        guard context != .attribute else { return output.append(literal: "\u{FFFD}") }
        let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first?.value ?? 0
        output.append(literal: "<i class=u data-u=\"U+")
        output.append(utf8: String(scalar, radix: 16, uppercase: true))
        output.append(literal: "\">")
        output.append(contentsOf: bytes)
        output.append(literal: "</i>")
    }

    /// Bytes of the control of direction at `index`, 0 when there is none: U+061C, U+200E, U+200F, U+202A…E, U+2066…9.
    private static func directionControlLength(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        if text[index] == 0xD8 { return index + 1 < text.count && text[index + 1] == 0x9C ? 2 : 0 }
        guard text[index] == 0xE2, index + 2 < text.count else { return 0 }
        switch (text[index + 1], text[index + 2]) {
        case (0x80, 0x8E), (0x80, 0x8F), (0x80, 0xAA...0xAE), (0x81, 0xA6...0xA9): return 3
        default: return 0
        }
    }

    private static func appendLink(_ address: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        output.append(literal: "<a href=\"")
        append(address, as: .attribute, to: &output)
        output.append(literal: "\" target=\"_blank\" rel=\"noopener noreferrer\">")
        append(address, as: .element, to: &output)
        output.append(literal: "</a>")
    }
}
