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
            Every commit is read and checked against its checksum, and every record against its place: sequences \
            are 0, 1, 2 … without a hole. A problem is named by segment and record; exit 1 when there is one.

            Example:
              stele verify --json
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Read every line as JSON and as a record too.")
    var full = false

    func run() throws {
        let archive = try archive.existing()
        let reader = try LogReader(archive)
        let end = try reader.end().rawValue
        var check = LogCheck(readsRecords: full)
        var cursor = try reader.cursor(from: .zero)
        var bar = ProgressBar("Verifying")
        while let chunk = try cursor.next() {
            check.add(chunk)
            bar.update(check.next, of: end)
        }
        bar.clear()
        try report(check)
        if !check.problems.isEmpty { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
    }

    private func report(_ check: LogCheck) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("ok", check.problems.isEmpty)
            line.add("records", check.records)
            line.add(
                "problems",
                check.problems.map { problem in
                    var line = JSONLine()
                    line.add("segment", problem.segment)
                    line.add("sequence", problem.sequence)
                    line.add("what", problem.what)
                    return line
                })
            try output.print(line)
        } else if check.problems.isEmpty {
            try output.print("\(check.records) records, all whole and in their places.")
        } else {
            for problem in check.problems {
                try output.print("\(problem.segment), record \(problem.sequence): \(problem.what)")
            }
        }
        try output.flush()
        if !check.problems.isEmpty {
            StandardError.print("error: \(check.problems.count) problems in \(check.records) records.")
            StandardError.print(
                "hint: Restore the segments named from a second copy; what is around them still reads.")
        }
    }
}

/// What reading the log from its first record to its last came upon.
struct LogCheck {
    struct Problem {
        let segment: String
        let sequence: UInt64
        let what: String
    }

    let readsRecords: Bool
    private(set) var records: UInt64 = 0
    /// The sequence expected next.
    private(set) var next: UInt64 = 0
    private(set) var problems: [Problem] = []

    init(readsRecords: Bool) { self.readsRecords = readsRecords }

    mutating func add(_ chunk: LogChunk) {
        switch chunk {
        case .hole(let hole):
            problems.append(Problem(segment: hole.segment, sequence: hole.first.rawValue, what: hole.what))
            next = hole.end?.rawValue ?? next
        case .lines(let lines):
            for index in 0..<lines.count {
                let expected = lines.first.rawValue + UInt64(index)
                if readsRecords, let what = Self.problem(of: Array(lines[index]), at: expected) {
                    problems.append(Problem(segment: "log", sequence: expected, what: what))
                }
            }
            records += UInt64(lines.count)
            next = lines.first.rawValue + UInt64(lines.count)
        }
    }

    private static func problem(of line: [UInt8], at sequence: UInt64) -> String? {
        do throws(RecordError) {
            let record = try RecordedEvent(line: line)
            return record.sequence == sequence ? nil : "the line says it is record \(record.sequence)"
        } catch {
            return "\(error)"
        }
    }
}
