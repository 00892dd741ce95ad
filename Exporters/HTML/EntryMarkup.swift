// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// Messages and notices as they stand on a page.
///
/// ```
/// <article class="m l" id="m41">          l or r: the side; c: goes on from the one above
///   <i class="av c3">林</i>
///   <div class="w">
///     <p class="n">小林 xiaolin</p>
///     <div class="b">…</div>              the bubble: what the body is
///     <details class="x">                 closed: the time and what happened since; open: everything known
/// ```
struct EntryMarkup {
    let say: Wording
    let options: HTMLWriter.Options
    var clock: ZonedClock
    var people = PersonMarkup()
    /// The way from the page to the top of the export.
    var root = ""
    var shelf: MediaShelf

    private var kind = ConversationKind.chat
    private var rightSide: UserID?
    private var names: [UserID: String] = [:]
    /// Who wrote last and when, to draw messages that follow each other closely as one run.
    private var run: (user: UserID, time: Instant)?

    init(_ options: HTMLWriter.Options, shelf: MediaShelf) {
        self.options = options
        self.shelf = shelf
        say = Wording(options.language)
        clock = ZonedClock(options.timeZone)
    }

    mutating func begin(_ conversation: ConversationSummary) {
        kind = conversation.id.kind
        let second = conversation.participants.count == 2 ? conversation.participants.last?.user : nil
        rightSide = options.perspective ?? (kind == .chat ? second : nil)
        names = [:]
        for person in conversation.participants { names[person.user] = person.displayName }
    }

    /// Makes the next message start with its sender's name.
    mutating func breakRun() { run = nil }

    mutating func reading(of entry: TranscriptEntry) -> ZonedClock.Reading {
        clock.reading(at: entry.time)
    }

    /// A title for a conversation that has none: the people in a single chat, else its name.
    static func title(of conversation: ConversationSummary) -> String {
        if let title = conversation.title, !title.isEmpty { return title }
        guard conversation.id.kind == .chat, !conversation.participants.isEmpty else {
            return conversation.name
        }
        return conversation.participants.map { $0.displayName ?? $0.user.rawValue }.joined(separator: " · ")
    }

    func title(of conversation: ConversationSummary) -> String { Self.title(of: conversation) }
    func name(_ user: UserID) -> String { names[user] ?? user.rawValue }

    // MARK: - Entries

    mutating func append(
        _ notice: TranscriptNotice, _ reading: ZonedClock.Reading, to output: inout [UInt8]
    ) {
        let until = notice.operation.expires.map { clock.minuteText($0) }
        let text = say.notice(notice.operation, until: until, name: name)
        appendNote("n", notice.sequence, text, reading, to: &output)
    }

    mutating func append(
        _ hidden: HiddenMessage, _ reading: ZonedClock.Reading, to output: inout [UInt8]
    ) {
        let sender = hidden.from.map { name($0) + " · " } ?? ""
        let text =
            say("Not seen: ", "未显示：") + sender + say.hidden(hidden.reason, clock: &clock)
            + " · \(hidden.id.rawValue)"
        appendNote("h", hidden.sequence, text, reading, to: &output)
    }

    /// Appends a line between the messages; its anchor is the record that told of it.
    private mutating func appendNote(
        _ anchor: StaticString, _ sequence: UInt64, _ text: String, _ reading: ZonedClock.Reading,
        to output: inout [UInt8]
    ) {
        run = nil
        output.append(literal: "<p class=\"note\" id=\"")
        output.append(literal: anchor)
        output.append(decimal: sequence)
        output.append(literal: "\">")
        appendTime(reading, to: &output)
        output.append(literal: " <bdi>")
        Markup.append(text, to: &output)
        output.append(literal: "</bdi></p>\n")
    }

