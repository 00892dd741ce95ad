// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleLog

/// `stele verify`: whether the log is whole.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads the whole log and names everything in it that is damaged.",
        discussion: """
            Every bit is checked against the log's sums, its sequence and its hash tree, and the log against every \
            signed checkpoint: those kept in the archive, and those kept elsewhere (--checkpoint). A problem is named \
            by segment and record; exit 1 when there is one.

            Signatures are checked with the archive's own key unless --verifier-key names another. Whoever can \
            rewrite the archive can put a key of their own there: trust a key and a checkpoint from elsewhere.

            Examples:
              stele verify --json
              stele verify --checkpoint kept-elsewhere/2026-11-23.txt --verifier-key NAME+KEYID+BASE64
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Also read every line as the record that it is meant to be.")
    var full = false

    private struct Problem {
        let segment: String
        let sequence: UInt64?
        let what: String
        /// The checkpoint that shows it, if one does.
        var checkpoint: String?
    }

    func run() throws {
        let archive = try archive.existing()
        // Before the log is read: what is given and cannot be used is told at once.
        let (keys, given) = (try trust.keys(), try trust.files())
        var bar = ProgressBar("Verifying")
        let verification = try LogVerifier(archive).run { done, total in
            bar.update(UInt64(max(0, done)), of: UInt64(max(0, total)))
        }
        var problems = verification.problems.map {
            Problem(segment: $0.segment, sequence: $0.sequence?.rawValue, what: $0.what)
        }
        if full { problems += try Self.unreadableRecords(archive, end: verification.end.rawValue, bar: &bar) }
        bar.clear()
        let signed = CheckpointReport(
            try CheckpointCheck(archive, trusting: keys).run(given: given), trustsArchive: keys == nil)
        problems += signed.outcome.problems.map {
            Problem(
                segment: $0.segment, sequence: $0.sequence?.rawValue, what: $0.what, checkpoint: $0.checkpoint
            )
        }
        try report(problems, records: verification.records, signed)
        if !problems.isEmpty { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
    }

    /// Lines that are whole, and yet not records this program can read.
    private static func unreadableRecords(
        _ archive: Archive, end: UInt64, bar: inout ProgressBar
    ) throws -> [Problem] {
        var problems: [Problem] = []
        var cursor = try LogReader(archive).cursor(from: .zero)
        while let chunk = try cursor.next() {
            // Holes are the verifier's to name.
            guard case .lines(let lines) = chunk else { continue }
            for index in 0..<lines.count {
                let sequence = lines.first.advanced(by: index)
                guard let what = problem(of: Array(lines[index]), at: sequence.rawValue) else { continue }
                problems.append(Problem(segment: "log", sequence: sequence.rawValue, what: what))
            }
            bar.update(lines.end.rawValue, of: end)
        }
        return problems
    }

    private static func problem(of line: [UInt8], at sequence: UInt64) -> String? {
        do throws(RecordError) {
            let record = try RecordedEvent(line: line)
            return record.sequence == sequence ? nil : "the line says it is record \(record.sequence)"
        } catch {
            return "\(error)"
        }
    }

    private func report(_ problems: [Problem], records: Int, _ signed: CheckpointReport) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("ok", problems.isEmpty)
            line.add("records", records)
            line.add("problems", problems.map(Self.line))
            line.add("checkpoints", signed.line)
            try output.print(line)
        } else if problems.isEmpty {
            try output.print("\(records) records, all whole and in their places.")
            try output.print(signed.text)
        } else {
            for problem in problems {
                let place = problem.sequence.map { "\(problem.segment), record \($0)" } ?? problem.segment
                try output.print("\(place): \(problem.what)")
            }
        }
        try output.flush()
        if !problems.isEmpty {
            let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
            StandardError.print("error: \(count) beside \(records) good records.")
            StandardError.print(
                problems.contains { $0.checkpoint == nil }
                    ? "hint: Restore the segments named from a second copy; what is around them still reads."
                    : "hint: The log agrees with itself, and not with what was signed: compare it with a second copy."
            )
        }
    }

    private static func line(_ problem: Problem) -> JSONLine {
        var line = JSONLine()
        line.add("segment", problem.segment)
        line.add("sequence", problem.sequence)
        line.add("what", problem.what)
        if let checkpoint = problem.checkpoint { line.add("checkpoint", checkpoint) }
        return line
    }
}
