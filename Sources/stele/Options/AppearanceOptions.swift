// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BundleExporter
import CSVExporter
import Foundation
import HTMLExporter
import JSONExporter
import SteleEvents
import SteleLog
import SteleTranscript
import TextExporter

enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case html, json, jsonl, csv, text, bundle
}

/// How an export looks, and the writer that makes it look so.
struct AppearanceOptions: ParsableArguments {
    @OptionGroup var zone: TimeZoneOptions
    @OptionGroup var language: LanguageOptions

    @Option(help: ArgumentHelp("html: whose messages stand on the right.", valueName: "user"))
    var perspective: String?

    @Option(help: ArgumentHelp("html: messages and notices on one page of a folder.", valueName: "n"))
    var pageSize = HTMLWriter.Options().entriesPerPage

    @Flag(help: "csv: leave cells that a spreadsheet would run as formulas exactly as received.")
    var exact = false

    @Flag(help: "text: show commands (透传), receipts and sightings too.")
    var details = false

    @Flag(
        help:
            "Write the secrets that open attachments on the platform's servers: whoever has them can read the files."
    )
    var includeSecrets = false

    func validate() throws {
        if pageSize < 1 { throw ValidationError("--page-size is at least 1.") }
    }

    /// The writer of a format.
    ///
    /// Who looks at the transcript stands on the right, unless told otherwise.
    ///
    /// - Throws: `OutputError` when the place cannot be written.
    func writer(
        _ format: ExportFormat, to place: URL, of archive: Archive, seenBy viewer: UserID?
    ) throws -> any TranscriptWriter {
        let timeZone = try zone.clock.zone
        let attachments = AttachmentFolder(archive.attachmentsURL)
        switch format {
        case .html:
            var options = HTMLWriter.Options()
            options.timeZone = timeZone
            options.language = language.value
            options.perspective = perspective.map { UserID($0) } ?? viewer
            options.attachments = attachments
            options.entriesPerPage = pageSize
            options.includesSecrets = includeSecrets
            return try HTMLWriter(to: place, options: options)
        case .json: return JSONWriter(to: try OutputFile(at: place), includesSecrets: includeSecrets)
        case .jsonl: return JSONLinesWriter(to: try OutputFile(at: place), includesSecrets: includeSecrets)
        case .csv:
            var options = CSVWriter.Options()
            options.timeZone = timeZone
            options.isExact = exact
            return CSVWriter(to: try OutputFile(at: place), options: options)
        case .text:
            var options = TextWriter.Options()
            options.timeZone = timeZone
            options.language = language.value
            options.showsDetails = details
            return TextWriter(to: try OutputFile(at: place), options: options)
        case .bundle:
            var options = BundleWriter.Options()
            options.attachments = attachments
            options.includesSecrets = includeSecrets
            return BundleWriter(to: place, options: options)
        }
    }
}
