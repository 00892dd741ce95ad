// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleListener
import SteleLog
import SteleTranscript
import Synchronization

/// `stele import`: records what lies in files.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Records events that lie in files.",
        discussion: """
            Takes .json, .jsonl and .gz files: callbacks kept by a gateway, the platform's hourly history files, \
            lines of an SDK tap. A folder is searched for them. Other files whose name is the UUID of an \
            attachment are stored beside the log. Importing is idempotent: what the archive holds already is \
            counted as a duplicate and not recorded again. That an hour's history file (2026112020.gz) was taken in, and \
            whether whole, is kept beside its lines: 'stele gaps' needs to know.

            A line that cannot be recorded is named on standard error with file, line and reason; the lines round \
            it are recorded, and the exit code is 65.

            Examples:
              stele import callbacks.jsonl
              stele import --from history --app org#app 2026112009.gz
            """)

    @Argument(help: ArgumentHelp("Files or folders.", valueName: "path"))
    var paths: [String]

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Which surface the events were seen on; 'auto' tells by their form."))
    var from = ImportFormat.auto

    @Option(
        help: ArgumentHelp(
            "The App Key of events that name none: history files and SDK taps.", valueName: "org#app"))
    var app: String?

    @Option(
        help: ArgumentHelp(
            "Which hour's history file it is, for a file whose name does not tell: China's hour or UTC's.",
            valueName: "yyyyMMddHH"))
    var hour: HourKey?

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "Most bytes that one compressed file may unpack to; reading stops there.", valueName: "bytes"))
    var maxUnpacked = ImportOptions().maximumInflatedBytes

    @Option(
        help: ArgumentHelp(
            "How many times its size a compressed file may unpack to; more is taken for a decompression bomb.",
            valueName: "factor"))
    var maxExpansion = ImportOptions().maximumExpansion

    @Option(
        help: ArgumentHelp(
            "Largest JSON document of several lines, in bytes: it is held in memory.", valueName: "bytes"))
    var maxDocument = ImportOptions().maximumDocumentBytes

    @Option(help: ArgumentHelp("Largest attachment taken in, in bytes.", valueName: "bytes"))
    var maxAttachment = ImportOptions().maximumAttachmentBytes

    @OptionGroup(title: "Storage") var storage: StorageOptions

    func validate() throws {
        if paths.isEmpty { throw ValidationError("Name at least one file or folder.") }
        guard maxUnpacked > 0, maxExpansion > 0, maxDocument > 0, maxAttachment > 0 else {
            throw ValidationError("Limits are above zero.")
        }
        if hour != nil, paths.count != 1 {
            throw ValidationError("--hour is for one file; files named by their hours need none.")
        }
    }

    func run() async throws {
        let archive = try archive.existingOrNew()
        let keeper = key.keeper(of: archive)
        let log = try LogWriter.open(archive, options: storage.options)
        Recovery.say(log)
        let listener: Listener
        do {
            listener = try Listener(log: log, archive: archive, options: limits.options)
        } catch {
            try await log.close()
            throw error
        }
        let importer = Importer(listener: listener, archive: archive, options: importOptions)
        var bar = ProgressBar("Importing")
        let summary: ImportSummary
        do {
            summary = try await importer.run(
                paths, from: from, app: app.map { AppKey($0) },
                hour: hour.map { KnownHour($0, source: .file) },
                progress: { progress in
                    bar.update(
                        UInt64(max(0, progress.bytes)), of: UInt64(max(0, progress.totalBytes)),
                        note: "\(progress.summary.recorded) recorded")
                },
                rejected: { rejection in
                    bar.clear()
                    StandardError.print(Self.text(rejection))
                })
        } catch {
            // What was recorded before the failure is durable, and the index should know it too.
            bar.clear()
            await listener.close()
            try await log.close()
            throw error
        }
        bar.clear()
        await listener.close()
        await finishRewriting(log)
        try await log.close()
        keeper?.keepAtEnd()
        try report(summary)
        if summary.rejected > 0 { throw ExitCode(ExitStatus.badInput.rawValue) }
    }

    /// Makes what was sealed as small as it becomes: the next writer may be long in coming.
    private func finishRewriting(_ log: LogWriter) async {
        let bar = Mutex(ProgressBar("Compressing"))
        let total = Mutex(0)
        await log.finishRewriting { left in
            let all = total.withLock { all in
                all = max(all, left)
                return all
            }
            bar.withLock { $0.update(UInt64(all - left), of: UInt64(all)) }
        }
        bar.withLock { $0.clear() }
        guard let failure = log.rewriteFailure else { return }
        StandardError.print("warning: a complete segment keeps its size: \(failure)")
    }

    private var importOptions: ImportOptions {
        var options = ImportOptions()
        options.maximumInflatedBytes = maxUnpacked
        options.maximumExpansion = maxExpansion
        options.maximumDocumentBytes = maxDocument
        options.maximumAttachmentBytes = maxAttachment
        return options
    }

    private static func text(_ rejection: ImportRejection) -> String {
        let place = rejection.line.map { "\(rejection.file):\($0)" } ?? rejection.file
        return "rejected: \(TerminalText.visible("\(place): \(rejection.reason)"))"
    }

    private func report(_ summary: ImportSummary) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("read", summary.read)
            line.add("recorded", summary.recorded)
            line.add("duplicates", summary.duplicates)
            line.add("rejected", summary.rejected)
            try output.print(line)
        } else {
            try output.print(
                "Read \(summary.read): \(summary.recorded) recorded, \(summary.duplicates) known already, "
                    + "\(summary.rejected) rejected.")
        }
        try output.flush()
        if summary.rejected > 0 {
            StandardError.print(
                "error: \(summary.rejected) of \(summary.read) could not be recorded; see above.")
            StandardError.print(
                "hint: Repair them and import again: what is recorded already is known again.")
        }
    }
}

/// What opening the log for writing found and mended.
enum Recovery {
    static func say(_ log: LogWriter) {
        guard let recovery = log.recovery else { return }
        StandardError.warn("\(recovery.summary): \(recovery)")
    }
}
