// SPDX-License-Identifier: Apache-2.0

/// Finds web and mail addresses in text: `http://`, `https://` and `mailto:`, nothing else.
///
/// An address ends at the first byte that RFC 3986 does not allow in one. In Chinese chats an address is followed by Chinese
/// without a space, so that this also is its right end.
enum Link {
    /// The address round the colon at `colon`, or nil when there is none; bytes before `start` are not looked at.
    static func around(colon: Int, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int>? {
        guard let scheme = scheme(before: colon, in: text, from: start) else { return nil }
        var end = colon + 1
        if scheme.isWeb {
            guard end + 1 < text.count, text[end] == slash, text[end + 1] == slash else { return nil }
            end += 2
        }
        let content = end
        while end < text.count, isAllowed(text[end]) { end += 1 }
        end = withoutClosing(text, from: content, to: end)
        guard end > content, scheme.isWeb || text[content..<end].contains(UInt8(ascii: "@")) else {
            return nil
        }
        return scheme.start..<end
    }

    private static let slash = UInt8(ascii: "/")

    private static func scheme(
        before colon: Int, in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (start: Int, isWeb: Bool)? {
        for (name, isWeb) in [("https" as StaticString, true), ("http", true), ("mailto", false)] {
            let length = name.utf8CodeUnitCount
            let first = colon - length
            guard first >= start else { continue }
            let matches = (0..<length).allSatisfy { text[first + $0] | 0x20 == name.utf8Start[$0] }
            guard matches, first == 0 || !isWordByte(text[first - 1]) else { continue }
            return (first, isWeb)
        }
        return nil
    }

    /// Leaves the punctuation of the sentence round it, and a bracket that was not opened inside, out of the address.
    private static func withoutClosing(_ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int)
        -> Int
    {
        var end = end
        while end > start {
            switch text[end - 1] {
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"),
                UInt8(ascii: "!"),
                UInt8(ascii: "?"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "~"):
                end -= 1
            case UInt8(ascii: ")"):
                let address = text[start..<end]
                let opened = address.count { $0 == UInt8(ascii: "(") }
                guard opened < address.count(where: { $0 == UInt8(ascii: ")") }) else { return end }
                end -= 1
            default: return end
            }
        }
        return end
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"),
            slash,
            UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: "!"), UInt8(ascii: "$"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "%"):
            true
        default: isWordByte(byte)
        }
    }
}
