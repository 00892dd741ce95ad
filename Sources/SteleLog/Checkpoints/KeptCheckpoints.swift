// SPDX-License-Identifier: Apache-2.0

/// The archive's `checkpoints` folder: one signed note a file, named by its size.
///
/// ```
/// checkpoints/000000421184       stele/3b0f…\n421184\nCsUYap…=\n\n— stele/3b0f… Az3grl…=\n
/// ```
///
/// A file is written once, whole and durable, and never changed.
package struct KeptCheckpoints: Sendable {
    private let archive: Archive

    package init(_ archive: Archive) { self.archive = archive }

    /// The sizes that checkpoints are kept of, in order.
    package func sizes() throws(LogError) -> [UInt64] {
        do throws(FileFailure) {
            return try archive.files.names(in: archive.checkpointsPath).compactMap { name in
                guard let size = UInt64(name), Self.name(size) == name else { return nil }
                return size
            }.sorted()
        } catch {
            guard error.isMissing else { throw LogError(error) }
            return []
        }
    }

    /// The file of a size, relative to the archive, as people are told of it.
    package static func file(_ size: UInt64) -> String { "checkpoints/" + name(size) }

    /// The bytes of the checkpoint of a size; nil when none is kept.
    package func bytes(_ size: UInt64) throws(LogError) -> [UInt8]? {
        do throws(FileFailure) {
            return try archive.files.contents(of: path(size), limit: SignedNote.maximumByteCount)
        } catch {
            guard error.isMissing else { throw LogError(error) }
            return nil
        }
    }

    /// The checkpoint of a size; nil when none is kept.
    ///
    /// - Throws: ``LogError`` with `.contradictsCheckpoint` when the file holds no checkpoint of that size.
    package func note(_ size: UInt64) throws(LogError) -> CheckpointNote? {
        guard let bytes = try bytes(size) else { return nil }
        let note: CheckpointNote
        do throws(NoteRefusal) { note = try CheckpointNote(bytes) } catch {
            throw .unreliable(size, "\(error)")
        }
        guard note.checkpoint.size == size else {
            throw .unreliable(size, "it states \(note.checkpoint.size) records")
        }
        return note
    }

    /// Keeps a checkpoint.
    ///
    /// - Returns: False when there is one of its size, which stays as it is.
    func keep(_ note: CheckpointNote) throws(LogError) -> Bool {
        do throws(FileFailure) {
            if !archive.files.exists(archive.checkpointsPath) {
                try archive.files.makeFolder(archive.checkpointsPath)
                // Until the folder above is synced, the new one is not durable.
                try archive.files.syncFolder(archive.path)
            }
            return try archive.files.writeNew(note.encoded, to: path(note.checkpoint.size))
        } catch {
            throw LogError(error)
        }
    }

    private func path(_ size: UInt64) -> String { archive.checkpointsPath + "/" + Self.name(size) }

    /// At least 12 digits, so that names sort as sizes do.
    private static func name(_ size: UInt64) -> String {
        let digits = String(size)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

extension LogError {
    /// The error for a kept checkpoint that cannot be built upon.
    static func unreliable(_ size: UInt64, _ what: String) -> LogError {
        LogError(
            .contradictsCheckpoint, file: KeptCheckpoints.file(size), what: what,
            remedy:
                "Run 'stele verify', and restore the file or the log from a second copy: nothing new is signed before."
        )
    }
}
