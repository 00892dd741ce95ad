// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// `stele prove`: what others can check without the log.
struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Proves that a record is in the log, or that an old log grew into a later one.",
        discussion: """
            With a record's sequence: a proof that it is among the first records of the log, which who has the \
            record, this proof and a signed checkpoint can check without the rest of the log. With --from: a proof \
            that nothing of the log as it was then has been changed or removed since.

            A log is named by its size, or by a checkpoint's file; without either, the newest checkpoint kept in the \
            archive that reaches so far is taken, or else the log as it is now, which nobody has signed.

            Examples:
              stele prove 41 --json > proof.json
              stele prove 41 --checkpoint kept-elsewhere/2026-11-23.txt
              stele prove --from kept-elsewhere/2026-11-23.txt --json
              Samples/verify-archive --proof proof.json --key NAME+KEYID+BASE64
            """)

    @Argument(help: ArgumentHelp("The record's sequence.", valueName: "seq"))
    var sequence: UInt64?

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Among so many first records of the log.", valueName: "n"))
    var size: UInt64?

    @Option(help: ArgumentHelp("Among the records that this signed checkpoint states.", valueName: "file"))
    var checkpoint: String?

    @Option(
        help: ArgumentHelp("The log as it was then: its size, or a checkpoint's file.", valueName: "n|file"))
    var from: LogSizeArgument?

    @Option(help: ArgumentHelp("The log as it was later; only with --from.", valueName: "n|file"))
    var to: LogSizeArgument?

    @Flag(
        help:
            "Put the record itself into the JSON, with the secrets that open its attachments, if it holds any."
    )
    var line = false

    @Flag(help: "Print the proof in the form of C2SP tlog-proof, for other tools; needs a signed checkpoint.")
    var tlogProof = false

    func validate() throws {
        guard (sequence == nil) != (from == nil) else {
            throw ValidationError("Name a record's sequence, or a log with --from.")
        }
        if sequence != nil, to != nil { throw ValidationError("--to goes with --from.") }
        if from != nil, size != nil || checkpoint != nil || line || tlogProof {
            throw ValidationError(
                "--size, --checkpoint, --line and --tlog-proof go with a record's sequence.")
        }
        if size != nil, checkpoint != nil { throw ValidationError("Give --size or --checkpoint, not both.") }
        if tlogProof, output.isJSON { throw ValidationError("Give --tlog-proof or --json, not both.") }
    }

    func run() throws {
        let archive = try archive.existing()
        let output = StandardOutput()
        if let sequence {
            try printInclusion(of: sequence, archive, output)
        } else if let from {
            try printConsistency(from: from, archive, output)
        }
        try output.flush()
    }

    // MARK: - A record

    private func printInclusion(of sequence: UInt64, _ archive: Archive, _ output: StandardOutput) throws {
        let wanted = checkpoint.map { LogSizeArgument.checkpoint($0) } ?? size.map { .size($0) }
        let (minimum, isPastAll) = sequence.addingReportingOverflow(1)
        let log = try SignedSize(wanted, reaching: isPastAll ? sequence : minimum, in: archive)
        guard sequence < log.size else {
            throw CommandError(
                "Record \(sequence) is not among the first \(log.size) records of the log.",
                hint: "Name a record before that, or a larger log.", exit: .doesNotHold)
        }
        let reader = try LogReader(archive)
        let proof = try reader.proveInclusion(of: SequenceNumber(sequence), in: log.size)
        try log.check(proof.root)
        if tlogProof {
            guard let note = log.note else {
                throw CommandError(
                    "Nobody has signed the log of \(log.size) records.",
                    hint: "Run 'stele checkpoint', or name a checkpoint with --checkpoint.",
                    exit: .doesNotHold)
            }
            try output.write(proof.tlogProof(note)[...])
        } else if self.output.isJSON {
            let line = line ? String(decoding: try reader.line(SequenceNumber(sequence)), as: UTF8.self) : nil
            try output.print(ProofDocument.inclusion(proof, log, line: line, origin: archive.origin))
        } else {
            try output.print(
                "Record \(sequence) is among the first \(log.size) records of \(archive.origin).")
            try output.print("")
            try ProofText.print([("leaf", [proof.leaf]), ("root", [proof.root])], proof.hashes, to: output)
            try output.print(ProofText.row("signed", log.name ?? "by nobody"))
        }
    }

    // MARK: - A log and a later one

    private func printConsistency(
        from: LogSizeArgument, _ archive: Archive, _ output: StandardOutput
    ) throws {
        let old = try SignedSize(from, reaching: 1, in: archive)
        let new = try SignedSize(to, reaching: old.size, in: archive)
        guard old.size <= new.size else {
            throw CommandError(
                "The log of \(old.size) records is larger than that of \(new.size).",
                hint: "Name the smaller one with --from.", exit: .doesNotHold)
        }
        let proof = try LogReader(archive).proveConsistency(from: old.size, to: new.size)
        try old.check(proof.oldRoot)
        try new.check(proof.root)
        if self.output.isJSON {
            try output.print(ProofDocument.consistency(proof, old, new, origin: archive.origin))
        } else {
            try output.print(
                "The first \(old.size) records of \(archive.origin) are the beginning of its first \(new.size)."
            )
            try output.print("")
            try ProofText.print(
                [("old root", [proof.oldRoot]), ("root", [proof.root])], proof.hashes, to: output)
            try output.print(ProofText.row("old signed", old.name ?? "by nobody"))
            try output.print(ProofText.row("signed", new.name ?? "by nobody"))
        }
    }
}

/// A proof as people read it.
private enum ProofText {
    static func row(_ title: String, _ value: String) -> String {
        Style().bold(title.padding(toLength: 12, withPad: " ", startingAt: 0)) + value
    }

    static func print(
        _ roots: [(String, [TreeHash])], _ hashes: [TreeHash], to output: StandardOutput
    ) throws {
        for (title, values) in roots + [("proof", hashes)] {
            for (index, value) in values.enumerated() {
                try output.print(row(index == 0 ? title : "", value.base64))
            }
        }
    }
}
