// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript

/// A certificate as one HTML page that needs nothing else: no script, no network.
struct CertificatePage {
    private let certificate: Certificate
    private let words: CertificateWords
    private let say: Wording
    private var text: GapText
    private var clock: ZonedClock
    private var output: [UInt8] = []

    init(_ certificate: Certificate, _ say: Wording, _ clock: ZonedClock) {
        self.certificate = certificate
        self.say = say
        self.clock = clock
        words = CertificateWords(say)
        text = GapText(say, clock)
    }

    /// The page's bytes.
    mutating func bytes() -> [UInt8] {
        output = []
        start()
        facts()
        for app in certificate.apps { self.app(app) }
        statements()
        add("</main>\n</body>\n</html>\n")
        return output
    }

    // MARK: Parts

    private mutating func start() {
        add(
            """
            <!doctype html>
            <html lang="\(say("en", "zh-Hans"))">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="Stele">
            <title>\(words.title)</title>
            <style>
            \(CertificateStyle.text)
            </style>
            </head>
            <body>
            <main>
            <header>
            <h1>\(words.title)</h1>

            """)
        let total = ReconciledTotal(certificate.apps.flatMap(\.hours))
        let verdict = words.verdict(
            open: certificate.openGaps, compared: total.compared, hours: total.hours)
        add("<p class=\"verdict \(certificate.openGaps > 0 ? "open" : "closed")\">")
        addText(verdict)
        add("</p>\n</header>\n")
    }

    private mutating func facts() {
        add("<dl class=\"facts\">\n")
        fact(say("Archive", "档案"), certificate.origin)
        fact(say("Records", "记录数"), "\(certificate.records)")
        fact(say("Root of these records", "这些记录的根哈希"), certificate.root.base64, isCode: true)
        let none = say("none", "无")
        let checkpoint = certificate.checkpoint
        fact(
            say("Signed checkpoint", "已签名的检查点"),
            checkpoint.map {
                say("of \($0.size) records: \($0.file)", "\($0.size) 条记录：\($0.file)")
            } ?? none)
        let from = certificate.options.from.map { exact($0) } ?? say("the beginning", "最初")
        let to = certificate.options.to.map { exact($0) } ?? say("the end", "最后")
        fact(say("Span", "时段"), "\(from) – \(to)")
        fact(say("Judged as of", "判断时刻"), exact(certificate.judgedAt))
        add("</dl>\n")
    }

    private mutating func app(_ app: Reconciliation) {
        add("<section>\n<h2>")
        addText(app.app?.rawValue ?? say("No app named", "未注明应用"))
        add("</h2>\n")
        let total = ReconciledTotal(app.hours)
        add("<ul class=\"sums\">\n")
        sum(total.messages, say("messages sent", "已发送的消息"))
        sum(total.agreed, say("in callbacks and history", "回调与历史消息均有"), "good")
        sum(total.onlyCallback, say("in callbacks only", "仅在回调中"))
        sum(total.onlyHistory, say("in history only", "仅在历史消息中"))
        sum(total.onlyElsewhere, say("elsewhere only", "仅在其他来源中"))
        sum(total.compared, say("of \(total.hours) hours compared", "个小时已核对（共 \(total.hours) 个）"))
        add("</ul>\n")
        gaps(app.gaps)
        hours(app)
        add("</section>\n")
    }

    private mutating func sum(_ number: Int, _ label: String, _ kind: String = "") {
        add("<li\(kind.isEmpty ? "" : " class=\"\(kind)\"")><b>\(number)</b> ")
        addText(label)
        add("</li>\n")
    }

    private mutating func gaps(_ gaps: [Gap]) {
        add("<h3>")
        addText(say("Gaps", "缺口"))
        add("</h3>\n")
        guard !gaps.isEmpty else {
            add("<p class=\"none\">")
            addText(say("None was found.", "没有发现。"))
            return add("</p>\n")
        }
        add("<ol class=\"gaps\">\n")
        for gap in gaps {
            let state = gap.isOpen ? say("open", "未补") : say("closed", "已补")
            add("<li class=\"\(gap.isOpen ? "open" : "closed")\"><p><b>")
            addText(text.name(gap.kind))
            add("</b> <span class=\"state\">\(state)</span> <span class=\"when\">")
            addText(text.span(gap))
            add("</span></p>\n")
            for line in [text.what(gap), text.remedy(gap)] where !line.isEmpty {
                add("<p>")
                addText(line)
                add("</p>\n")
            }
            ids(gap.messages, of: gap.count)
            add("</li>\n")
        }
        add("</ol>\n")
    }

