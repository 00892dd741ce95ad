// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import SteleEvents
public import SteleTranscript

/// Writes a transcript as pages to read in a browser, from disk, with no network at all.
///
/// ```
/// OUT/                                     OUT.html: the same as one page, where it fits
///   index.html                             every conversation, with a filter
///   chats/0001-chat-alice-bob/1.html 2.html …     a bounded number of entries each
///   chats/0001-chat-alice-bob/days.html    which day is on which page, when there are several
///   attachments/SHA256.jpg                 what the archive holds of images, voices, videos and files
/// ```
///
/// Style and script stand in every page, and its Content-Security-Policy allows these two by their hashes and nothing
/// else: received text is escaped, and could not run even if it were not.
public struct HTMLWriter: TranscriptWriter {
    public struct Options: Sendable {
        /// The zone of every time.
        public var timeZone: TimeZone = .current
        /// Of headings, labels and notices; messages stay as written.
        public var language = TranscriptLanguage.english
        /// Whose messages stand on the right; nil for those of a single chat's second participant.
        public var perspective: UserID?
        /// Where stored attachments lie; nil leaves them out.
        public var attachments: AttachmentFolder?
        /// Messages and notices on one page of a folder.
        public var entriesPerPage = 1000
        /// Messages and notices that one page alone may hold.
        public var entriesPerFile = 20_000
        /// Bytes of attachments that one page alone may hold.
        public var inlineBytes: Int64 = 32_000_000
        /// Whether secrets that open attachments are shown.
        public var includesSecrets = false

        public init() {}
    }

    private let options: Options
    private let folder: OutputFolder?
    private var page: Page
    private var index: ConversationIndex

    /// Begins an export: one page when `url` ends in `.html`, else a folder.
    public init(to url: URL, options: Options = Options()) throws {
        if ["html", "htm"].contains(url.pathExtension.lowercased()) {
            self.init(to: try OutputFile(at: url), options: options)
        } else {
            let folder = try OutputFolder(at: url)
            self.init(options, folder: folder, place: .folder(folder))
        }
    }

    /// Begins an export of one page.
    public init(to file: OutputFile, options: Options = Options()) {
        self.init(options, folder: nil, place: .inline(limit: options.inlineBytes))
        page.file = file
    }

    private init(_ options: Options, folder: OutputFolder?, place: MediaShelf.Place) {
        self.options = options
        self.folder = folder
        index = ConversationIndex(options)
        let shelf = MediaShelf(source: options.attachments, place: place)
        page = Page(entries: EntryMarkup(options, shelf: shelf))
    }

    public mutating func begin(_ header: TranscriptHeader) throws {
        page.header = header
        guard folder == nil, let file = page.file else { return }
        try file.append { index.appendPageStart(header, to: &$0) }
    }

    public mutating func begin(_ conversation: ConversationSummary) throws {
        index.begin(conversation)
        page.begin(conversation, number: index.count, isAlone: page.header.conversations.count == 1)
        guard folder == nil else { return try openPage(conversation) }
        try page.appendSectionStart()
    }

    public mutating func write(_ entry: TranscriptEntry) throws {
        if let folder {
            if page.entryCount >= options.entriesPerPage {
                try page.closeOne(hasNext: true, in: folder)
                try openPage(page.conversation)
            }
        } else if index.entryCount >= options.entriesPerFile {
            throw OutputError(
                code: .tooLarge, subject: page.file?.url.path ?? "",
                reason: "more than \(options.entriesPerFile) entries do not fit one page",
                remedy:
                    "Name a folder with --out (no .html at its end), or choose fewer with --from and --to.")
        }
        index.countEntry()
        try page.append(entry)
    }

    public mutating func end(_ conversation: ConversationSummary) throws {
        guard let folder else { return try page.appendSectionEnd() }
        try page.closeOne(hasNext: false, in: folder)
        guard page.number > 1 else { return }
        let file = try folder.file(index.path(of: index.count) + "/days.html")
        try file.append { page.appendDaysPage(to: &$0) }
        try folder.add(file)
    }

    public mutating func finish() throws -> [WrittenFile] {
        guard let folder else {
            guard let file = page.file else { return [] }
            try file.append { output in
                index.appendPageEnd(page.header, to: &output)
                page.appendAllDays(to: &output)
                Document.appendEnd(to: &output)
            }
            return [try file.finish()]
        }
        let file = try folder.file("index.html")
        try file.append { index.appendIndex(page.header, to: &$0) }
        try folder.add(file)
        let written = try folder.finish(format: "html/1")
        return written.filter { $0.url.lastPathComponent == "index.html" }
            + written.filter { $0.url.lastPathComponent != "index.html" }
    }

    private mutating func openPage(_ conversation: ConversationSummary) throws {
        guard let folder else { return }
        page.number += 1
        page.file = try folder.file("\(index.path(of: index.count))/\(page.number).html")
        try page.appendPageStart()
    }
}
