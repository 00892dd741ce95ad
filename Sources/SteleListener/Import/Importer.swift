// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleEvents
package import SteleLog

/// Records what lies in files: callbacks kept by a gateway, hourly history files, lines of an SDK tap, attachments.
///
/// Idempotent: whatever is in the archive already counts as a duplicate. While one commit goes to the disk, the
/// next one is read and checked; memory is bounded by the size of a commit and of the longest payload.
///
/// Of an hourly history file the archive also keeps that it was taken in, and whether whole: a ``HistoryHour``, once its
/// lines are durable. It is no line of the file, and no count tells of it.
package struct Importer {
    private let listener: Listener
    private let archive: Archive
    private let options: ImportOptions

    package init(listener: Listener, archive: Archive, options: ImportOptions = ImportOptions()) {
        self.listener = listener
        self.archive = archive
        self.options = options
    }

    /// Imports files and folders, in the order given.
    ///
    /// - Parameters:
    ///   - paths: Files or folders; a folder is searched for `.json`, `.jsonl` and `.gz` files and for
    ///     attachments named by their UUID.
    ///   - format: Which surface the payloads come from.
    ///   - app: The app of payloads that name none.
    ///   - hour: Which hour's file it is, where the caller knows; else a file's name tells.
    ///   - progress: Called after each commit.
    ///   - rejected: Called for each payload or file that is not recorded.
    /// - Returns: The counts. Everything counted as recorded is on stable storage.
    /// - Throws: ``ImportError`` before anything is read, when a path is not there; ``LogError`` when the log
    ///   cannot be written. What was recorded before that stays.
    package func run(
        _ paths: [String], from format: ImportFormat = .auto, app: AppKey? = nil, hour: KnownHour? = nil,
        progress: (ImportProgress) -> Void = { _ in }, rejected: (ImportRejection) -> Void = { _ in }
    ) async throws -> ImportSummary {
        let files = try ImportFileSearch.files(at: paths)
        var source = ImportSource(
            files: files, format: format, app: app, hour: hour, listener: listener, archive: archive,
            options: options)
        var report = ImportProgress(totalBytes: files.reduce(0) { $0 + $1.bytes })
        var current = try source.nextBatch(rejected)
        while let batch = current {
            async let outcomes = listener.commit(batch)
            current = try source.nextBatch(rejected)
            for outcome in try await outcomes { report.summary.count(outcome) }
            report.bytes = source.bytesRead
            progress(report)
        }
        // Only now: an hour is in the archive when its lines are on stable storage.
        report.summary.hours = source.hours
        try await note(source.hours)
        return report.summary
    }

    /// Records what became of hours; what is known already is not recorded again.
    ///
    /// - Throws: ``LogError`` when the log cannot be written.
    package func note(_ hours: [HistoryHour]) async throws {
        guard !hours.isEmpty else { return }
        _ = try await listener.receive(
            hours.map { Received(surface: .history, app: $0.app, payload: $0.payload) })
    }
}

extension ImportSummary {
    mutating func count(_ outcome: Outcome) {
        read += 1
        switch outcome {
        case .recorded: recorded += 1
        case .duplicate: duplicates += 1
        case .rejected: rejected += 1
        }
    }
}

/// The payloads of an import's files, in commits.
struct ImportSource {
    private struct Reading {
        let file: ImportFile
        let feed: ByteFeed
        let reader: PayloadReader
        var repeats = RepeatCounter()
        var hour: HourTally?
    }

    private var files: ArraySlice<ImportFile>
    private let format: ImportFormat
    private let app: AppKey?
    private let hour: KnownHour?
    private let listener: Listener
    private let archive: Archive
    private let options: ImportOptions
    private var reading: Reading?
    private var bytesOfEndedFiles: Int64 = 0
    /// The history files that were read to their end.
    private(set) var hours: [HistoryHour] = []

    init(
        files: [ImportFile], format: ImportFormat, app: AppKey?, hour: KnownHour?, listener: Listener,
        archive: Archive, options: ImportOptions
    ) {
        self.files = files[...]
        self.format = format
        self.app = app
        self.hour = hour
        self.listener = listener
        self.archive = archive
        self.options = options
    }

    /// Bytes read of all files so far, as they lie on the disk.
    var bytesRead: Int64 { bytesOfEndedFiles + (reading?.feed.bytesRead ?? 0) }

