// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// The page being written: where it stands in its conversation, and the days on it.
struct Page {
    var file: OutputFile?
    var header = TranscriptHeader(conversations: [])
    private(set) var conversation = ConversationSummary(id: .init(kind: .chat, key: ""), app: nil, name: "")
    /// Page of the conversation from 1, 0 before the first.
    var number = 0
    private(set) var entryCount = 0

    private var entries: EntryMarkup
    private var conversationNumber = 0
    private var isAlone = true
    /// The days of the conversation so far: one small value a day, however many messages.
    private var days: [Day] = []
    private var firstDayOfPage = 0
    /// The days of the conversations before, on a page of several.
    private var groups: [(title: String, number: Int, days: [Day])] = []

    struct Day {
        let reading: ZonedClock.Reading
        let page: Int
        var entries: Int
    }

    init(entries: EntryMarkup) { self.entries = entries }

    private var say: Wording { entries.say }
    private var title: String { conversation.title ?? entries.title(of: conversation) }

    mutating func begin(_ conversation: ConversationSummary, number: Int, isAlone: Bool) {
        self.conversation = conversation
        conversationNumber = number
        self.isAlone = isAlone
        self.number = 0
        days = []
        entries.begin(conversation)
    }

    // MARK: - A page of a folder

    mutating func appendPageStart() throws {
        entryCount = 0
        firstDayOfPage = days.count
        entries.root = "../../"
        entries.breakRun()
        try file?.append { output in
            let pageText = number > 1 ? " · \(say("page", "第")) \(number)\(say("", " 页"))" : ""
            Document.appendStart(title: title + pageText, language: say.language, to: &output)
            output.append(
                literal: "<header class=\"top\"><a class=\"home\" href=\"../../index.html\" aria-label=\"")
            output.append(utf8: say("All conversations", "全部会话"))
            output.append(literal: "\">‹</a>")
            appendWho(suffix: pageText, to: &output)
            Document.appendTools(say, hasDates: true, to: &output)
            output.append(literal: "</header>\n<main>\n")
            if number == 1 { appendFacts(to: &output) } else { appendTurn(-1, to: &output) }
        }
    }

    /// Ends the page and hands its file to the folder.
    mutating func closeOne(hasNext: Bool, in folder: OutputFolder) throws {
        guard let file else { return }
        try file.append { output in
            if entryCount == 0 { appendEmpty(to: &output) }
            if hasNext { appendTurn(1, to: &output) } else { appendTheEnd(to: &output) }
            output.append(literal: "</main>\n")
            appendDays(days[firstDayOfPage...], hasAll: hasNext || number > 1, to: &output)
            Document.appendEnd(to: &output)
        }
        try folder.add(file)
        self.file = nil
    }

    // MARK: - A section of a single page

    mutating func appendSectionStart() throws {
        entryCount = 0
        entries.breakRun()
        try file?.append { output in
            output.append(utf8: "<section class=\"chat\" id=\"k\(conversationNumber)\">\n")
            if !isAlone {
                output.append(literal: "<div class=\"head\">")
                appendWho(suffix: "", to: &output)
                output.append(literal: "</div>\n")
            }
            appendFacts(to: &output)
        }
    }

    mutating func appendSectionEnd() throws {
        try file?.append { output in
            if entryCount == 0 { appendEmpty(to: &output) }
            appendTheEnd(to: &output)
            output.append(literal: "</section>\n")
        }
        groups.append((title, conversationNumber, days))
    }

    /// Appends the days of every section, for the end of the page.
    func appendAllDays(to output: inout [UInt8]) {
        output.append(utf8: "<nav class=\"days\" aria-label=\"\(say("Dates", "日期"))\">")
        for group in groups {
            if !isAlone {
                output.append(literal: "<p dir=\"auto\">")
                Markup.append(group.title, to: &output)
                output.append(literal: "</p>")
            }
            appendDayLinks(group.days[...], number: group.number, to: &output)
        }
        output.append(literal: "</nav>\n")
    }

    // MARK: - Entries

    mutating func append(_ entry: TranscriptEntry) throws {
        try file?.append { output in
            let reading = entries.reading(of: entry)
            if days.count == firstDayOfPage || days.last?.reading.dayNumber != reading.dayNumber {
                days.append(Day(reading: reading, page: number, entries: 0))
                appendDayLine(reading, to: &output)
                entries.breakRun()
            }
            days[days.count - 1].entries += 1
            switch entry {
            case .message(let message): try entries.append(message, reading, to: &output)
            case .notice(let notice): entries.append(notice, reading, to: &output)
            case .hidden(let hidden): entries.append(hidden, reading, to: &output)
            }
        }
        entryCount += 1
    }

    private func appendDayLine(_ reading: ZonedClock.Reading, to output: inout [UInt8]) {
        output.append(utf8: "<h2 class=\"day\" id=\"d\(conversationNumber)-")
        reading.appendDate(to: &output)
        output.append(literal: "\"><time datetime=\"")
        reading.appendDate(to: &output)
        output.append(literal: "\">")
        reading.appendDate(to: &output)
        output.append(utf8: "</time> \(say.weekday(reading.weekday))</h2>\n")
    }

    // MARK: - Round the entries

