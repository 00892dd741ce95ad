// SPDX-License-Identifier: Apache-2.0

/// What somebody looks for, as typed: never query syntax.
///
/// Words separated by white space must all be there, each unbroken run of characters as it stands: `订单 rush` finds a
/// message with 订单 in it and the word "rush" anywhere.
struct SearchQuery {
    /// Runs of words that must follow each other, folded.
    let phrases: [[[UInt8]]]

    init(_ typed: String) {
        phrases = typed.split(whereSeparator: \.isWhitespace)
            .map { SearchText.words(of: String($0)).map(\.bytes) }
            .filter { !$0.isEmpty }
    }

    /// Nothing in the text can be looked for: no letter, digit, Chinese character or emoji.
    var isEmpty: Bool { phrases.isEmpty }

    /// The full-text expression.
    ///
    /// Words hold letters, digits and symbols only, so a quoted phrase of them cannot be read as anything else.
    var expression: String {
        phrases.map { words in
            "\"" + words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ") + "\""
        }
        .joined(separator: " ")
    }

    /// Whether every phrase stands in one of the texts of a message.
    func isFound(in texts: [String]) -> Bool {
        let words = texts.map { SearchText.words(of: $0).map(\.bytes) }
        return !isEmpty
            && phrases.allSatisfy { phrase in words.contains { $0.contains(phrase) } }
    }

    /// A piece of the first text with a phrase in it; without one, the start of the first text, unmarked.
    ///
    /// The words may stand in different texts of one message, so a text need not have them all.
    func snippet(of texts: [String]) -> SearchSnippet {
        for text in texts {
            if let snippet = snippet(of: text) { return snippet }
        }
        return SearchSnippet(parts: [.init(text: String((texts.first ?? "").prefix(48)), isHit: false)])
    }

    /// A part of `text` round the first place where a phrase stands, and the places of all phrases in it.
    ///
    /// `radius` words are kept on either side. Nil when no phrase is in the text.
    func snippet(of text: String, radius: Int = 24) -> SearchSnippet? {
        let words = SearchText.words(of: text)
        var hits: [Range<Int>] = []
        for start in words.indices {
            for phrase in phrases where start + phrase.count <= words.count {
                let isThere = phrase.indices.allSatisfy { words[start + $0].bytes == phrase[$0] }
                if isThere { hits.append(start..<(start + phrase.count)) }
            }
        }
        guard let first = hits.first else { return nil }
        let low = max(0, first.lowerBound - radius)
        let high = min(words.count, first.upperBound + radius)
        let from = low == 0 ? text.startIndex : words[low].range.lowerBound
        let to = high == words.count ? text.endIndex : words[high - 1].range.upperBound
        var parts: [SearchSnippet.Part] = low == 0 ? [] : [.init(text: "…", isHit: false)]
        var position = from
        for hit in hits where hit.lowerBound >= low && hit.upperBound <= high {
            let start = words[hit.lowerBound].range.lowerBound
            let end = words[hit.upperBound - 1].range.upperBound
            guard start >= position else { continue }
            if start > position {
                parts.append(.init(text: String(text[position..<start]), isHit: false))
            }
            parts.append(.init(text: String(text[start..<end]), isHit: true))
            position = end
        }
        if position < to { parts.append(.init(text: String(text[position..<to]), isHit: false)) }
        if high < words.count { parts.append(.init(text: "…", isHit: false)) }
        return SearchSnippet(parts: parts)
    }
}

/// A piece of a message with what was found in it marked.
package struct SearchSnippet: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package let text: String
        package let isHit: Bool
    }

    /// One after the other they are the piece of text.
    package let parts: [Part]
}
