// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog

/// A log by its size, or by the file of a checkpoint that states it.
enum LogSizeArgument: ExpressibleByArgument {
    case size(UInt64)
    case checkpoint(String)

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self = UInt64(argument).map { .size($0) } ?? .checkpoint(argument)
    }
}

/// The log at one size, and who signed it.
struct SignedSize {
    let size: UInt64
    /// The checkpoint that states it; nil when nobody has signed this size.
    let note: CheckpointNote?
    /// The checkpoint's file.
    let name: String?

    /// Finds the log that is asked for.
    ///
    /// - Parameters:
    ///   - wanted: Nil takes the newest checkpoint kept in the archive, if it is large enough, or the log as it is now.
    ///   - minimum: How large the log must be.
    ///   - archive: Whose log.
    /// - Throws: ``CommandError`` when the log was never so large, or the checkpoint is not one of it.
    init(_ wanted: LogSizeArgument?, reaching minimum: UInt64, in archive: Archive) throws {
        let kept = KeptCheckpoints(archive)
        let newest = try kept.sizes().last
        let end = try LogReader(archive).end().rawValue
        switch wanted {
        case .checkpoint(let path):
            let note = try Self.note(path, archive)
            (size, self.note, name) = (note.checkpoint.size, note, path)
            guard note.checkpoint.isOf(archive.origin) else {
                throw CommandError(
                    "\(path) is a checkpoint of another log, \(note.checkpoint.origin).",
                    hint: "Name the archive it is of with --archive: this one is \(archive.origin).",
                    exit: .doesNotHold)
            }
        case .size(let size):
            self.size = size
            note = try kept.note(size)
            name = note.map { _ in KeptCheckpoints.file(size) }
        case nil:
            size = newest.flatMap { $0 >= minimum ? $0 : nil } ?? end
            note = try kept.note(size)
            name = note == nil ? nil : KeptCheckpoints.file(size)
        }
        guard size <= end else {
            throw CommandError(
                "The log ends at record \(end), and \(name ?? "the log asked for") has \(size) records.",
                hint: name == nil
                    ? "Ask for at most \(end) records."
                    : "Run 'stele verify': records that were signed are missing.",
                exit: .doesNotHold)
        }
        guard size > 0 else {
            throw CommandError(
                "There is nothing to prove of a log without records.", hint: "Name a larger log.",
                exit: .doesNotHold)
        }
    }

    /// The checkpoint in a file, refused when its signature claims to be by the archive's key and is not.
    ///
    /// Who else may have signed it is not asked: that is for whoever checks the proof.
    private static func note(_ path: String, _ archive: Archive) throws -> CheckpointNote {
        let note = try CheckpointFile.note(path)
        let keys = try archive.verifyingKeys().filter { note.note.names($0) }
        guard !keys.isEmpty else { return note }
        do throws(NoteRefusal) { try note.note.verify(keys) } catch {
            throw CommandError(
                "\(path) is not to be relied on: \(error).",
                hint: "Name a file that 'stele checkpoint' printed, exactly as it was printed.",
                exit: .doesNotHold)
        }
        return note
    }

    /// Checks that the log has the root that was signed.
    func check(_ root: TreeHash) throws {
        guard let note, note.checkpoint.root != root else { return }
        throw CommandError(
            "The first \(size) records of the log are not those that \(name ?? "the checkpoint") was signed for.",
            hint: "Run 'stele verify' with the same checkpoint: it says which records may have been changed.",
            exit: .doesNotHold)
    }
}