    /// Reads and checks as much as one commit takes; nil when everything was read.
    mutating func nextBatch(_ rejected: (ImportRejection) -> Void) throws -> PreparedBatch? {
        var batch = listener.begin()
        while batch.count < options.batchCount, batch.byteCount < options.batchBytes {
            guard try advance(&batch, rejected) else { break }
        }
        return batch.count > 0 ? batch : nil
    }

    /// Adds the next payload or attachment; false when there is none left.
    private mutating func advance(
        _ batch: inout PreparedBatch, _ rejected: (ImportRejection) -> Void
    ) throws -> Bool {
        // Taken out, so that the counter in it is changed in place.
        guard var current = reading.take() else { return try openNext(&batch, rejected) }
        switch current.reader.next() {
        case .payload(let bytes, let line):
            do throws(Rejection) {
                let candidate = try listener.candidate(Received(surface: .callback, payload: bytes))
                let placed = placed(candidate, current.file)
                current.hour?.add(placed)
                batch.add(placed, repeats: &current.repeats)
            } catch {
                current.hour?.addRejected()
                reject(error, current.file, line, &batch, rejected)
            }
        case .bad(let reason, let line):
            current.hour?.addRejected()
            let remedy = "Repair the file and import it again: what is recorded already is known again."
            reject(Rejection(.unreadable, reason, remedy: remedy), current.file, line, &batch, rejected)
        case nil:
            bytesOfEndedFiles += current.feed.bytesRead
            if let hour = current.hour?.hour(sha256: current.feed.sha256) { hours.append(hour) }
            return true
        }
        reading = current
        return true
    }

    private mutating func openNext(
        _ batch: inout PreparedBatch, _ rejected: (ImportRejection) -> Void
    ) throws -> Bool {
        guard let file = files.popFirst() else { return false }
        if case .attachment(let uuid) = file.content {
            try store(file, uuid, &batch, rejected)
            return true
        }
        let hour = HourTally(file, known: hour, app: app)
        let feed = ByteFeed(file, options: options, isHashed: hour != nil)
        let reader = PayloadReader(
            feed, isLines: file.content == .lines, maximumLineBytes: listener.options.maximumPayloadBytes,
            maximumDocumentBytes: options.maximumDocumentBytes)
        reading = Reading(file: file, feed: feed, reader: reader, hour: hour)
        return true
    }

    private func reject(
        _ rejection: Rejection, _ file: ImportFile, _ line: Int?, _ batch: inout PreparedBatch,
        _ rejected: (ImportRejection) -> Void
    ) {
        batch.reject(rejection)
        rejected(ImportRejection(file: file.path, line: line, reason: rejection.reason))
    }

    /// The candidate with the surface, flow, session and app its form and file give it.
    private func placed(_ candidate: Candidate, _ file: ImportFile) -> Candidate {
        let payload = candidate.document.root
        let shape = PayloadShape.detect(payload)
        var received = candidate.received
        switch format {
        case .auto: received.surface = shape.surface
        case .callback: received.surface = .callback
        case .history: received.surface = .history
        case .sdk: received.surface = .sdk
        }
        received.isPreSend = received.surface == .callback && shape.surface == .callback && shape.isPreSend
        switch received.surface {
        case .sdk, .msync:
            received.flow = shape.surface == received.surface ? shape.flow : .none
            received.session = payload["session"]?.string ?? file.stem
            received.app = app
        case .history:
            received.app = app
        case .callback, .switchboard, .attachment: break
        }
        return Candidate(received: received, document: candidate.document)
    }

    /// Stores an attachment's content and records that it is there.
    private func store(
        _ file: ImportFile, _ uuid: String, _ batch: inout PreparedBatch,
        _ rejected: (ImportRejection) -> Void
    ) throws {
        guard file.bytes <= options.maximumAttachmentBytes else {
            let reason = "the attachment is larger than \(options.maximumAttachmentBytes) bytes"
            let rejection = Rejection(.tooLarge, reason, remedy: "Raise the limit on attachments.")
            return reject(rejection, file, nil, &batch, rejected)
        }
        let stored = try archive.storeAttachment(file: URL(filePath: file.path))
        let fact =
            #"{"kind":"attachment","uuid":"\#(uuid)","outcome":"stored","sha256":"\#(stored.sha256)","#
            + #""bytes":\#(stored.byteCount),"source":"import"}"#
        let candidate = try listener.candidate(Received(surface: .attachment, payload: Array(fact.utf8)))
        var repeats = RepeatCounter()
        batch.add(candidate, repeats: &repeats)
    }
}
