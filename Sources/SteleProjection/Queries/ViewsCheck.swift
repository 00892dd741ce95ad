// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
package import SteleLog

/// Checks an archive's views: SQLite's own structure, how far they claim to be, and every row against the log.
///
/// All of it is derived, so nothing is lost with it; but a changed bit in a row is shown to people as if it were the
/// record. SQLite keeps no sums of its pages: that a row is as it should be is found by folding the log again, into a
/// file of its own, and comparing.
package struct ViewsCheck {
    private let archive: Archive
    private let file: ViewsFile

    package init(_ archive: Archive) {
        self.archive = archive
        file = ViewsFile(link: archive.viewsURL)
    }

    /// What is being done, and how far it is.
    package enum Step: Sendable {
        case reading(done: Int, total: Int)
        case folding(SequenceNumber, end: SequenceNumber)
    }

    /// Everything wrong.
    ///
    /// - Parameters:
    ///   - isLogWhole: Whether the log can be folded from its beginning; only then are rows compared.
    ///   - progress: Told the step, now and then.
    /// - Returns: At most one problem for each table, and those of the file itself.
    /// - Throws: What making the other views throws; never for what is wrong with these.
    package func run(isLogWhole: Bool, progress: (Step) -> Void = { _ in }) throws -> [ArchiveProblem] {
        guard let name = file.current else { return [] }
        let found: Found?
        do {
            found = try look(at: file.url(name), progress)
        } catch let error as DatabaseError {
            return [problem("SQLite cannot read it: \(error.message ?? "\(error.resultCode)")")]
        }
        guard let found else { return [] }
        var problems = found.structure.map { problem("SQLite finds it damaged: \($0)") }
        // After the views: the log is never seen shorter than what they show.
        let end = try LogReader(archive).end()
        if found.applied > end {
            problems.append(problem("it shows records up to \(found.applied), and the log ends at \(end)"))
        } else if problems.isEmpty, isLogWhole, found.applied > .zero {
            problems += try compare(found, progress)
        }
        return problems
    }

    private struct Found {
        var applied: SequenceNumber
        /// What SQLite says of the file's structure; nothing when it is good.
        var structure: [String]
        var digest: ViewsDigest
    }

    /// Looks at a file without changing it; nil when it is of another version, which whoever opens it makes anew.
    private func look(at url: URL, _ progress: (Step) -> Void) throws -> Found? {
        var configuration = Views.configuration(isBulk: false)
        configuration.readonly = true
        let queue = try DatabaseQueue(path: url.path, configuration: configuration)
        var found: Found?
        try queue.inDatabase { database in
            // One state of the rows, whatever is folded meanwhile.
            try database.inTransaction(.deferred) {
                guard try Views.version(database) == Schema.version else { return .commit }
                let structure = try String.fetchAll(database, sql: "PRAGMA integrity_check(5)").filter {
                    $0 != "ok"
                }
                let applied = try ViewsReader(database: database).appliedEnd()
                found = Found(
                    applied: applied, structure: structure,
                    digest: try ViewsDigest(database) { progress(.reading(done: $0, total: $1)) })
                return .commit
            }
        }
        try queue.close()
        return found
    }

    private func compare(_ found: Found, _ progress: (Step) -> Void) throws -> [ArchiveProblem] {
        // Beside the archive's own: the system's temporary folder may be small.
        let folder = archive.indexURL.appending(
            path: "verify-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // In the index, which is derived: what stays behind is in nobody's way.
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = folder.appending(path: "views.sqlite")
        let last = SequenceNumber(found.applied.rawValue - 1)
        try Projector.rebuild(archive, through: last, into: place) {
            progress(.folding($0, end: found.applied))
        }
        let rebuilt = ViewsFile(link: place)
        guard let name = rebuilt.current, let expected = try look(at: rebuilt.url(name), progress) else {
            return []
        }
        return found.digest.differences(from: expected.digest).map { difference in
            let rows = difference.rows == difference.expected ? "rows" : "\(difference.rows) rows"
            let instead =
                difference.rows == difference.expected ? "other ones" : "\(difference.expected) rows"
            return problem(
                "\(rows) of the table \(difference.table) are not what the log gives: it gives \(instead)")
        }
    }

    private func problem(_ what: String) -> ArchiveProblem {
        ArchiveProblem(
            file: "views.sqlite", what: what, stands: "No record depends on it.",
            remedy: "Run 'stele rebuild': the views are derived, and are made anew from the log.")
    }
}
