// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB
package import SteleLog

/// Folds the log into the views: once, or for as long as the log is written.
///
/// The rows of a batch and the sequence reached commit in one transaction, so a crash leaves the views as they were between
/// two batches, and the next fold goes on from there.
package struct Projector {
    private let views: Views
    private let reader: LogReader
    private let archive: Archive

    package init(views: Views, archive: Archive) throws {
        self.views = views
        self.archive = archive
        reader = try LogReader(archive)
    }

    /// Opens an archive's views and folds what is missing.
    ///
    /// While another process folds them (`stele serve` does, within a second of the log), they are opened as they stand.
    package static func upToDate(
        _ archive: Archive, progress: (SequenceNumber) -> Void = { _ in }
    ) throws -> Views {
        let views = try Views.open(archive)
        do {
            try Projector(views: views, archive: archive).catchUp(progress: progress)
        } catch let error as ViewsError where error.code == .lockedByAnotherProcess {
            return views
        }
        return views
    }

    /// Folds every record there is.
    ///
    /// Views of another version, and views with nothing in them yet, are built in a new file.
    ///
    /// - Parameter progress: Told the sequence reached, after every batch.
    /// - Returns: The last record folded; nil for an empty log.
    /// - Throws: ``ViewsError`` with `.lockedByAnotherProcess` while another process folds.
    @discardableResult
    package func catchUp(progress: (SequenceNumber) -> Void = { _ in }) throws -> SequenceNumber? {
        let lock = try ViewsLock(beside: views.file.link)
        return try withExtendedLifetime(lock) {
            try prepare(progress)
            var fold = LiveFold(try views.pool())
            let batches = ReadAhead(reader, from: try fold.appliedEnd(), before: nil)
            defer { batches.abandon() }
            while let batch = try batches.nextBatch() {
                try fold.apply(batch)
                progress(batch.end)
            }
            let end = try fold.appliedEnd().rawValue
            return end == 0 ? nil : SequenceNumber(end - 1)
        }
    }

    /// Makes the views ready for a fold record by record.
    private func prepare(_ progress: (SequenceNumber) -> Void) throws {
        let isCurrent = try views.isCurrentVersion()
        if isCurrent, try views.appliedEnd() > .zero { return }
        if isCurrent, try reader.end() == .zero { return }
        try Rebuild(archive: archive, file: views.file, through: nil).run(progress)
    }

    /// Folds records as they become durable, until the writer closes or the task is cancelled.
    ///
    /// Holds the views for this process meanwhile. Records that were durable when the writer closed are folded first.
    /// `progress` is told the sequence reached, after every batch.
    package func follow(
        _ writer: LogWriter, progress: @escaping @Sendable (SequenceNumber) -> Void = { _ in }
    ) async throws {
        let lock = try ViewsLock(beside: views.file.link)
        defer { withExtendedLifetime(lock) {} }
        let follower = Follower(self, progress)
        while !Task.isCancelled {
            let end = try await follower.catchUp()
            if await writer.waitForRecords(past: end) <= end { return }
        }
    }

    /// Builds an archive's views anew and swaps them in; readers keep the old ones until they read again.
    ///
    /// - Parameters:
    ///   - archive: Whose log is folded.
    ///   - last: The last record to fold, for the views as they were then; nil for all.
    ///   - place: Where to build them, for views of their own; nil for the archive's.
    ///   - progress: Told the sequence reached, after every batch.
    /// - Throws: ``ViewsError``; the views there were stay as they are then.
    package static func rebuild(
        _ archive: Archive, through last: SequenceNumber? = nil, into place: URL? = nil,
        progress: (SequenceNumber) -> Void = { _ in }
    ) throws {
        let file = ViewsFile(link: place ?? archive.viewsURL)
        let lock = try ViewsLock(beside: file.link)
        try withExtendedLifetime(lock) {
            try Rebuild(archive: archive, file: file, through: last).run(progress)
        }
    }

    /// The synchronous side of ``follow(_:progress:)``, on a queue of its own: folding blocks, and the tasks' threads are few.
    private final class Follower: @unchecked Sendable {
        // Unchecked: what is mutable is touched on `queue` only.
        private let queue = DispatchQueue(label: "stele.projector")
        private let projector: Projector
        private let progress: @Sendable (SequenceNumber) -> Void
        private var fold: LiveFold?
        private var batches: BatchReader?

        init(_ projector: Projector, _ progress: @escaping @Sendable (SequenceNumber) -> Void) {
            self.projector = projector
            self.progress = progress
        }

        func catchUp() async throws -> SequenceNumber {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try self.run() }) }
            }
        }

        private func run() throws -> SequenceNumber {
            if fold == nil {
                try projector.prepare(progress)
                let fold = LiveFold(try projector.views.pool())
                batches = try BatchReader(projector.reader, from: fold.appliedEnd(), before: nil)
                self.fold = fold
            }
            while let batch = try batches?.nextBatch() {
                try fold?.apply(batch)
                progress(batch.end)
            }
            return try fold?.appliedEnd() ?? .zero
        }
    }
}
