// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleLog
import SteleReplay

/// `stele replay`: records again as a stream in time.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Plays recorded events again, in recorded order and timing.",
        discussion: """
            Records come in the order of the log. The time between two of them is the time between their events by \
            the platform's clock (or, with --clock capture, between their captures), divided by --speed; a record \
            older than one before it comes at once.

            To standard output, a line is the record as the log holds it: a JSON object with 'seq', 'at', 'via', \
            'flow' and, last, 'event', the bytes received. --raw prints those bytes alone.

            To a URL, every recorded post-send callback is POSTed as the platform would: 'callId' and 'timestamp' \
            stay, 'security' is computed anew with the app's --secret, and no other byte changes. An answer other \
            than 200 is followed by one more try at once. Records of other kinds are not sent, and counted.

            Examples:
              stele replay --conversation chat:alice:bob --speed 10
              stele replay --from 2026-11-20 --speed max --to http://127.0.0.1:8080/callback --secret org#app=secret
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Only what happened in this conversation; may repeat.", valueName: "name"))
    var conversation: [String] = []

    @Option(help: ArgumentHelp("Only what this client connection saw and sent.", valueName: "name"))
    var session: String?

    @Option(help: ArgumentHelp("Only what was seen on this surface; may repeat.", valueName: "surface"))
    var surface: [Surface] = []

    @Option(help: ArgumentHelp("The first record: a sequence, or a time by --clock.", valueName: "time|seq"))
    var from: PointArgument?

    @Option(help: ArgumentHelp("The first record left out: a sequence, or a time.", valueName: "time|seq"))
    var until: PointArgument?

    @Option(help: ArgumentHelp("Which time of a record counts: 'event' or 'capture'.", valueName: "clock"))
    var clock = ReplayPlan.Clock.event

    @Option(help: ArgumentHelp("Times as fast as recorded, or 'max' for no waiting.", valueName: "x|max"))
    var speed = SpeedArgument(.times(1))

    @Option(
        help: ArgumentHelp("The longest recorded pause kept; longer ones shrink to it.", valueName: "seconds")
    )
    var longestPause: Double?

    @Option(
        help: ArgumentHelp(
            "Where to: 'stdout', or an http(s) URL that takes callbacks.", valueName: "stdout|url"))
    var to = "stdout"

    @Flag(help: "Print the received bytes alone, without the record round them.")
    var raw = false

    @Option(
        help: ArgumentHelp(
            "Signs the callbacks of an app; may repeat (STELE_SECRET). Others keep the recorded signature.",
            valueName: "appkey=secret"))
    var secret: [AppSecret] = []

    @Option(
        help: ArgumentHelp(
            "Most requests under way at a time. With 1 they arrive in order; with more they only start in it.",
            valueName: "n"))
    var inFlight = 1

    @Option(help: ArgumentHelp("How long to wait for one answer.", valueName: "seconds"))
    var timeout: Int64 = 10

    @Flag(
        help:
            "Sleep instead of watching the clock before each record: some ten microseconds late rather than none."
    )
    var noSpin = false

    func validate() throws {
        if let longestPause, longestPause < 0 || !longestPause.isFinite {
            throw ValidationError("--longest-pause is a number of seconds, zero or more.")
        }
        if inFlight < 1 { throw ValidationError("--in-flight is at least 1.") }
        if timeout < 1 { throw ValidationError("--timeout is at least 1 second.") }
        if raw, to != "stdout" { throw ValidationError("--raw belongs to --to stdout.") }
        if output.isJSON, to == "stdout" {
            throw ValidationError("Records are JSON Lines already: --json belongs to --to URL.")
        }
    }

    func run() async throws {
        let plan = try plan()
        let sender = to == "stdout" ? nil : try CallbackSender(endpoint: to, options: senderOptions())
        let reader = try LogReader(try archive.existing())
        var player = ReplayPlayer(
            plan, cursor: try ReplayCursor(plan, of: reader), clock: MonotonicClock(isSpinning: !noSpin))
        if let sender {
            let report = try await sender.run(&player)
            try say(report, player.lateness)
            try end(gaps: player.cursor, failures: report.failureCount)
        } else {
            let output = StandardOutput()
            let printer = RecordPrinter(
                form: raw ? .payload : .record, isImmediate: plan.pace != .unlimited
            ) { bytes in
                try output.write(bytes)
                try output.flush()
            }
            try await printer.run(&player)
            try end(gaps: player.cursor, failures: 0)
        }
    }

    private func plan() throws -> ReplayPlan {
        var plan = ReplayPlan()
        plan.filter.conversations = try conversation.map { name in
            let conversation = try ConversationName(name)
            return ReplayFilter.Place(app: conversation.app, id: conversation.id)
        }
        plan.filter.session = session
        plan.filter.surfaces = Set(surface)
        plan.from = from?.bound
        plan.until = until?.bound
        plan.clock = clock
        plan.pace = speed.pace
        plan.longestPauseSeconds = longestPause
        return plan
    }

    private func senderOptions() throws -> CallbackSender.Options {
        var options = CallbackSender.Options()
        for secret in try Settings.secrets(flags: secret) {
            guard options.secrets.updateValue(secret.secret, forKey: secret.app) == nil else {
                throw ValidationError("--secret names \(secret.app) twice; a callback has one signature.")
            }
        }
        options.maximumInFlight = inFlight
        options.timeoutSeconds = timeout
        return options
    }

    private func say(_ report: CallbackReport, _ lateness: Lateness) throws {
        for failure in report.failures {
            StandardError.print("failed: record \(failure.sequence): \(failure.reason)")
        }
        let more = report.failureCount - report.failures.count
        if more > 0 { StandardError.print("failed: and \(more) more") }
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("sent", report.sent)
            line.add("accepted", report.accepted)
            line.add("retried", report.retried)
            line.add("failed", report.failureCount)
            line.add("skipped", report.skipped)
            line.add("lateP50Nanoseconds", lateness.quantile(0.5))
            line.add("lateP99Nanoseconds", lateness.quantile(0.99))
            try output.print(line)
        } else {
            try output.print(
                "Sent \(report.sent) callbacks: \(report.accepted) accepted, \(report.failureCount) failed; "
                    + "\(report.retried) tried twice, \(report.skipped) records of other kinds not sent.")
        }
        try output.flush()
    }

    private func end(gaps cursor: ReplayCursor, failures: Int) throws {
        for gap in cursor.gaps {
            StandardError.warn("left out from record \(gap.sequence): \(gap.what)")
        }
        if cursor.gapCount > 0 {
            throw CommandError(
                "The log is damaged in \(cursor.gapCount) places; everything else was replayed.",
                hint: "Run 'stele verify --full' for the extent.", exit: .doesNotHold)
        }
        if failures > 0 {
            throw CommandError(
                "\(failures) callbacks were refused or lost, each after a second try.",
                hint: "Look at the endpoint's own log; a wrong --secret is refused with 401.",
                exit: .doesNotHold)
        }
    }
}
