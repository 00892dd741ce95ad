// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleListener
import SteleLog
import SteleProjection

/// All that `stele verify` checks, one after the other.
struct Verification {
    private(set) var problems: [ArchiveProblem] = []
    /// Records that can be read and stand where they belong.
    private(set) var records = 0
    /// Attachments that are what their names say.
    private(set) var attachments = 0
    /// Nil where the archive has no name that a checkpoint could be of.
    private(set) var signed: CheckpointReport?
    /// SHA-256 of attachments that records name and that are not there; only looked for with `isFull`.
    private(set) var missingAttachments: [String] = []
    /// Whether there was nothing wrong in the log itself, so that it can be folded from its beginning.
    private var isLogWhole = false

    private let archive: Archive

    /// - Parameters:
    ///   - archive: What is checked.
    ///   - keys: Whose signatures count; nil for the archive's own.
    ///   - given: Checkpoints kept elsewhere.
    ///   - isFull: Whether also everything that takes a second reading is checked.
    /// - Throws: What makes a check impossible; never what a check finds.
    init(
        _ archive: Archive, trusting keys: [VerifyingKey]?, given: [(file: String, bytes: [UInt8])],
        isFull: Bool
    ) throws {
        self.archive = archive
        var bar = ProgressBar("Verifying the log")
        try checkLog(&bar)
        if isFull { try checkRecords(&bar) }
        bar.clear()
        try checkCheckpoints(keys, given)
        problems += try KeyIndexCheck(archive).run(isLogWhole: isLogWhole)
        try checkAttachments()
        if isFull { try checkViews() }
    }

    private mutating func checkLog(_ bar: inout ProgressBar) throws {
        problems += try ArchiveCheck(archive).run()
        guard archive.files.exists(archive.logPath) else { return }
        let log = try LogVerifier(archive).run { done, total in
            bar.update(UInt64(max(0, done)), of: UInt64(max(0, total)))
        }
        isLogWhole = log.isIntact
        records = log.records
        problems += log.problems.map { ArchiveProblem($0) }
    }

    private mutating func checkCheckpoints(
        _ keys: [VerifyingKey]?, _ given: [(file: String, bytes: [UInt8])]
    ) throws {
        // Without its description the archive has no name that a checkpoint could be of.
        guard !archive.origin.isEmpty, archive.files.exists(archive.logPath) else { return }
        let outcome = try CheckpointCheck(archive, trusting: keys).run(given: given)
        signed = CheckpointReport(outcome, trustsArchive: keys == nil)
        problems += outcome.problems.map { ArchiveProblem($0) }
    }

    private mutating func checkAttachments() throws {
        var bar = ProgressBar("Hashing attachments")
        let outcome = try AttachmentCheck(archive).run { bar.update(UInt64($0), of: UInt64($1)) }
        bar.clear()
        attachments = outcome.good
        problems += outcome.problems
    }

    private mutating func checkViews() throws {
        var reading = ProgressBar("Reading the views")
        var folding = ProgressBar("Folding the log again")
        problems += try ViewsCheck(archive).run(isLogWhole: isLogWhole) { step in
            switch step {
            case .reading(let done, let total): reading.update(UInt64(done), of: UInt64(total))
            case .folding(let sequence, let end): folding.update(sequence.rawValue, of: end.rawValue)
            }
        }
        reading.clear()
    }

    // MARK: - Records

    /// Lines that are whole, and yet not records this program can read; and attachments that records name.
    private mutating func checkRecords(_ bar: inout ProgressBar) throws {
        guard archive.files.exists(archive.logPath) else { return }
        let reader = try LogReader(archive)
        let end = try reader.end().rawValue
        var cursor = try reader.cursor(from: .zero)
        while let chunk = try cursor.next() {
            // Holes are the verifier's to name.
            guard case .lines(let lines) = chunk else { continue }
            for index in 0..<lines.count {
                check(Array(lines[index]), at: lines.first.rawValue + UInt64(index), lines.first)
            }
            bar.update(lines.end.rawValue, of: end)
        }
    }

    private mutating func check(_ line: [UInt8], at sequence: UInt64, _ first: SequenceNumber) {
        do throws(RecordError) {
            let record = try RecordedEvent(line: line)
            if record.sequence != sequence {
                note(sequence, "the line says it is record \(record.sequence)")
            } else if case .attachment(let fetch) = record.event.kind, let sha256 = fetch.sha256 {
                checkAttachment(sha256, at: sequence)
            }
        } catch {
            note(sequence, "\(error)")
        }
    }

    private mutating func note(_ sequence: UInt64, _ what: String) {
        problems.append(
            ArchiveProblem(
                file: "log", sequence: sequence, what: what, stands: "Its bytes are as they were received.",
                remedy: "Use the Stele that wrote it, or a later one."))
    }

    private mutating func checkAttachment(_ sha256: String, at sequence: UInt64) {
        guard !archive.hasAttachment(sha256: sha256), !missingAttachments.contains(sha256) else { return }
        missingAttachments.append(sha256)
        problems.append(
            ArchiveProblem(
                file: "attachments/sha256/\(sha256.prefix(2))/\(sha256)", sequence: sequence,
                what: "the record says that the file was stored, and it is missing",
                stands: "The record stands.",
                remedy: "Run 'stele verify --full --repair-from COPY', or restore the file from a copy."))
    }
}
