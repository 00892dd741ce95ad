// SPDX-License-Identifier: Apache-2.0

/// Puts back received files that were changed or are missing, from a second copy.
///
/// A file's name is the SHA-256 of its content, so a file of the copy proves itself.
package struct AttachmentRepair {
    private let archive: Archive
    private let copy: SecondCopy
    private let folder: RepairFolder

    package init(_ archive: Archive, from copy: SecondCopy) {
        self.archive = archive
        self.copy = copy
        folder = RepairFolder(archive)
    }

    /// - Parameters:
    ///   - changed: Paths within the archive of files that are not what their names say.
    ///   - missing: SHA-256 of files that records name and that are not there, in hexadecimal.
    /// - Returns: What was put back, and what not.
    /// - Throws: ``LogError`` when a file cannot be read or written.
    package func run(changed: [String], missing: [String]) throws(LogError) -> RepairReport {
        var report = RepairReport()
        let paths = changed + missing.map { "attachments/sha256/\($0.prefix(2))/\($0)" }
        for path in paths {
            guard let file = try opened(path) else {
                report.refused.append(RepairReport.Refusal(file: path, what: "the copy has no such file"))
                continue
            }
            guard try isNamed(path, file) else {
                report.refused.append(
                    RepairReport.Refusal(file: path, what: "the copy's file is not what its name says either")
                )
                continue
            }
            let (isDone, kept) = try folder.replace(
                path,
                write: { (target) throws(LogError) in
                    do throws(FileFailure) {
                        try RepairFolder.copy(file, nil, to: target, at: 0)
                    } catch {
                        throw LogError(error)
                    }
                },
                isAsWanted: { (target) throws(LogError) in try isNamed(path, target) })
            if isDone {
                report.repaired.append(
                    RepairReport.Repair(file: path, what: "put back", source: copy.path, keptCopy: kept))
            } else {
                report.refused.append(
                    RepairReport.Refusal(
                        file: path,
                        what: "what was written did not read back the same: the disk is not to be relied on"))
            }
        }
        return report
    }

    private func opened(_ path: String) throws(LogError) -> (any OpenFile)? {
        guard let place = copy.place(of: path) else { return nil }
        do throws(FileFailure) { return try copy.files.open(place, .read) } catch { throw LogError(error) }
    }

    private func isNamed(_ path: String, _ file: any OpenFile) throws(LogError) -> Bool {
        do throws(FileFailure) {
            return try Archive.sha256(of: file) == path.split(separator: "/").last.map(String.init)
        } catch {
            throw LogError(error)
        }
    }
}
