// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Checks received files against their names, which are the SHA-256 of their content.
package struct AttachmentCheck: Sendable {
    private let archive: Archive

    package init(_ archive: Archive) { self.archive = archive }

    package struct Outcome: Sendable {
        package var problems: [ArchiveProblem] = []
        /// Files that are what their names say.
        package var good = 0
    }

    /// Hashes every file.
    ///
    /// - Parameter progress: Told files done and in all, now and then.
    /// - Returns: What was changed, and how many are good.
    /// - Throws: ``LogError`` when a file cannot be read.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws(LogError) -> Outcome
    {
        var outcome = Outcome()
        let names = try archive.attachmentNames()
        for (index, name) in names.enumerated() {
            progress(index, names.count)
            do throws(FileFailure) {
                if try archive.attachmentHash(of: name) == name.split(separator: "/").last.map(String.init) {
                    outcome.good += 1
                } else {
                    outcome.problems.append(Self.changed(name))
                }
            } catch {
                // Gone since the folder was listed.
                guard error.isMissing else { throw LogError(error) }
            }
        }
        return outcome
    }

    private static func changed(_ name: String) -> ArchiveProblem {
        ArchiveProblem(
            file: "attachments/sha256/" + name,
            what: "the file was changed: it is named by the SHA-256 of its content, which is another one now",
            stands: "The records that name it stand.",
            remedy: "Run 'stele verify --repair-from COPY', or restore the file from a copy.")
    }
}

extension Archive {
    /// Every stored attachment, as `ab/abcdef…`, in order; partly written ones are left out.
    func attachmentNames() throws(LogError) -> [String] {
        let root = attachmentsPath + "/sha256"
        guard files.exists(root) else { return [] }
        do throws(FileFailure) {
            var names: [String] = []
            for folder in try files.names(in: root).sorted() where !folder.contains(".") {
                for name in try files.names(in: root + "/" + folder).sorted() where !name.contains(".") {
                    names.append(folder + "/" + name)
                }
            }
            return names
        } catch {
            throw LogError(error)
        }
    }

    /// The SHA-256 of a stored attachment's content, in hexadecimal, read in pieces.
    func attachmentHash(of name: String) throws(FileFailure) -> String {
        try Self.sha256(of: files.open(attachmentsPath + "/sha256/" + name, .read))
    }

    /// The SHA-256 of a file's content, in hexadecimal, read in pieces.
    static func sha256(of file: any OpenFile) throws(FileFailure) -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try file.bytes(at: offset, count: 1 << 20)
            guard !piece.isEmpty else { return hexadecimal(hash.finalize()) }
            hash.update(data: piece)
            offset += Int64(piece.count)
        }
    }
}