    private func appendWho(suffix: String, to output: inout [UInt8]) {
        output.append(literal: "<div class=\"who\"><h1 dir=\"auto\">")
        Markup.append(title, to: &output)
        output.append(literal: "</h1><p><bdi>")
        Markup.append(conversation.name, to: &output)
        output.append(utf8: "</bdi>\(suffix)</p></div>")
    }

    /// Who, what, which range, from how much: the first thing on a conversation's first page.
    private mutating func appendFacts(to output: inout [UInt8]) {
        output.append(literal: "<div class=\"facts\"><ul class=\"people\">")
        for person in conversation.participants.prefix(24) {
            let markup = entries.people.markup(of: person)
            output.append(literal: "<li>")
            output.append(contentsOf: markup.avatar)
            output.append(literal: "<span>")
            output.append(contentsOf: markup.name)
            output.append(literal: "</span></li>")
        }
        let more = conversation.participants.count - 24
        if more > 0 { output.append(utf8: "<li>\(say("and \(more) more", "等另外 \(more) 人"))</li>") }
        output.append(
            utf8: "</ul><p>\(say.kind(conversation.id.kind)) · \(say.messages(conversation.messageCount))")
        if let first = conversation.first, let last = conversation.last {
            output.append(utf8: " · \(entries.clock.minuteText(first)) – \(entries.clock.minuteText(last))")
        }
        output.append(literal: "</p><p>")
        if let viewpoint = say.viewpoint(of: header, clock: &entries.clock) {
            Markup.append(viewpoint + " · ", to: &output)
        }
        if let range = Self.range(of: header, clock: &entries.clock, say) {
            output.append(utf8: range + " · ")
        }
        Markup.append(
            say("times in \(entries.clock.name)", "时区 \(entries.clock.name)")
                + say(" · from \(header.recordCount) records", " · 依据 \(header.recordCount) 条记录"), to: &output
        )
        output.append(literal: "</p></div>\n")
    }

    /// The range asked for, nil for everything.
    static func range(of header: TranscriptHeader, clock: inout ZonedClock, _ say: Wording) -> String? {
        guard header.from != nil || header.to != nil else { return nil }
        let from = header.from.map { clock.minuteText($0) } ?? "…"
        let to = header.to.map { clock.minuteText($0) } ?? "…"
        return say("range \(from) – \(to)", "范围 \(from) – \(to)")
    }

    private func appendEmpty(to output: inout [UInt8]) {
        output.append(utf8: "<p class=\"none\">\(say("No messages in this range", "此范围内没有消息"))</p>\n")
    }

    private func appendTheEnd(to output: inout [UInt8]) {
        output.append(utf8: "<p class=\"end\">\(say("End of the transcript", "记录到此为止"))</p>\n")
    }

    private func appendTurn(_ step: Int, to output: inout [UInt8]) {
        let text = step < 0 ? say("← Earlier", "← 更早") : say("Later →", "更晚 →")
        output.append(utf8: "<p class=\"turn\"><a href=\"\(number + step).html\">\(text)</a></p>\n")
    }

    private func appendDays(_ days: ArraySlice<Day>, hasAll: Bool, to output: inout [UInt8]) {
        output.append(utf8: "<nav class=\"days\" aria-label=\"\(say("Dates", "日期"))\">")
        appendDayLinks(days, number: conversationNumber, to: &output)
        if hasAll {
            output.append(utf8: "<a class=\"all\" href=\"days.html\">\(say("All dates", "全部日期"))</a>")
        }
        output.append(literal: "</nav>\n")
    }

    private func appendDayLinks(_ days: ArraySlice<Day>, number: Int, to output: inout [UInt8]) {
        output.append(literal: "<ul>")
        for day in days { appendDayLink(day, number: number, page: "", to: &output) }
        output.append(literal: "</ul>")
    }

    private func appendDayLink(_ day: Day, number: Int, page: String, to output: inout [UInt8]) {
        output.append(utf8: "<li><a href=\"\(page)#d\(number)-")
        day.reading.appendDate(to: &output)
        output.append(literal: "\">")
        day.reading.appendDate(to: &output)
        output.append(utf8: " <span>\(day.entries)</span></a></li>")
    }

    /// Appends the page that says which day is on which page.
    func appendDaysPage(to output: inout [UInt8]) {
        Document.appendStart(title: title + " · " + say("dates", "日期"), language: say.language, to: &output)
        output.append(literal: "<header class=\"top\"><a class=\"home\" href=\"1.html\">‹</a>")
        appendWho(suffix: " · " + say("dates", "日期"), to: &output)
        output.append(literal: "</header>\n<main class=\"calendar\">\n")
        var month = ""
        for day in days {
            let current = "\(day.reading.year)-\(day.reading.month)"
            if current != month {
                if !month.isEmpty { output.append(literal: "</ul>\n") }
                month = current
                output.append(literal: "<h2>")
                output.append(
                    utf8: say(
                        "\(day.reading.year)-\(day.reading.month < 10 ? "0" : "")\(day.reading.month)",
                        "\(day.reading.year) 年 \(day.reading.month) 月"))
                output.append(literal: "</h2>\n<ul>")
            }
            appendDayLink(day, number: conversationNumber, page: "\(day.page).html", to: &output)
        }
        if !month.isEmpty { output.append(literal: "</ul>\n") }
        output.append(literal: "</main>\n")
        Document.appendEnd(to: &output)
    }
}
