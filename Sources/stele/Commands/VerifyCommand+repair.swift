// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleListener
import SteleLog

extension VerifyCommand {
    /// Puts back what is damaged in an archive, from a second copy.
    ///
    /// - Parameters:
    ///   - archive: What is repaired.
    ///   - path: The copy's folder, or its log folder.
    ///   - missingAttachments: SHA-256 of attachments that records name and that are not there.
    /// - Returns: What was put back, and what not.
    /// - Throws: ``CommandError`` when the copy is the archive itself; `LogError` when there is no copy, a writer
    ///   lives, or a file cannot be read or written.
    static func repair(_ archive: Archive, from path: String, missingAttachments: [String]) throws
        -> RepairReport
    {
        let url = URL(fileURLWithPath: path, isDirectory: true)
        guard !isSame(url, archive.url), !isSame(url, archive.logURL) else {
            throw CommandError(
                "\(path) is the archive itself.",
                hint: "Name a second copy: an archive is not repaired from itself.",
                exit: .badUsage)
        }
        let copy = try SecondCopy(url)
        var log = try LogRepair(archive, from: copy)
        // The writer's lock is held until everything is done.
        defer { withExtendedLifetime(log) {} }
        var report = try log.run()
        let changed = try AttachmentCheck(archive).run().problems.map(\.file)
        let attachments = try AttachmentRepair(archive, from: copy).run(
            changed: changed, missing: missingAttachments)
        if report.repaired.contains(where: { $0.records > 0 }) {
            // It may have been made while the records were missing, and would let them be recorded again.
            try KeyIndexCheck(archive).remove()
            report.repaired.append(
                RepairReport.Repair(
                    file: "index/keys", what: "removed: the next start makes it anew from the log"))
        }
        report.repaired += attachments.repaired
        report.refused += attachments.refused
        return report
    }

    private static func isSame(_ first: URL, _ second: URL) -> Bool {
        first.resolvingSymlinksInPath().standardizedFileURL.path
            == second.resolvingSymlinksInPath().standardizedFileURL.path
    }
}