    private mutating func hours(_ app: Reconciliation) {
        guard !app.hours.isEmpty else { return }
        // Only sources that saw anything have a column.
        let sources = SourceSet.named.filter { named in
            app.hours.contains { $0.sources.contains { $0.source == named.source } }
        }
        add("<h3>")
        addText(say("Hour by hour", "逐小时核对"))
        add("</h3>\n<div class=\"wide\"><table>\n<thead><tr><th>")
        addText(say("Hour", "小时"))
        add("</th>")
        for source in sources { head(text.source(source.name)) }
        for title in [
            say("agreed", "一致"), say("callbacks only", "仅回调"), say("history only", "仅历史"),
            say("elsewhere only", "仅其他"),
        ] { head(title) }
        add("<th class=\"basis\">")
        addText(say("compared by", "核对依据"))
        add("</th></tr></thead>\n<tbody>\n")
        for hour in app.hours { row(hour, sources.map(\.source)) }
        add("</tbody>\n</table></div>\n")
        let differing = app.hours.filter {
            !$0.onlyCallback.messages.isEmpty && $0.basis != nil || !$0.onlyHistory.messages.isEmpty
                || !$0.onlyElsewhere.messages.isEmpty
        }
        if !differing.isEmpty { lists(differing) }
    }

    private mutating func head(_ title: String) {
        add("<th class=\"n\">")
        addText(title)
        add("</th>")
    }

    private mutating func row(_ hour: Reconciliation.Hour, _ columns: [SourceSet]) {
        let differs = hour.onlyHistory.count + hour.onlyElsewhere.count > 0
        add("<tr\(differs ? " class=\"differs\"" : "")><th>")
        addText(clock.minuteText(hour.hour.start))
        add("</th>")
        for column in columns {
            let source = hour.sources.first { $0.source == column }
            let span = source.map { "\(exact($0.first)) – \(exact($0.last))" } ?? ""
            add(
                "<td class=\"n\"\(span.isEmpty ? "" : " title=\"\(span)\"")>\(number(source?.messages ?? 0))</td>"
            )
        }
        add("<td class=\"n\">\(number(hour.agreed))</td>")
        for count in [hour.onlyCallback.count, hour.onlyHistory.count, hour.onlyElsewhere.count] {
            add("<td class=\"n only\">\(number(count))</td>")
        }
        let mark = hour.isCut ? "cut" : hour.basis == nil ? "not" : "yes"
        add("<td class=\"basis \(mark)\">")
        addText(words.basis(hour))
        add("</td></tr>\n")
    }

    /// Nothing stands out where there is nothing.
    private func number(_ count: Int) -> String { count == 0 ? "<i>·</i>" : "\(count)" }

    private mutating func lists(_ hours: [Reconciliation.Hour]) {
        add("<h3>")
        addText(say("Messages that one side saw alone", "仅一方见到的消息"))
        add("</h3>\n")
        for hour in hours {
            let parts = [
                (say("callbacks only", "仅回调"), hour.basis == nil ? Reconciliation.Part() : hour.onlyCallback),
                (say("history only", "仅历史"), hour.onlyHistory),
                (say("elsewhere only", "仅其他"), hour.onlyElsewhere),
            ]
            add("<details><summary>")
            addText(clock.minuteText(hour.hour.start))
            for (name, part) in parts where part.count > 0 { addText(" · \(name) \(part.count)") }
            add("</summary>\n")
            for (name, part) in parts where part.count > 0 {
                add("<h4>")
                addText(name)
                add("</h4>\n")
                ids(part.messages, of: part.count)
            }
            add("</details>\n")
        }
    }

    private mutating func ids(_ messages: [MessageID], of count: Int) {
        guard !messages.isEmpty else { return }
        add("<p class=\"ids\">")
        for (index, id) in messages.enumerated() {
            if index > 0 { add(" ") }
            add("<code>")
            addText(id.rawValue)
            add("</code>")
        }
        if count > messages.count {
            addText(" " + say("and \(count - messages.count) more", "等共 \(count) 条"))
        }
        add("</p>\n")
    }

    private mutating func statements() {
        add("<section class=\"words\">\n")
        for (title, lines) in [
            (say("What this shows", "本证明说明什么"), words.proves),
            (say("What this cannot show", "本证明不能说明什么"), words.doesNotProve),
        ] {
            add("<h3>")
            addText(title)
            add("</h3>\n<ul>\n")
            for line in lines {
                add("<li>")
                addText(line)
                add("</li>\n")
            }
            add("</ul>\n")
        }
        add("</section>\n")
    }

    // MARK: Text

    private mutating func fact(_ name: String, _ value: String, isCode: Bool = false) {
        add("<dt>")
        addText(name)
        add("</dt><dd>\(isCode ? "<code>" : "")")
        addText(value)
        add("\(isCode ? "</code>" : "")</dd>\n")
    }

    private mutating func exact(_ instant: Instant) -> String { text.exact(instant) }

    private mutating func add(_ markup: String) { output.append(contentsOf: markup.utf8) }

    /// Text as text: whatever an app or an id is called, it is never markup.
    private mutating func addText(_ text: String) {
        for byte in TerminalText.visible(text).utf8 {
            switch byte {
            case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): output.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
            default: output.append(byte)
            }
        }
    }
}
