// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The place of the views on disk: a name that points to the newest file.
///
/// ```
/// views.sqlite ─▶ views-7.sqlite        a relative symbolic link
///                 views-7.sqlite-wal    SQLite's, beside the file itself
///                 views-8.sqlite        while a rebuild writes it
/// views.lock                            held by the one process that folds
/// ```
///
/// A write-ahead log belongs to one file by name. Were a new file renamed over the old one, SQLite would replay the old
/// file's log into it, or readers of the old file would follow the new one's. So each rebuild has a name of its own, and what
/// is renamed is the link. Readers that hold the old file keep it until they close it, though it has no name any more.
struct ViewsFile: Hashable, Sendable {
    /// The link.
    let link: URL

    private var folder: URL { link.deletingLastPathComponent() }
    private var stem: String { link.deletingPathExtension().lastPathComponent }

    /// The name of the file the link points to; nil when there are no views.
    var current: String? {
        // No link, or a link to nothing, is the answer "no views", whatever the reason.
        guard let name = try? FileManager.default.destinationOfSymbolicLink(atPath: link.path),
            FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
        else { return nil }
        return name
    }

    func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// The name for the next rebuild: one more than any there is.
    func next() throws -> String {
        let numbers = try names().compactMap { name in
            Int(name.dropFirst(stem.count + 1).prefix { $0.isASCII && $0.isNumber })
        }
        return "\(stem)-\((numbers.max() ?? 0) + 1).sqlite"
    }

    /// Points the link to `name`, in one step, and takes the other files' names away.
    func point(to name: String) throws {
        let fresh = url("\(stem).link")
        try? FileManager.default.removeItem(at: fresh)  // Left by a crash, or not there.
        try FileManager.default.createSymbolicLink(atPath: fresh.path, withDestinationPath: name)
        guard rename(fresh.path, link.path) == 0 else {
            throw ViewsError(
                .inputOutput, subject: link.path,
                what: "cannot be replaced: \(String(cString: strerror(errno)))",
                remedy: "Check the folder's permissions, then try again.")
        }
        try removeAll(but: name)
    }

    /// Removes what crashed or replaced rebuilds left.
    func removeAll(but kept: String?) throws {
        for name in try names() where kept == nil || !name.hasPrefix(kept ?? "") {
            // Only derived data, and the next rebuild tries again.
            try? FileManager.default.removeItem(at: url(name))
        }
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasPrefix("\(stem)-") && $0.contains(".sqlite")
        }
    }
}

/// The right to fold into an archive's views, held by one process at a time.
final class ViewsLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``ViewsError`` with `.lockedByAnotherProcess` when somebody else holds it.
    init(beside link: URL) throws {
        let path = link.deletingPathExtension().path + ".lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ViewsError(
                .inputOutput, subject: path, what: "cannot be opened: \(String(cString: strerror(errno)))",
                remedy: "Check the folder's permissions, then try again.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ViewsError(
                .lockedByAnotherProcess, subject: link.path,
                what: "another process is bringing the views up to date",
                remedy: "Wait for it, or stop the running 'stele serve', then try again.")
        }
    }

    deinit {
        // Given up by name: a child process that was just begun may have the file open a moment longer.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
