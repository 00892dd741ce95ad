// SPDX-License-Identifier: Apache-2.0

/// Why a mirror does not have what it should.
package struct MirrorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of obstacle: match on this, never on the text.
    package enum Code: String, Hashable, Sendable {
        /// One of the two folders lies within the other.
        case overlaps
        /// The folder holds something else, or another archive.
        case foreign
        /// The mirror was there, and is not any more.
        case gone
        /// The mirror holds records that the archive does not have.
        case ahead
        /// The mirror holds other records than the archive under the same numbers.
        case diverged
        /// What is to be shipped does not hold together in the archive itself.
        case damagedArchive
        /// What lies on the mirror is not what was written there.
        case damagedOnArrival
        /// Another process writes to the mirror.
        case locked
        /// The mirror's disk is full; shipping goes on by itself when there is room.
        case outOfSpace
        /// The operating system refused to read or write.
        case inputOutput
        /// It was asked to stop in the middle of a file.
        case stopped
    }

    package let code: Code
    /// The file or folder it is about, as a full path.
    package let file: String
    /// What is wrong, as a fact.
    package let what: String
    /// The next thing for an operator to do: one imperative sentence.
    package let remedy: String

    init(_ code: Code, _ file: String, _ what: String, remedy: String) {
        self.code = code
        self.file = file
        self.what = what
        self.remedy = remedy
    }

    package var description: String { "\(file): \(what)" }

    /// Whether it passes by itself, so that trying again is all there is to do.
    package var mayPass: Bool {
        switch code {
        case .locked, .outOfSpace, .inputOutput, .gone, .damagedOnArrival, .stopped: true
        case .overlaps, .foreign, .ahead, .diverged, .damagedArchive: false
        }
    }
}

extension MirrorError {
    init(_ failure: FileFailure) {
        if failure.isOutOfSpace {
            self.init(
                .outOfSpace, failure.path, failure.description,
                remedy: "Make room on the mirror's disk; shipping goes on by itself then.")
        } else {
            self.init(
                .inputOutput, failure.path, failure.description,
                remedy: "Check the disk and the folder's permissions; shipping is tried again by itself.")
        }
    }

    init(_ error: LogError) {
        let code: Code =
            switch error.code {
            case .lockedByAnotherProcess: .locked
            case .outOfSpace: .outOfSpace
            case .damaged: .damagedArchive
            default: .inputOutput
            }
        self.init(code, error.file, error.what, remedy: error.remedy)
    }

    static func ahead(_ mirror: Archive, mirrorEnd: SequenceNumber, archiveEnd: SequenceNumber)
        -> MirrorError
    {
        MirrorError(
            .ahead, mirror.path,
            "the mirror holds records up to \(mirrorEnd), and the archive ends at \(archiveEnd): the archive lost records that were safe",
            remedy:
                "Keep the mirror as it is: it has what the archive lost. Copy it over the archive, or serve from it with --archive, and name another folder with --mirror."
        )
    }

    static func diverged(_ mirror: Archive, at sequence: SequenceNumber) -> MirrorError {
        MirrorError(
            .diverged, mirror.path,
            "the mirror holds other records than the archive from record \(sequence) on, or before",
            remedy:
                "Keep both and compare them with 'stele verify': one was restored or written to by itself. Name another folder with --mirror."
        )
    }
}

/// Runs `body` with its failures in the mirror's words.
func mirroring<Result>(_ body: () throws(FileFailure) -> Result) throws(MirrorError) -> Result {
    do throws(FileFailure) { return try body() } catch { throw MirrorError(error) }
}

/// Runs `body` with its failures in the mirror's words.
func mirroringLog<Result>(_ body: () throws(LogError) -> Result) throws(MirrorError) -> Result {
    do throws(LogError) { return try body() } catch { throw MirrorError(error) }
}
