// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import SteleEvents
import SteleFetch
import SteleListener
import SteleLog
import SteleProjection
import SteleTranscript

/// `stele fetch-attachments`: gets the files that messages name and the archive does not hold.
struct FetchAttachmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-attachments",
        abstract: "Fetches the images, voices, videos and files that messages name.",
        discussion: """
            Asks the platform for every attachment, thumbnail and combine-forward bundle (合并转发) that a message \
            names and the archive does not hold, the newest first, and looks into bundles for what they name. Each try is \
            recorded, with what came of it. What was given up before (expired, forbidden …) is not asked for again, unless \
            --retry-failed says so. The platform keeps files for seven days: 'stele serve --fetch-attachments' does \
            this by itself, as the messages come.

            The exit code is 0 when the archive now holds all files asked for, 1 when it does not.

            Examples:
              stele fetch-attachments
              stele fetch-attachments --conversation group:262246968131585 --from 2026-11-01 --fetch-max-bytes 500000000
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "Of which conversation; may repeat. All of them when none is named.", valueName: "name"))
    var conversation: [String] = []

    @OptionGroup var range: RangeOptions

    @Flag(help: "Ask again for what was given up: expired, forbidden, not found, too often unreachable …")
    var retryFailed = false

    @OptionGroup(title: "Fetching") var fetch: FetchOptions
    @OptionGroup(title: "Storage") var storage: StorageOptions

    func run() async throws {
        let archive = try archive.existing()
        let keeper = key.keeper(of: archive)
        let log = try open(archive)
        Recovery.say(log)
        let done: Done
        do {
            done = try await fetch(into: log, of: archive)
        } catch {
            // What was recorded before the failure is durable.
            try await log.close()
            throw error
        }
        try await log.close()
        keeper?.keepAtEnd()
        try report(done)
        if !done.isComplete { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
    }

    private func open(_ archive: Archive) throws -> LogWriter {
        do throws(LogError) {
            return try LogWriter.open(archive, options: storage.options)
        } catch {
            guard error.code == .lockedByAnotherProcess else { throw error }
            throw CommandError(
                "\(error)",
                hint:
                    "Every try is recorded, and one process records at a time. Start 'stele serve' with --fetch-attachments, which fetches while it listens; or stop it, and run this again.",
                exit: .inputOutput)
        }
    }

    private func fetch(into log: LogWriter, of archive: Archive) async throws -> Done {
        let listener = try Listener(log: log, archive: archive)
        let views = try ViewAccess(upToDate: archive).views
        let counters = FetchCounters()
        var limits = fetch.limits
        // Somebody waits: a host that does not answer is given up after as many tries as a file.
        limits.firstPauseSeconds = 1
        limits.hostPatience = limits.tries
        let fetcher = AttachmentFetcher(
            archive: archive, views: views, listener: listener,
            rules: FetchRules(limits, isAsked: true, retriesFailed: retryFailed),
            scope: try scope(views, archive), counters: counters, logger: Logger(label: "stele.fetch"))
        var bar = ProgressBar("Fetching")
        do {
            let counts = try await fetcher.fetchOnce { left in
                let ended = counters.current.endedCount
                bar.update(
                    UInt64(ended), of: UInt64(ended + left), note: ByteCount.text(counters.current.bytes))
            }
            bar.clear()
            await listener.close()
            return Done(messages: counts, fetched: counters.current)
        } catch {
            bar.clear()
            await listener.close()
            throw error
        }
    }

    private func scope(_ views: Views, _ archive: Archive) throws -> FilePlanner.Scope {
        var scope = FilePlanner.Scope()
        scope.from = range.from?.instant
        scope.to = range.to?.instant
        guard !conversation.isEmpty else { return scope }
        let reader = try TranscriptReader(views, archive: archive)
        scope.conversations = try conversation.map { name in
            let found = try reader.conversation(named: name)
            return (found.id, found.app)
        }
        return scope
    }

    private func report(_ done: Done) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            try output.print(done.line)
        } else {
            try output.print(done.text)
        }
        try output.flush()
    }
}

/// What a run came to.
private struct Done {
    /// Files that messages name.
    let named: Int
    /// Of these, what the archive holds now.
    let stored: Int
    /// Of these, what was fetched by this run.
    let fetched: Int
    let bytes: Int64
    let tries: Int
    /// The others, by why they are not there.
    let missing: [(outcome: String, count: Int)]
    /// Files not asked for: their host did not answer.
    let left: Int

    init(messages: FilePlanner.Counts, fetched: FetchCounters.Counts) {
        named = messages.named
        stored = messages.stored + fetched.ended[.stored, default: 0]
        self.fetched = fetched.ended[.stored, default: 0]
        bytes = fetched.bytes
        tries = fetched.tries.values.reduce(0, +)
        left = fetched.abandoned
        var missing = messages.settled
        for (outcome, count) in fetched.ended where outcome != .stored {
            missing[outcome.rawValue, default: 0] += count
        }
        self.missing = missing.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    var isComplete: Bool { missing.isEmpty && left == 0 }

    var line: JSONLine {
        var line = JSONLine()
        line.add("named", named)
        line.add("stored", stored)
        line.add("fetched", fetched)
        line.add("bytes", bytes)
        line.add("tries", tries)
        var reasons = JSONLine()
        for (outcome, count) in missing { reasons.add(name: outcome, count) }
        line.add("missing", reasons)
        line.add("left", left)
        return line
    }

    var text: String {
        var text =
            "Fetched \(fetched) files, \(ByteCount.text(bytes)); \(stored) of \(named) that messages name are stored."
        if !missing.isEmpty {
            text +=
                "\nNot to be had: " + missing.map { "\($0.count) \($0.outcome)" }.joined(separator: ", ")
                + "."
        }
        if left > 0 {
            text += "\nNot asked for: \(left), because their host did not answer. Run this again later."
        }
        return text
    }
}