    mutating func append(
        _ message: TranscriptMessage, _ reading: ZonedClock.Reading, to output: inout [UInt8]
    ) throws {
        if case .command(let action) = message.body {
            return appendCommand(action, message, reading, to: &output)
        }
        let sender = message.from?.user
        let isRight = sender != nil && sender == rightSide
        let continues = continuesRun(message)
        output.append(literal: "<article class=\"m ")
        output.append(literal: isRight ? "r" : "l")
        if continues { output.append(literal: " c") }
        if message.recall != nil { output.append(literal: " rc") }
        if message.standing != .sent { output.append(literal: " un") }
        output.append(literal: "\" id=\"m")
        output.append(decimal: message.sequence)
        output.append(literal: "\">")
        appendSender(message.from, isShown: !continues, to: &output)
        appendStanding(of: message, to: &output)
        output.append(literal: "<div class=\"b\">")
        if let ofThread = message.thread { appendThread(ofThread, to: &output) }
        if let reason = message.withheld {
            output.append(utf8: "<em>\(say.hidden(reason, clock: &clock))</em>")
        } else {
            try append(
                message.body, attachment: message.attachment, thumbnail: message.thumbnail,
                bundle: message.bundle, to: &output)
        }
        output.append(literal: "</div>")
        try appendAttempts(of: message, to: &output)
        try appendEarlierVersions(of: message, to: &output)
        appendReactions(message.reactions, to: &output)
        appendDetails(of: message, reading, isRight: isRight, to: &output)
        output.append(literal: "</div></article>\n")
    }

    /// Whether the message goes on from the one before: same sender, within five minutes.
    private mutating func continuesRun(_ message: TranscriptMessage) -> Bool {
        defer { run = message.from.map { ($0.user, message.time) } }
        guard let run, run.user == message.from?.user else { return false }
        return (0..<300_000_000).contains(message.time.microseconds - run.time.microseconds)
    }

    private mutating func appendSender(_ person: Participant?, isShown: Bool, to output: inout [UInt8]) {
        guard let person else {
            output.append(
                literal: "<i class=\"av\" aria-hidden=\"true\">?</i><div class=\"w\"><p class=\"n\">")
            output.append(utf8: say("Sender not known", "发送者未知"))
            return output.append(literal: "</p>")
        }
        let markup = people.markup(of: person)
        output.append(contentsOf: markup.avatar)
        // A run's name is kept for those who cannot see the side and colour: screen readers and text browsers.
        output.append(
            literal: isShown ? "<div class=\"w\"><p class=\"n\">" : "<div class=\"w\"><p class=\"n v\">")
        output.append(contentsOf: markup.name)
        output.append(literal: "</p>")
    }

    private mutating func appendCommand(
        _ action: String, _ message: TranscriptMessage, _ reading: ZonedClock.Reading,
        to output: inout [UInt8]
    ) {
        output.append(literal: "<div class=\"cmd\" id=\"m")
        output.append(decimal: message.sequence)
        output.append(literal: "\"><details><summary>")
        appendTime(reading, to: &output)
        output.append(literal: " ")
        output.append(utf8: say.type(of: message.body))
        if let sender = message.from {
            output.append(literal: " · <bdi>")
            Markup.append(sender.displayName ?? name(sender.user), to: &output)
            output.append(literal: "</bdi>")
        }
        output.append(literal: "</summary><pre dir=\"auto\">")
        Markup.append(action, to: &output)
        output.append(literal: "</pre>")
        appendFacts(of: message, to: &output)
        output.append(literal: "</details></div>\n")
    }

    /// A banner over what may never have been delivered, or was taken back.
    private mutating func appendStanding(of message: TranscriptMessage, to output: inout [UInt8]) {
        switch message.standing {
        case .sent: break
        case .attempted:
            output.append(literal: "<p class=\"flag\">")
            output.append(utf8: say("Attempted: nothing proves that it was sent", "仅尝试发送：没有已发出的证据"))
            output.append(literal: "</p>")
        case .refused(let code, let reason):
            output.append(literal: "<p class=\"flag bad\">")
            output.append(utf8: say("Refused, not delivered: ", "被拒绝，未送达："))
            if let code { output.append(utf8: "\(code) ") }
            Markup.append(reason, to: &output)
            output.append(literal: "</p>")
        }
        if let verdict = say.verdict(message) {
            output.append(
                literal: message.platform.isBlocked ? "<p class=\"flag bad\">" : "<p class=\"flag\">")
            output.append(utf8: verdict)
            output.append(literal: "</p>")
        }
        if let receivers = message.receivers {
            output.append(literal: "<p class=\"flag to\"><bdi>")
            let list = receivers.map(name).joined(separator: say(", ", "、"))
            Markup.append(say("Only for ", "定向消息，仅 ") + list + say("", " 可见"), to: &output)
            output.append(literal: "</bdi></p>")
        }
        guard let recall = message.recall else { return }
        output.append(literal: "<p class=\"flag\">")
        output.append(utf8: say("Recalled", "已撤回"))
        if let by = recall.by {
            output.append(utf8: say(" by <bdi>", "，操作者 <bdi>"))
            Markup.append(name(by), to: &output)
            output.append(literal: "</bdi>")
        }
        if let time = recall.time {
            output.append(literal: " ")
            appendTime(clock.reading(at: time), to: &output)
        }
        if let notice = recall.notice, !notice.isEmpty {
            output.append(literal: ": <bdi>")
            Markup.append(notice, to: &output)
            output.append(literal: "</bdi>")
        }
        output.append(literal: "</p>")
    }

