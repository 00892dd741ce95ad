// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript

/// From where a command looks at the archive.
struct Standpoint {
    /// Nil for the present.
    var asOf: AsOf?
    /// Nil for all that is archived.
    var viewer: UserID?

    static let archive = Standpoint()
}

/// The views that a command reads: brought up to date first, unless a server is doing so.
struct ViewAccess {
    let archive: Archive
    let views: Views
    /// As the transcripts read from here tell of it.
    private var asOf: AsOf?
    private var viewpoint = Viewpoint.archive
    /// The folder of views made for this command alone; removed with ``close()``.
    private let temporaryFolder: URL?

    /// The archive's own views as they are, which this process is folding.
    init(_ archive: Archive, served views: Views) {
        self.archive = archive
        self.views = views
        temporaryFolder = nil
    }

    /// The archive's own views, with every record folded in.
    ///
    /// - Throws: `ViewsError` or `LogError` when they cannot be opened or brought up to date.
    init(upToDate archive: Archive) throws {
        self.archive = archive
        temporaryFolder = nil
        views = try Views.open(archive)
        let end = try LogReader(archive).end().rawValue
        let applied = try Self.appliedEnd(views)
        guard applied < end else { return }
        var bar = ProgressBar("Folding the log into the views")
        do {
            try Projector(views: views, archive: archive).catchUp { bar.update($0.rawValue, of: end) }
            bar.clear()
            if Terminal.isError { StandardError.print("Folded \(end - applied) new records into the views.") }
        } catch let error as ViewsError where error.code == .lockedByAnotherProcess {
            bar.clear()
            StandardError.warn(
                "the views are \(end - applied) records behind the log; another process is bringing them up to date."
            )
        }
    }

    /// Views as they were at a point of the log, made for this command.
    ///
    /// - Throws: ``CommandError`` when the log holds no record at or before that point.
    private init(_ archive: Archive, knownAt point: AsOf.Point) throws {
        self.archive = archive
        let last = try Self.last(of: archive, at: point)
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("stele-as-of-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        do {
            let place = folder.appendingPathComponent("views.sqlite")
            var bar = ProgressBar("Folding the log up to record \(last)")
            try Projector.rebuild(archive, through: last, into: place) {
                bar.update($0.rawValue, of: last.rawValue)
            }
            bar.clear()
            views = try Views(at: place)
        } catch {
            try? FileManager.default.removeItem(at: folder)  // The error is what there is to say.
            throw error
        }
        temporaryFolder = folder
    }

    /// The archive's views from where `standpoint` says; `served` are those that this process is folding, if it is.
    ///
    /// - Throws: ``CommandError`` when there is no such standpoint: no record yet, or no such user.
    static func open(
        _ archive: Archive, at standpoint: Standpoint = .archive, served views: Views? = nil
    ) throws -> ViewAccess {
        var access: ViewAccess
        switch (standpoint.asOf?.clock, views) {
        case (.known, _): access = try ViewAccess(archive, knownAt: standpoint.asOf?.point ?? .sequence(.max))
        case (_, let views?): access = ViewAccess(archive, served: views)
        case (_, nil): access = try ViewAccess(upToDate: archive)
        }
        do {
            try access.stand(at: standpoint)
        } catch {
            access.close()
            throw error
        }
        return access
    }

    private mutating func stand(at standpoint: Standpoint) throws {
        asOf = standpoint.asOf
        viewpoint.viewer = standpoint.viewer
        if let asOf, asOf.clock == .happened, case .time(let instant) = asOf.point {
            let captured = try LogReader(archive).sequence(
                atOrAfter: min(instant.microseconds, .max - 1) + 1)
            viewpoint.moment = Viewpoint.Moment(instant, recordsEnd: captured.rawValue)
        }
        guard let viewer = standpoint.viewer, try !reader().knows(viewer) else { return }
        throw CommandError(
            "There is no user '\(viewer)' in this archive.",
            hint: "'stele conversations' shows who wrote and who is a member.", exit: .doesNotHold)
    }

    /// Reads transcripts out of the views' present state, from where the access stands.
    func reader() throws -> TranscriptReader {
        var reader = try TranscriptReader(views, archive: archive)
        reader.viewpoint = viewpoint
        reader.asOf = asOf
        return reader
    }

    /// Removes what was made for this command.
    func close() {
        // In the system's temporary folder, which is cleaned without us.
        if let temporaryFolder { try? FileManager.default.removeItem(at: temporaryFolder) }
    }

    private static func appliedEnd(_ views: Views) throws -> UInt64 {
        do {
            return try views.appliedEnd().rawValue
        } catch let error as ViewsError where error.code == .otherVersion {
            return 0
        }
    }

    /// The last record at or before a point: a sequence, or a capture time.
    private static func last(of archive: Archive, at point: AsOf.Point) throws -> SequenceNumber {
        let reader = try LogReader(archive)
        let end = try reader.end().rawValue
        let after =
            switch point {
            case .sequence(let number): min(number, UInt64.max - 1) + 1
            // Times are whole microseconds: what was captured in that very one had been captured then.
            case .time(let instant):
                try reader.sequence(atOrAfter: min(instant.microseconds, .max - 1) + 1).rawValue
            }
        guard min(after, end) > 0 else {
            throw CommandError(
                "The archive held no record yet then.",
                hint: "Give a later --as-of: 'stele status' tells what there is.",
                exit: .doesNotHold)
        }
        return SequenceNumber(min(after, end) - 1)
    }
}
