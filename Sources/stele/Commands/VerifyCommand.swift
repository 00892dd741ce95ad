// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// `stele verify`: whether the log is whole.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads the whole log and names everything in it that is damaged.",
        discussion: """
            Every bit is checked against the log's sums, its sequence and its hash tree, and the log against every \
            signed checkpoint: those kept in the archive, and those kept elsewhere (--checkpoint). So is what lies \
            beside it: the lock, stele.json, the index of recorded events, and every attachment, whose name is the \
            hash of its content. A problem is named by file and record, with what still stands and what to do; exit \
            1 when there is one.

            Signatures are checked with the archive's own key unless --verifier-key names another. Whoever can \
            rewrite the archive can put a key of their own there: trust a key and a checkpoint from elsewhere.

            With --repair-from, exactly what is damaged or missing is put back from a second copy, and everything is \
            verified again. Nothing of the copy is believed: what is taken must lead from one state of the hash tree \
            that stands to another. What was there before is kept in the folder damaged.

            Examples:
              stele verify --json
              stele verify --checkpoint kept-elsewhere/2026-11-23.txt --verifier-key NAME+KEYID+BASE64
              stele verify --repair-from /mnt/copy/archive
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions

    @Flag(
        help: ArgumentHelp(
            "Also read every line as the record that it is meant to be, look for attachments that records name, and compare the views, row by row, with the log folded again: takes as long as 'stele rebuild', and as much room."
        ))
    var full = false

    @Option(
        help: ArgumentHelp(
            "Repair from this second copy: the folder of an archive, or its log folder. Refused while a writer lives.",
            valueName: "dir"))
    var repairFrom: String?

    func run() throws {
        let archive = try checkable()
        // Before the log is read: what is given and cannot be used is told at once.
        let (keys, given) = (try trust.keys(), try trust.files())
        var repair: RepairReport?
        if let repairFrom {
            let missing = full ? try verify(archive, keys, given).missingAttachments : []
            repair = try Self.repair(archive, from: repairFrom, missingAttachments: missing)
        }
        // Opened anew: its description may have been put back.
        let verification = try verify(try checkable(), keys, given)
        let report = VerificationReport(verification, repair: repair)
        try print(report)
        if report.verdict != nil { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
    }

    private func verify(
        _ archive: Archive, _ keys: [VerifyingKey]?, _ given: [(file: String, bytes: [UInt8])]
    )
        throws -> Verification
    {
        try Verification(archive, trusting: keys, given: given, isFull: full)
    }

    /// The archive, also where its description is damaged or missing and its log is there.
    private func checkable() throws -> Archive {
        let url = try archive.url
        let isThere = FileManager.default.fileExists(atPath: url.appendingPathComponent("log").path)
        do {
            return try archive.existing()
        } catch let error as LogError where error.code == .notAnArchive && isThere {
            return Archive.withoutDescription(url)
        } catch is CommandError where isThere {
            return Archive.withoutDescription(url)
        }
    }

    private func print(_ report: VerificationReport) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            try output.print(report.line)
        } else {
            for line in report.text(style: Style()) { try output.print(line) }
        }
        try output.flush()
        guard let verdict = report.verdict else { return }
        StandardError.print("error: \(verdict.error)")
        StandardError.print("hint: \(verdict.hint)")
    }
}
