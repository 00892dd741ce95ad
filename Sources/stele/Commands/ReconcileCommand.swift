// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript

/// `stele reconcile`: compares the sources and certifies what it found.
struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract:
            "Compares callbacks, history files and taps hour by hour, and writes a completeness certificate.",
        discussion: """
            Makes a folder with completeness.json (schema stele-completeness/1) and completeness.html, which opens \
            from disk and needs nothing else. Both say what each source saw of every hour, on what they agree, what \
            one alone saw, which gaps are open or closed, the size and root of the log they are about, and what all \
            that can and cannot show. The same records and options give the same bytes: what may still come is judged \
            by the capture time of the last record, or by --at. The exit code is 1 while a gap is open.

            Examples:
              stele reconcile --out certificate
              stele reconcile --app 'org#app' --from 2026-11-20 --to 2026-11-21 --language zh --out certificate
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions
    @OptionGroup var language: LanguageOptions

    @Option(help: ArgumentHelp("Only this app.", valueName: "org#app"))
    var app: String?

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"))
    var out: String

    @Flag(help: "Replace an earlier certificate.")
    var force = false

    @Option(help: ArgumentHelp("Most messages named in one list.", valueName: "n"))
    var list = 200

    @Option(
        help: ArgumentHelp("Judge as of this time, not as of the last record's capture.", valueName: "time"))
    var at: TimeArgument?

    @OptionGroup(title: "Judgement") var judgement: GapJudgement

    func validate() throws {
        if list < 0 { throw ValidationError("--list is not below zero.") }
    }

    func run() throws {
        let archive = try archive.existing()
        let place = URL(fileURLWithPath: out)
        if !force, FileManager.default.fileExists(atPath: place.path) {
            throw CommandError(
                "\(place.path) is there already.", hint: "Name another --out, or replace it with --force.",
                exit: .inputOutput)
        }
        let certificate = try Certificate(
            ViewAccess(upToDate: archive), app: app.map { AppKey($0) }, judgedAt: at?.instant, listLimit: list
        ) { judgement.options(now: $0, range) }
        let files = try write(certificate, to: place)
        try report(certificate, files)
        if certificate.openGaps > 0 { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
    }

    private func write(_ certificate: Certificate, to place: URL) throws -> [WrittenFile] {
        let folder = try OutputFolder(at: place)
        var page = CertificatePage(certificate, Wording(language.value), try zone.clock)
        let html = try folder.file("completeness.html")
        try html.append { $0 += page.bytes() }
        try folder.add(html)
        let json = try folder.file("completeness.json")
        try json.append {
            $0 += certificate.document.closed
            $0.append(UInt8(ascii: "\n"))
        }
        try folder.add(json)
        return try folder.finish(format: "completeness")
    }

    private func report(_ certificate: Certificate, _ files: [WrittenFile]) throws {
        let total = ReconciledTotal(certificate.apps.flatMap(\.hours))
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("out", out)
            line.add("open", files.first?.url.path)
            line.add("records", certificate.records)
            line.add("root", certificate.root.base64)
            line.add("hours", total.hours)
            line.add("compared", total.compared)
            line.add("messages", total.messages)
            line.add("agreed", total.agreed)
            line.add("openGaps", certificate.openGaps)
            try output.print(line)
        } else {
            let say = Wording(language.value)
            let verdict = CertificateWords(say).verdict(
                open: certificate.openGaps, compared: total.compared, hours: total.hours)
            try output.print(verdict + say(".", "。"))
            try output.print(
                say(
                    "\(total.agreed) of \(total.messages) messages are in callbacks and history alike. Open \(files.first?.url.path ?? out).",
                    "\(total.messages) 条消息中有 \(total.agreed) 条回调与历史消息均有。打开 \(files.first?.url.path ?? out)。"))
        }
        try output.flush()
    }
}
