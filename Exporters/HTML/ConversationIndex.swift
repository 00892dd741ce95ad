// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// The conversations of an export and the way to each: `index.html`, or the top of a single page.
struct ConversationIndex {
    private let options: HTMLWriter.Options
    private let say: Wording
    private var people = PersonMarkup()
    private var clock: ZonedClock
    private var rows: [Row] = []
    /// Entries written so far, in all conversations.
    private(set) var entryCount = 0

    private struct Row {
        let path: String
        let summary: ConversationSummary
    }

    init(_ options: HTMLWriter.Options) {
        self.options = options
        say = Wording(options.language)
        clock = ZonedClock(options.timeZone)
    }

    /// Conversations begun so far.
    var count: Int { rows.count }

    mutating func begin(_ conversation: ConversationSummary) {
        let number = String(rows.count + 1)
        let padded = String(repeating: "0", count: max(0, 4 - number.count)) + number
        rows.append(Row(path: "chats/\(padded)-\(Self.safeName(conversation.name))", summary: conversation))
    }

    mutating func countEntry() { entryCount += 1 }

    /// The folder of the `number`th conversation, from 1.
    func path(of number: Int) -> String { rows[number - 1].path }

    /// What of a name can stand in a file name on every system; the number before it makes it unique.
    private static func safeName(_ name: String) -> String {
        let safe = name.utf8.prefix(48).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: UInt8(ascii: "-")
            }
        }
        return String(decoding: safe, as: UTF8.self)
    }

    // MARK: - index.html

    mutating func appendIndex(_ header: TranscriptHeader, to output: inout [UInt8]) {
        let title = say("Conversations", "会话")
        Document.appendStart(title: title, language: options.language, to: &output)
        output.append(utf8: "<header class=\"top\"><div class=\"who\"><h1>\(title)</h1><p>")
        Markup.append(facts(header), to: &output)
        output.append(literal: "</p></div>")
        output.append(
            utf8:
                "<div class=\"tools\" hidden><div class=\"find\"><input id=\"filter\" type=\"search\" autocomplete=\"off\" "
        )
        output.append(
            utf8:
                "placeholder=\"\(say("Find a conversation", "查找会话"))\" aria-label=\"\(say("Find a conversation", "查找会话"))\"></div>"
        )
        output.append(
            utf8:
                "<button type=\"button\" id=\"light\" title=\"\(say("Light or dark", "浅色或深色"))\">◐</button></div>"
        )
        output.append(literal: "</header>\n<main class=\"list\">\n")
        for row in rows { append(row, to: &output) }
        if rows.isEmpty { output.append(utf8: "<p class=\"none\">\(say("No conversations", "没有会话"))</p>\n") }
        output.append(literal: "</main>\n")
        Document.appendEnd(to: &output)
    }

    private mutating func append(_ row: Row, to output: inout [UInt8]) {
        let title = EntryMarkup.title(of: row.summary)
        let face = Participant(user: UserID(row.summary.id.key), displayName: title)
        output.append(utf8: "<a class=\"row\" href=\"\(row.path)/1.html\">")
        output.append(contentsOf: people.markup(of: face).avatar)
        output.append(literal: "<span class=\"what\"><b dir=\"auto\">")
        Markup.append(title, to: &output)
        output.append(literal: "</b><small><bdi>")
        Markup.append(row.summary.name, to: &output)
        output.append(literal: "</bdi></small></span><span class=\"when\">")
        if let last = row.summary.last { output.append(utf8: clock.minuteText(last)) }
        output.append(
            utf8:
                "<small>\(say.kind(row.summary.id.kind)) · \(say.messages(row.summary.messageCount))</small></span></a>\n"
        )
    }

    private mutating func facts(_ header: TranscriptHeader) -> String {
        var parts: [String] = []
        if let viewpoint = say.viewpoint(of: header, clock: &clock) { parts.append(viewpoint) }
        if let range = Page.range(of: header, clock: &clock, say) { parts.append(range) }
        parts.append(say("times in \(clock.name)", "时区 \(clock.name)"))
        parts.append(say("from \(header.recordCount) records", "依据 \(header.recordCount) 条记录"))
        return parts.joined(separator: " · ")
    }

    // MARK: - A single page

    mutating func appendPageStart(_ header: TranscriptHeader, to output: inout [UInt8]) {
        let only = header.conversations.count == 1 ? header.conversations.first : nil
        let title = only.map { EntryMarkup.title(of: $0) } ?? say("Conversations", "会话")
        Document.appendStart(title: title, language: options.language, to: &output)
        output.append(literal: "<header class=\"top\"><div class=\"who\"><h1 dir=\"auto\">")
        Markup.append(title, to: &output)
        output.append(literal: "</h1><p><bdi>")
        Markup.append(only?.name ?? facts(header), to: &output)
        output.append(literal: "</bdi></p></div>")
        Document.appendTools(say, hasDates: true, to: &output)
        output.append(literal: "</header>\n<main>\n")
        guard header.conversations.count > 1 else { return }
        output.append(literal: "<ul class=\"contents\">")
        for (number, conversation) in header.conversations.enumerated() {
            output.append(utf8: "<li><a href=\"#k\(number + 1)\">")
            Markup.append(EntryMarkup.title(of: conversation), to: &output)
            output.append(
                utf8:
                    "</a> <small>\(say.kind(conversation.id.kind)) · \(say.messages(conversation.messageCount))</small></li>"
            )
        }
        output.append(literal: "</ul>\n")
    }

    func appendPageEnd(_ header: TranscriptHeader, to output: inout [UInt8]) {
        if rows.isEmpty { output.append(utf8: "<p class=\"none\">\(say("No conversations", "没有会话"))</p>\n") }
        output.append(literal: "</main>\n")
    }
}
