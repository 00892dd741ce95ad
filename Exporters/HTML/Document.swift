// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SteleTranscript

/// What stands round every page: head, policy, style, tools and script.
enum Document {
    /// Appends everything up to and including the body's start tag.
    static func appendStart(title: String, language: TranscriptLanguage, to output: inout [UInt8]) {
        output.append(literal: "<!doctype html>\n<html lang=\"")
        output.append(utf8: language == .english ? "en" : "zh-Hans")
        output.append(
            literal:
                "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\""
        )
        output.append(utf8: policy)
        output.append(
            literal: """
                ">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="referrer" content="no-referrer">
                <meta name="color-scheme" content="light dark">
                <meta name="generator" content="Stele">
                <title>
                """)
        Markup.append(title, as: .attribute, to: &output)
        output.append(literal: "</title>\n<style>")
        output.append(utf8: StyleSheet.text)
        output.append(literal: "</style>\n</head>\n<body>\n")
        output.append(utf8: Signs.text)
    }

    /// Appends one of the drawn signs.
    static func appendSign(_ name: StaticString, to output: inout [UInt8]) {
        output.append(literal: "<svg class=\"sign\" aria-hidden=\"true\"><use href=\"#s-")
        output.append(literal: name)
        output.append(literal: "\"/></svg>")
    }

    /// Appends the script and the end of the document.
    static func appendEnd(to output: inout [UInt8]) {
        output.append(literal: "<script>")
        output.append(utf8: PageScript.text)
        output.append(literal: "</script>\n</body>\n</html>\n")
    }

    /// Search, dates, hidden characters and the light: everything works without them, so they show only with a script.
    static func appendTools(_ say: Wording, hasDates: Bool, to output: inout [UInt8]) {
        output.append(
            literal:
                "<div class=\"tools\" hidden><div class=\"find\"><input id=\"q\" type=\"search\" autocomplete=\"off\" placeholder=\""
        )
        output.append(utf8: say("Search this page", "搜索本页"))
        output.append(literal: "\" aria-label=\"")
        output.append(utf8: say("Search this page", "搜索本页"))
        output.append(literal: "\"><output id=\"hits\"></output>")
        button("prev", "↑", say("Previous hit", "上一处"), &output)
        button("next", "↓", say("Next hit", "下一处"), &output)
        output.append(literal: "</div>")
        if hasDates { button("dates", say("Dates", "日期"), say("Dates on this page", "本页日期"), &output) }
        button("marks", "¶", say("Show hidden characters", "显示隐藏字符"), &output)
        button("light", "◐", say("Light or dark", "浅色或深色"), &output)
        output.append(literal: "</div>")
    }

    private static func button(_ id: String, _ face: String, _ label: String, _ output: inout [UInt8]) {
        output.append(
            utf8:
                "<button type=\"button\" id=\"\(id)\" title=\"\(label)\" aria-label=\"\(label)\">\(face)</button>"
        )
    }

    /// Nothing may be loaded or sent but what lies beside the page; style and script only with these very bytes.
    private static let policy =
        "default-src 'none'; style-src 'sha256-\(hash(StyleSheet.text))'; script-src 'sha256-\(hash(PageScript.text))'; "
        + "img-src 'self' file: data:; media-src 'self' file: data:; base-uri 'none'; form-action 'none'"

    private static func hash(_ text: String) -> String {
        Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
