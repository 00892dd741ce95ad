// SPDX-License-Identifier: Apache-2.0

/// One thing wrong in an archive, told so that an operator who has never seen the format can act on it.
package struct ArchiveProblem: Hashable, Sendable, CustomStringConvertible {
    /// Path within the archive: `log/000000421184.jsonl.gz`, `lock`, `index/keys/…`, `attachments/sha256/…`.
    package let file: String
    /// The first record concerned, where it can be told.
    package let sequence: UInt64?
    /// What is wrong, as a fact without a full stop.
    package let what: String
    /// What is good in spite of it, as a sentence; nil where nothing but the file is concerned.
    package var stands: String?
    /// What to do, as one sentence or two.
    package let remedy: String
    /// The checkpoint that shows it, if one does.
    package var checkpoint: String?

    package init(file: String, sequence: UInt64? = nil, what: String, stands: String? = nil, remedy: String) {
        self.file = file
        self.sequence = sequence
        self.what = what
        self.stands = stands
        self.remedy = remedy
    }

    /// All of it in one line.
    ///
    /// `log/000000421184.jsonl.gz, record 421307: …. Records before 421307 … are not touched by it. Run …`
    package var description: String {
        let place = sequence.map { "\(file), record \($0)" } ?? file
        return "\(place): \(what). " + [stands, remedy].compactMap { $0 }.joined(separator: " ")
    }
}

extension ArchiveProblem {
    /// What to do about damage to the log.
    package static let logRemedy = "Run 'stele verify --repair-from COPY', or restore the file from a copy."

    /// What verifying found wrong in the log.
    package init(_ problem: LogProblem) {
        self.init(
            file: problem.segment, sequence: problem.sequence?.rawValue, what: problem.what,
            stands: problem.stands, remedy: Self.logRemedy)
    }

    /// What a signed checkpoint shows to be wrong.
    package init(_ problem: CheckpointCheck.Problem) {
        self.init(
            file: problem.segment, sequence: problem.sequence?.rawValue, what: problem.what,
            remedy: "The log agrees with itself, and not with what was signed: compare it with a second copy."
        )
        checkpoint = problem.checkpoint
    }
}
