// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleLog

/// Checks the index of recorded events: every byte of it, and that it is of this log.
///
/// All of it is derived, so nothing is lost with it; but a damaged index lets an event be recorded twice.
package struct KeyIndexCheck {
    private let archive: Archive
    private static let remedy =
        "Delete the folder index: it is derived, and the next start makes it anew from the log."

    package init(_ archive: Archive) { self.archive = archive }

    private var folder: URL { KeyFolder.url(of: archive) }

    /// Everything wrong, file by file.
    ///
    /// - Parameter isLogWhole: Whether every record can be read; only then is it told whether a file is of this log.
    /// - Returns: A problem for each file that is not as it was written.
    /// - Throws: ``LogError`` or a file error when something cannot be read at all.
    package func run(isLogWhole: Bool) throws -> [ArchiveProblem] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let reader = isLogWhole ? try LogReader(archive) : nil
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "keys" }.sorted { $0.path < $1.path }
            .compactMap { file in
                guard let what = try damage(of: file, reader) else { return nil }
                return ArchiveProblem(
                    file: "index/keys/" + file.lastPathComponent, what: what,
                    stands: "No record depends on it.", remedy: Self.remedy)
            }
    }

    /// Removes the index, so that the next start makes it anew.
    package func remove() throws {
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        try FileManager.default.removeItem(at: folder)
    }

    private func damage(of file: URL, _ reader: LogReader?) throws -> String? {
        let run: KeyRun
        do throws(KeyFileError) {
            run = try KeyRun(file)
        } catch {
            // A writer merges files while we look: one that is gone is not damaged.
            return FileManager.default.fileExists(atPath: file.path) ? error.reason : nil
        }
        if let damage = run.damage() { return damage }
        let records = run.coverage.records
        guard let last = records.last, let reader else { return nil }
        // Asked now: a writer may have made the file since the others were looked at.
        guard records.upperBound <= (try reader.end().rawValue) else {
            return "it speaks of records up to \(last), and the log ends before that"
        }
        let isOfThisLog = try RecordedKeys.fingerprint(of: last, in: reader) == run.coverage.fingerprint
        return isOfThisLog ? nil : "it was made when record \(last) was another one, or could be read"
    }
}
