// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleProjection
import SteleTranscript

/// `stele gaps`: what the archive should have and perhaps has not.
struct GapsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "Names what is missing, what says so, and what to ask the platform for.",
        discussion: """
            missed-callback     a message that a receipt, a recall, a client or a history file tells of, and no \
            post-send callback, while the callbacks round it came
            suspension          callbacks stopped: for longer than this traffic ever pauses, or with several messages \
            known to be missing in a long silence
            unresolved-attempt  a pre-send callback that neither the message nor a word of its refusal followed
            unseen-message      something was told of a message that no record shows, where no callback was to be expected
            history-hour        hours whose history files the platform still keeps and nobody took in
            attachment          attachments that nobody fetched and the platform still keeps

            A gap is closed when history lines show its messages, or when the history of every hour it touches was \
            taken in whole; --all lists closed gaps too. What no source tells of at all cannot be named: import the \
            history files, or 'stele fetch-history'. The exit code is 1 while a gap is open.

            Examples:
              stele gaps
              stele gaps --app 'org#app' --from 2026-11-20 --all --json
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions
    @OptionGroup var language: LanguageOptions

    @Option(help: ArgumentHelp("Only of this app.", valueName: "org#app"))
    var app: String?

    @OptionGroup var range: RangeOptions

    @Flag(help: "List gaps that are closed by now too.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "What may still come and what the platform still keeps is judged by this time; now, without it.",
            valueName: "time"))
    var at: TimeArgument?

    @OptionGroup(title: "Judgement") var judgement: GapJudgement

    func run() throws {
        let access = try ViewAccess(upToDate: try archive.existing())
        let options = judgement.options(now: at?.instant ?? .now, range)
        let gaps = try access.views.read { reader in
            if let app, try reader.appScopes(AppKey(app)).isEmpty {
                throw CommandError(
                    "No record names the app '\(app)'.",
                    hint: "'stele conversations --json' tells the apps there are.",
                    exit: .doesNotHold)
            }
            return try reader.gaps(app: app.map { AppKey($0) }, options)
        }
        let open = gaps.count { $0.isOpen }
        let output = StandardOutput()
        if self.output.isJSON {
            for gap in gaps where all || gap.isOpen { try output.print(gap.line) }
        } else {
            try tell(gaps, to: output)
        }
        try output.flush()
        if open > 0 { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
    }

    private func tell(_ gaps: [Gap], to output: StandardOutput) throws {
        let style = Style()
        let say = Wording(language.value)
        var text = GapText(say, try zone.clock)
        for gap in gaps where all || gap.isOpen {
            let state = gap.isOpen ? style.yellow(say("open", "未补")) : style.green(say("closed", "已补"))
            let app = gap.app.map { TerminalText.visible($0.rawValue) } ?? "-"
            try output.print(
                "\(state)  \(style.bold(text.name(gap.kind)))  \(style.cyan(app))  \(text.span(gap))")
            for line in [text.what(gap), ids(gap), text.remedy(gap)] where !line.isEmpty {
                try output.print("      " + TerminalText.visible(line))
            }
        }
        let (open, closed) = (gaps.count { $0.isOpen }, gaps.count { !$0.isOpen })
        let summary = say("\(open) open, \(closed) closed", "\(open) 个未补，\(closed) 个已补")
        try output.print(gaps.isEmpty ? say("No gaps.", "没有缺口。") : summary + say(".", "。"))
    }

    private func ids(_ gap: Gap) -> String {
        guard !gap.messages.isEmpty else { return "" }
        let shown = gap.messages.prefix(3).map(\.rawValue).joined(separator: ", ")
        return gap.count > 3 ? shown + ", …" : shown
    }
}