    private func appendThread(_ thread: ThreadReference, to output: inout [UInt8]) {
        output.append(literal: "<p class=\"th\" dir=\"auto\">")
        output.append(utf8: say("Thread", "子区"))
        if let name = thread.name {
            output.append(literal: " ")
            Markup.append(name, to: &output)
        }
        output.append(literal: "</p>")
    }

    private func appendReactions(_ reactions: [Reaction], to output: inout [UInt8]) {
        guard !reactions.isEmpty else { return }
        output.append(literal: "<ul class=\"re\">")
        for reaction in reactions {
            output.append(literal: "<li title=\"")
            Markup.append(
                reaction.users.map(name).joined(separator: say(", ", "、")), as: .attribute, to: &output)
            output.append(literal: "\"><bdi>")
            Markup.append(reaction.name, to: &output)
            output.append(literal: "</bdi> ")
            output.append(decimal: reaction.count)
            output.append(literal: "</li>")
        }
        output.append(literal: "</ul>")
    }

    /// What the sender meant to send, folded away as earlier versions are.
    private mutating func appendAttempts(of message: TranscriptMessage, to output: inout [UInt8]) throws {
        guard !message.platform.attempts.isEmpty else { return }
        output.append(literal: "<details class=\"v\"><summary>")
        output.append(utf8: say("What its sender tried to send", "查看发送者的原内容"))
        output.append(literal: "</summary><ol>")
        for attempt in message.platform.attempts {
            output.append(literal: "<li>")
            if let time = attempt.time {
                output.append(literal: "<p class=\"vt\">")
                appendTime(clock.reading(at: time), to: &output)
                output.append(literal: "</p>")
            }
            try append(attempt.body, attachment: nil, bundle: nil, to: &output)
            output.append(literal: "</li>")
        }
        output.append(literal: "</ol></details>")
    }

    private mutating func appendEarlierVersions(of message: TranscriptMessage, to output: inout [UInt8])
        throws
    {
        guard message.versions.count > 1 || message.versions.last?.isEdit == true else { return }
        output.append(literal: "<details class=\"v\"><summary>")
        let edits = message.versions.count { $0.isEdit }
        output.append(
            utf8: say(edits == 1 ? "Edited" : "Edited \(edits) times", edits == 1 ? "已编辑" : "已编辑 \(edits) 次"))
        if let last = message.versions.last {
            if let editor = last.editor {
                output.append(literal: " · <bdi>")
                Markup.append(name(editor), to: &output)
                output.append(literal: "</bdi>")
            }
            if let time = last.time {
                output.append(literal: " · ")
                appendTime(clock.reading(at: time), to: &output)
            }
        }
        output.append(utf8: say(" · earlier content", " · 查看此前内容"))
        output.append(literal: "</summary><ol>")
        for version in message.versions.dropLast() {
            output.append(literal: "<li><p class=\"vt\">")
            output.append(utf8: version.isEdit ? say("Edit", "编辑") : say("First sent", "首次发送"))
            if let time = version.time {
                output.append(literal: " ")
                appendTime(clock.reading(at: time), to: &output)
            }
            output.append(literal: "</p>")
            try append(version.body, attachment: message.attachment, bundle: nil, to: &output)
            output.append(literal: "</li>")
        }
        if message.versions.count == 1 {
            output.append(
                utf8:
                    "<li><p class=\"vt\">\(say("The content first sent is not in this archive", "档案中没有首次发送的内容"))</p></li>"
            )
        }
        output.append(literal: "</ol></details>")
    }

    // MARK: - Times

    /// Appends the minute for reading, with the exact time and its zone on the pointer.
    func appendTime(_ reading: ZonedClock.Reading, to output: inout [UInt8]) {
        output.append(literal: "<time title=\"")
        reading.appendExact(to: &output)
        output.append(literal: "\">")
        reading.appendMinute(to: &output)
        output.append(literal: "</time>")
    }
}
