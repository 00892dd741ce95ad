// SPDX-License-Identifier: Apache-2.0

/// Why the log could not be read or written.
package struct LogError: Error, Hashable, CustomStringConvertible {
    /// The kind of failure: match on this, never on the text.
    package enum Code: String, Hashable, Sendable {
        /// Bytes that were good once are not any more.
        case damaged
        /// Another process writes to this archive.
        case lockedByAnotherProcess
        /// The disk or the quota is full; appending works again by itself when there is room.
        case outOfSpace
        /// The operating system refused a read, a write or a sync.
        case inputOutput
        /// There is no archive at this place, or `stele.json` is not one Stele can read.
        case notAnArchive
        /// The archive was written by a later version of Stele.
        case laterVersion
        /// A signing key that is missing, is none, or is another archive's.
        case badKey
        /// A signed checkpoint says otherwise than the log, or cannot be relied on.
        case contradictsCheckpoint
        /// One batch is larger than a reader takes on.
        case tooLarge
        /// The writer was closed.
        case closed
    }

    package let code: Code
    /// File the error is about, relative to the archive (`log/000000000000.jsonl.gz`) or as a full path.
    package let file: String
    /// First record concerned, when the failure is about records.
    package let sequence: SequenceNumber?
    /// What is wrong, as a fact.
    package let what: String
    /// The next thing for an operator to do: one imperative sentence.
    package let remedy: String

    init(_ code: Code, file: String, sequence: SequenceNumber? = nil, what: String, remedy: String) {
        self.code = code
        self.file = file
        self.sequence = sequence
        self.what = what
        self.remedy = remedy
    }

    package var description: String {
        let place = sequence.map { "\(file), record \($0)" } ?? file
        return "\(place): \(what)"
    }
}

extension LogError {
    /// The error for a refused operation on `file`.
    init(_ failure: FileFailure, sequence: SequenceNumber? = nil) {
        if failure.isOutOfSpace {
            self.init(
                .outOfSpace, file: failure.path, sequence: sequence, what: failure.description,
                remedy: "Make room on the disk; writing goes on by itself then.")
        } else {
            self.init(
                .inputOutput, file: failure.path, sequence: sequence, what: failure.description,
                remedy: "Check the disk and the folder's permissions, then try again.")
        }
    }

    static func damaged(_ file: String, at sequence: SequenceNumber? = nil, _ what: String) -> LogError {
        LogError(
            .damaged, file: file, sequence: sequence, what: what,
            remedy: "Run 'stele verify --full' for the extent, then restore the file from a second copy.")
    }
}
