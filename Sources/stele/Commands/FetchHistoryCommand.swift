// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleFetch
import SteleListener
import SteleLog
import SteleProjection
import SteleTranscript

/// `stele fetch-history`: pulls the platform's hourly history files.
struct FetchHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-history",
        abstract: "Pulls the platform's hourly history files and records what they hold.",
        discussion: """
            Asks for one hour after the other, from the oldest that the platform keeps to the newest that is complete; \
            --from and --to choose others. Hours that the archive has in whole are passed over, so it can be run \
            again and again; that an hour was pulled is recorded, and 'stele gaps' knows it. A file that came in \
            part is thrown away and asked for again.

            Hours are named by China's clock on domestic clusters and by UTC elsewhere: what the first file's lines \
            tell counts, --hours-in until then. The token goes to --base-url alone, never to where a file lies.

            Exit codes: 1 when the platform does not keep an hour asked for, 65 when a file could not be recorded in \
            whole, 74 when an hour could not be pulled.

            Examples:
              stele fetch-history --app 'org#app' --client-file client.json
              STELE_TOKEN=… stele fetch-history --app 'org#app' --from 2026-11-20T12:00:00Z --to 2026-11-20T14:00:00Z
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var credentials: CredentialOptions

    @Option(help: ArgumentHelp("Which app.", valueName: "org#app"))
    var app: String

    @OptionGroup var range: RangeOptions

    @Flag(help: "Pull hours that the archive has in whole, too.")
    var again = false

    @Option(help: "The clock that hours are named by until a file tells: china or utc.")
    var hoursIn = HourClock.china

    @Option(
        help: ArgumentHelp(
            "Hours after which a file is complete; earlier, it is pulled again later.", valueName: "n"))
    var historySettles = HistoryFetchOptions().settlingHours

    @Option(help: ArgumentHelp("Hours for which the platform keeps files.", valueName: "n"))
    var historyKept = GapOptions(now: Instant(microseconds: 0)).historyHours

    @Option(help: ArgumentHelp("Most requests a minute; the platform answers ten.", valueName: "n"))
    var rate = HistoryFetchOptions().requestsPerMinute

    @Option(help: ArgumentHelp("Most tries of one request or file.", valueName: "n"))
    var tries = HistoryFetchOptions().tries

    @Option(
        help: ArgumentHelp("How long an answer or the next piece of a file may take.", valueName: "seconds"))
    var timeout = HistoryFetchOptions().timeoutSeconds

    @Option(help: ArgumentHelp("Largest file taken, in bytes as it is sent.", valueName: "bytes"))
    var maxFile = HistoryFetchOptions().maximumFileBytes

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Storage") var storage: StorageOptions

    enum HourClock: String, CaseIterable, ExpressibleByArgument { case china, utc }

    func validate() throws {
        guard rate > 0, tries > 0, timeout > 0, maxFile > 0 else {
            throw ValidationError("Limits are above zero.")
        }
        guard (0...100_000).contains(historySettles), (1...100_000).contains(historyKept) else {
            throw ValidationError("--history-settles and --history-kept are hours, up to 100000.")
        }
    }

    func run() async throws {
        let address = try credentials.address(of: app)
        let credential = try credentials.credential()
        let archive = try archive.existingOrNew()
        let now = Instant.now
        let (hours, zone) = try wanted(in: archive, now)
        let keeper = key.keeper(of: archive)
        let log = try LogWriter.open(archive, options: storage.options)
        Recovery.say(log)
        let output = StandardOutput()
        var tally = FetchTally()
        do {
            let listener = try Listener(log: log, archive: archive, options: limits.options)
            do {
                let fetcher = HistoryFetcher(
                    address, credential, importer: Importer(listener: listener, archive: archive),
                    folder: archive.indexURL, options: options)
                var bar = ProgressBar("Pulling history")
                var done: UInt64 = 0
                try await fetcher.run(hours, zone: zone, now: now) { result in
                    done += 1
                    bar.clear()
                    tally.add(result)
                    // Whoever does not read the report still gets the hours: they are in the archive.
                    try? tell(result, to: output)
                    bar.update(done, of: UInt64(hours.count))
                } rejected: { rejection in
                    bar.clear()
                    StandardError.print(
                        "rejected: \(TerminalText.visible("\(Self.name(rejection)): \(rejection.reason)"))")
                }
                bar.clear()
            } catch {
                await listener.close()
                throw error
            }
            await listener.close()
        } catch {
            // Every hour told of is durable; the rest is asked for the next time.
            try await log.close()
            keeper?.keepAtEnd()
            try output.flush()
            throw error
        }
        try await log.close()
        keeper?.keepAtEnd()
        if !self.output.isJSON { try output.print(tally.text(of: hours.count)) }
        try output.flush()
        if let status = tally.status { throw ExitCode(status.rawValue) }
    }

    private static func name(_ rejection: ImportRejection) -> String {
        let file = rejection.file.split(separator: "/").last.map(String.init) ?? rejection.file
        return rejection.line.map { "\(file):\($0)" } ?? file
    }

    private var options: HistoryFetchOptions {
        var options = HistoryFetchOptions()
        options.requestsPerMinute = rate
        options.tries = tries
        options.timeoutSeconds = timeout
        options.maximumFileBytes = maxFile
        options.settlingHours = historySettles
        options.zone = hoursIn == .china ? HourKey.documentedZones[0] : HourKey.documentedZones[1]
        return options
    }

    /// The hours to pull, oldest first, and the clock they are named by where records told.
    private func wanted(in archive: Archive, _ now: Instant) throws -> ([UTCHour], zone: Int?) {
        let known = try ViewAccess(upToDate: archive).views.read { reader in
            try reader.appScopes(AppKey(app)).first.map { try reader.importedHours($0) }
        }
        let current = UTCHour(of: now)
        let first = range.from.map { UTCHour(of: $0.instant) } ?? current.advanced(by: 1 - historyKept)
        let last =
            range.to.map { UTCHour(of: Instant(microseconds: $0.instant.microseconds - 1)) }
            ?? current.advanced(by: -historySettles - 1)
        var hours: [UTCHour] = []
        var hour = first
        // An hour that is not over has no file.
        while hour <= min(last, current.advanced(by: -1)) {
            if again || known?.isFinal(hour) != true { hours.append(hour) }
            hour = hour.advanced(by: 1)
        }
        return (hours, known?.zone)
    }

    // MARK: Reports

    private func tell(_ result: HistoryFetcher.Result, to output: StandardOutput) throws {
        if self.output.isJSON {
            try output.print(result.line)
        } else {
            try output.print("\(result.key)  \(TerminalText.visible(result.text))")
        }
    }
}

/// What became of all hours of a run.
private struct FetchTally {
    private var recorded = 0
    private var pulled = 0
    private var none = 0
    private var cut = 0
    private var notKept = 0
    private var failed = 0

    mutating func add(_ result: HistoryFetcher.Result) {
        switch result.outcome {
        case .imported(let outcome, let summary):
            pulled += 1
            recorded += summary.recorded
            if outcome == .cut { cut += 1 }
        case .none: none += 1
        case .notKept: notKept += 1
        case .failed: failed += 1
        }
    }

    func text(of hours: Int) -> String {
        if hours == 0 { return "Nothing to pull: the archive has every hour in whole." }
        let parts = [
            "\(pulled) of \(hours) hours pulled, \(recorded) new messages recorded",
            none > 0 ? "\(none) without messages" : "",
            cut > 0 ? "\(cut) not in whole" : "", notKept > 0 ? "\(notKept) no longer kept" : "",
            failed > 0 ? "\(failed) failed" : "",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "; ") + "."
    }

    /// What the process is to end with, when not all is well.
    var status: ExitStatus? {
        if failed > 0 { return .inputOutput }
        if cut > 0 { return .badInput }
        return notKept > 0 ? .doesNotHold : nil
    }
}

extension HistoryFetcher.Result {
    fileprivate var text: String {
        switch outcome {
        case .imported(let outcome, let summary):
            let counts =
                "\(summary.recorded) recorded, \(summary.duplicates) known already, \(summary.rejected) rejected"
            return switch outcome {
            case .early: "\(counts); to be pulled again when it is complete"
            case .cut: "\(counts); the file is not whole"
            case .whole, .none: counts
            }
        case .none: return "no messages"
        case .notKept(let reason): return "not kept by the platform: \(reason)"
        case .failed(let reason): return "failed: \(reason)"
        }
    }

    /// `{"hour":"2026112020","from":…,"outcome":"whole","read":…,"recorded":…,"duplicates":…,"rejected":…}`.
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("hour", key.description)
        line.add("from", hour.start.rfc3339(.milliseconds))
        switch outcome {
        case .imported(let outcome, let summary):
            line.add("outcome", outcome.rawValue)
            line.add("read", summary.read)
            line.add("recorded", summary.recorded)
            line.add("duplicates", summary.duplicates)
            line.add("rejected", summary.rejected)
        case .none: line.add("outcome", HistoryHour.Outcome.none.rawValue)
        case .notKept(let reason):
            line.add("outcome", "not kept")
            line.add("reason", reason)
        case .failed(let reason):
            line.add("outcome", "failed")
            line.add("reason", reason)
        }
        return line
    }
}
