// SPDX-License-Identifier: Apache-2.0

import SteleLog
import SteleTranscript

/// What `stele verify` says.
struct VerificationReport {
    private let verification: Verification
    /// What was put back before; nil where nobody asked for it.
    private let repair: RepairReport?

    init(_ verification: Verification, repair: RepairReport?) {
        self.verification = verification
        self.repair = repair
    }

    private var problems: [ArchiveProblem] { verification.problems }

    // MARK: - For people

    /// Grouped by file, in the order in which they were found.
    func text(style: Style) -> [String] {
        let repairs = repairLines(style)
        guard !problems.isEmpty else {
            let attachments =
                verification.attachments == 0
                ? "" : " \(Self.count(verification.attachments, "attachment")) as named."
            return repairs + [
                "\(Self.count(verification.records, "record")), all whole and in their places.\(attachments)"
            ] + (verification.signed.map { [$0.text] } ?? [])
        }
        var files: [String] = []
        for problem in problems where !files.contains(problem.file) { files.append(problem.file) }
        var lines = repairs
        for file in files {
            lines.append(style.bold(TerminalText.visible(file)))
            for problem in problems where problem.file == file { lines += text(of: problem, style) }
            lines.append("")
        }
        lines.append("\(Self.count(verification.records, "record")) stand and prove themselves.")
        return lines
    }

    private func text(of problem: ArchiveProblem, _ style: Style) -> [String] {
        let place = problem.sequence.map { "record \($0): " } ?? ""
        let shownBy = problem.checkpoint.map { " (\(TerminalText.visible($0)))" } ?? ""
        var lines = ["  " + style.red(place + TerminalText.visible(problem.what) + shownBy)]
        if let stands = problem.stands { lines.append("  " + stands) }
        // The commonest is said once, at the end.
        if problem.remedy != ArchiveProblem.logRemedy { lines.append("  " + problem.remedy) }
        return lines
    }

    private func repairLines(_ style: Style) -> [String] {
        guard let repair else { return [] }
        var lines: [String] = []
        for done in repair.repaired {
            let records = done.records > 0 ? " (\(Self.count(done.records, "record")))" : ""
            let kept = done.keptCopy.map { "; what was there is kept in \(TerminalText.visible($0))" } ?? ""
            lines.append(
                style.green("repaired") + "  " + Self.place(done.file, done.sequence)
                    + ": \(done.what)\(records)\(kept)")
        }
        for refusal in repair.refused {
            lines.append(
                style.yellow("left") + "      " + Self.place(refusal.file, refusal.sequence)
                    + ": \(refusal.what)")
        }
        if repair.repaired.isEmpty, repair.refused.isEmpty { lines.append("There was nothing to repair.") }
        if repair.repaired.contains(where: { $0.records > 0 }) {
            lines.append(
                "Views made while those records were missing do not show them: 'stele rebuild' makes them anew."
            )
        }
        return lines + [""]
    }

    private static func place(_ file: String, _ sequence: UInt64?) -> String {
        TerminalText.visible(file) + (sequence.map { ", record \($0)" } ?? "")
    }

    private static func count(_ number: Int, _ thing: String) -> String {
        number == 1 ? "1 \(thing)" : "\(number) \(thing)s"
    }

    /// One line on what is wrong, and one on what to do; nil when nothing is.
    var verdict: (error: String, hint: String)? {
        guard let first = problems.first else { return nil }
        let files = Set(problems.map(\.file)).count
        let error =
            "\(Self.count(problems.count, "problem")) in \(Self.count(files, "file")), beside \(Self.count(verification.records, "good record"))."
        let hint =
            problems.contains { $0.remedy == ArchiveProblem.logRemedy }
            ? ArchiveProblem.logRemedy + " Do so before anything is written to the archive." : first.remedy
        return (error, hint)
    }

    // MARK: - For programs

    var line: JSONLine {
        var line = JSONLine()
        line.add("ok", problems.isEmpty)
        line.add("records", verification.records)
        line.add("problems", problems.map(Self.line))
        line.add("checkpoints", verification.signed?.line)
        line.add("attachments", verification.attachments)
        if let repair {
            line.add("repaired", repair.repaired.map(Self.line))
            line.add("refused", repair.refused.map(Self.line))
        }
        return line
    }

    private static func line(_ problem: ArchiveProblem) -> JSONLine {
        var line = JSONLine()
        line.add("segment", problem.file)
        line.add("sequence", problem.sequence)
        line.add("what", problem.what)
        line.add("stands", problem.stands)
        line.add("remedy", problem.remedy)
        if let checkpoint = problem.checkpoint { line.add("checkpoint", checkpoint) }
        return line
    }

    private static func line(_ repair: RepairReport.Repair) -> JSONLine {
        var line = JSONLine()
        line.add("segment", repair.file)
        line.add("sequence", repair.sequence)
        line.add("records", repair.records)
        line.add("what", repair.what)
        line.add("from", repair.source)
        line.add("kept", repair.keptCopy)
        return line
    }

    private static func line(_ refusal: RepairReport.Refusal) -> JSONLine {
        var line = JSONLine()
        line.add("segment", refusal.file)
        line.add("sequence", refusal.sequence)
        line.add("what", refusal.what)
        return line
    }
}
