// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleLog

/// Does a damage to an archive, has it verified and read, and takes the damage back.
package struct DamageTrial: Sendable {
    private let archive: Archive
    private let good: ArchiveImage
    private let lines: [[UInt8]]
    /// The first record of every member, and the log's end: what "one member away" is measured by.
    private let bounds: [UInt64]

    package init(_ trial: TrialArchive) {
        archive = trial.archive
        good = trial.image
        lines = trial.lines
        let members = good.segments().flatMap(\.segment.members)
        bounds = Set(members.map(\.first)).union([good.recordCount]).sorted()
    }

    /// What came of one damage.
    package struct Outcome: Sendable {
        /// What `stele verify` names.
        package var problems: [ArchiveProblem] = []
        /// What was not as promised, each as a sentence; empty when all was.
        package var complaints: [String] = []
    }

    /// - Throws: A file error, when the damage could not be done or taken back.
    package func run(_ damage: Damage) throws -> Outcome {
        try damage.image.write(over: good, in: archive.url)
        let outcome: Result<Outcome, any Error> = Result {
            var outcome = Outcome(problems: try Self.problems(of: archive))
            outcome.complaints = found(damage, outcome.problems) + (try read(damage, from: 0))
            // From within the damage too: whoever begins there finds what stands around it.
            if let range = damage.touched.last, range.lowerBound < good.recordCount {
                outcome.complaints += try read(damage, from: (range.lowerBound + range.upperBound) / 2)
            }
            return outcome
        }
        try good.write(over: damage.image, in: archive.url)
        return try outcome.get()
    }

    /// All that verifying names, in an archive that may have nothing wrong.
    package static func problems(of archive: Archive) throws -> [ArchiveProblem] {
        try ArchiveCheck(archive).run() + LogVerifier(archive).run().problems.map { ArchiveProblem($0) }
    }

    // MARK: - Found and named

    private func found(_ damage: Damage, _ problems: [ArchiveProblem]) -> [String] {
        guard !problems.isEmpty else { return ["nothing was found"] }
        var complaints: [String] = []
        for problem in problems {
            if damage.image.files[problem.file] == nil, good.files[problem.file] == nil {
                complaints.append("no such file is or was there: \(problem)")
            }
            if problem.what.isEmpty || problem.remedy.isEmpty {
                complaints.append("nothing is said: \(problem)")
            }
            if let sequence = problem.sequence {
                if !damage.touched.contains(where: { isNear(sequence, $0) }) {
                    complaints.append("that is not where the damage is: \(problem)")
                }
            } else if problem.file.hasPrefix("log/"), !damage.touched.isEmpty {
                complaints.append("no record is named: \(problem)")
            }
        }
        return complaints
    }

    /// Whether a record lies in the range or in a member next to it.
    private func isNear(_ sequence: UInt64, _ range: Range<UInt64>) -> Bool {
        let lower = bounds.last { $0 < range.lowerBound } ?? 0
        let upper = bounds.first { $0 > range.upperBound } ?? good.recordCount
        return sequence >= lower && sequence <= max(upper, range.upperBound)
    }

    // MARK: - Read around

    private func read(_ damage: Damage, from start: UInt64) throws -> [String] {
        var complaints: [String] = []
        var missing: [Range<UInt64>] = []
        var next = start
        var cursor = try LogReader(archive).cursor(from: SequenceNumber(start))
        while let chunk = try cursor.next() {
            switch chunk {
            case .lines(let lines):
                if lines.first.rawValue != next {
                    complaints.append("from \(start): records \(lines.first) on came where \(next) belong")
                }
                complaints += compare(lines, damage)
                next = lines.end.rawValue
            case .hole(let hole):
                if hole.first.rawValue != next {
                    complaints.append("from \(start): a hole at \(hole.first) came where \(next) belongs")
                }
                let end = hole.end?.rawValue ?? good.recordCount
                if end <= hole.first.rawValue { complaints.append("a hole without records: \(hole)") }
                missing.append(hole.first.rawValue..<max(end, hole.first.rawValue))
                next = end
            }
            if complaints.count > 3 { return complaints }
        }
        if next < good.recordCount {
            // What nothing but `lock` promised ends with it.
            if !damage.files.contains("lock") {
                complaints.append("from \(start): reading ends at \(next), and says nothing of the rest")
            }
        }
        for hole in missing where !hole.isEmpty {
            let wrong = hole.filter { record in
                record < good.recordCount && !damage.lost.contains { $0.contains(record) }
            }
            if let first = wrong.first {
                complaints.append("from \(start): \(wrong.count) good records from \(first) on are not given")
            }
        }
        return complaints
    }

    private func compare(_ chunk: LogLines, _ damage: Damage) -> [String] {
        for index in 0..<chunk.count {
            let sequence = chunk.first.rawValue + UInt64(index)
            guard sequence < good.recordCount else {
                return damage.isForgery ? [] : ["record \(sequence) was never written"]
            }
            let isForgeable = damage.isForgery && damage.touched.contains { $0.contains(sequence) }
            if lines[Int(sequence)][...] != chunk[index], !isForgeable {
                return ["record \(sequence) is not the one that was written"]
            }
        }
        return []
    }
}
