// SPDX-License-Identifier: Apache-2.0

import CSVExporter
import Foundation
import HTMLExporter
import JSONExporter
import SteleTranscript
import Testing
import TextExporter

/// Every writer, as the suites that hold for all of them run it.
enum Format: String, CaseIterable, CustomTestStringConvertible {
    case html, htmlPage, json, jsonLines, csv, text, textChinese

    var testDescription: String { rawValue }

    /// The name of the golden file, which is also the output's.
    var fileName: String {
        switch self {
        case .html: "html"
        case .htmlPage: "transcript.html"
        case .json: "transcript.json"
        case .jsonLines: "transcript.jsonl"
        case .csv: "transcript.csv"
        case .text: "transcript.txt"
        case .textChinese: "transcript.zh.txt"
        }
    }

    /// Writes `sample` into `folder`; throws `CancellationError` before the entry `stopAfter`, as a failing reader would.
    @discardableResult
    func write(
        _ sample: Sample, in folder: URL, attachments: AttachmentFolder? = nil, stopAfter: Int? = nil
    ) throws -> [WrittenFile] {
        let url = folder.appendingPathComponent(fileName)
        switch self {
        case .html, .htmlPage:
            var options = HTMLWriter.Options()
            options.timeZone = Fixture.shanghai
            options.attachments = attachments
            options.entriesPerPage = 10
            options.language = self == .html ? .chinese : .english
            var writer = try HTMLWriter(to: url, options: options)
            return try sample.write(to: &writer, stopAfter: stopAfter)
        case .json:
            var writer = JSONWriter(to: try OutputFile(at: url))
            return try sample.write(to: &writer, stopAfter: stopAfter)
        case .jsonLines:
            var writer = JSONLinesWriter(to: try OutputFile(at: url))
            return try sample.write(to: &writer, stopAfter: stopAfter)
        case .csv:
            var options = CSVWriter.Options()
            options.timeZone = Fixture.shanghai
            var writer = CSVWriter(to: try OutputFile(at: url), options: options)
            return try sample.write(to: &writer, stopAfter: stopAfter)
        case .text, .textChinese:
            var options = TextWriter.Options()
            options.timeZone = Fixture.shanghai
            options.width = 80
            options.showsDetails = self == .textChinese
            options.language = self == .text ? .english : .chinese
            var writer = TextWriter(to: try OutputFile(at: url), options: options)
            return try sample.write(to: &writer, stopAfter: stopAfter)
        }
    }

    /// All text the format wrote for `sample`.
    func text(of sample: Sample) throws -> String {
        try Fixture.withFolder { folder in
            try write(sample, in: folder).map { try Fixture.text(of: $0.url) }.joined()
        }
    }
}
