// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection

/// What a completeness certificate says, before it is written in a form.
///
/// The same records and options make the same certificate: nothing in it tells when or where it was made.
struct Certificate {
    static let schema = "stele-completeness/1"

    let origin: String
    /// The records that it is about: the first so many of the log.
    let records: UInt64
    let root: TreeHash
    /// The newest signed checkpoint kept that states no more records; nil when there is none.
    let checkpoint: (size: UInt64, root: TreeHash, file: String)?
    /// By which is judged what may still come and what the platform still keeps.
    let judgedAt: Instant
    let options: GapOptions
    let apps: [Reconciliation]

    /// Reads all of it from one state of the views.
    ///
    /// `judgedAt` nil takes the capture time of the last record.
    init(
        _ access: ViewAccess, app: AppKey?, judgedAt: Instant?, listLimit: Int,
        options: (Instant) -> GapOptions
    ) throws {
        let reader = try LogReader(access.archive)
        let bar = ProgressHolder(ProgressBar("Comparing"))
        let snapshot = try access.views.snapshot()
        let records = try snapshot.read { try $0.appliedEnd().rawValue }
        let judged = try judgedAt ?? Self.captureTime(ofLastOf: records, in: reader)
        let chosen = options(judged)
        apps = try snapshot.read { views in
            if let app, try views.appScopes(app).isEmpty {
                throw CommandError(
                    "No record names the app '\(app)'.",
                    hint: "'stele conversations --json' tells the apps there are.", exit: .doesNotHold)
            }
            return try views.reconcile(app: app, chosen, listLimit: listLimit) { done, total in
                bar.bar.update(UInt64(done), of: UInt64(total))
            }
        }
        bar.bar.clear()
        self.options = chosen
        self.records = records
        self.judgedAt = judged
        origin = access.archive.origin
        root = try reader.checkpoint(of: records).root
        let kept = KeptCheckpoints(access.archive)
        checkpoint = try kept.sizes().last { $0 <= records }.flatMap { size in
            try kept.note(size).map { (size, $0.checkpoint.root, KeptCheckpoints.file(size)) }
        }
    }

    private static func captureTime(ofLastOf records: UInt64, in reader: LogReader) throws -> Instant {
        guard records > 0 else { return Instant(microseconds: 0) }
        let line = try reader.line(SequenceNumber(records - 1))
        return try RecordedEvent(line: line).capturedAt
    }

    var openGaps: Int { apps.reduce(0) { $0 + $1.gaps.count { $0.isOpen } } }

    /// A bar that a closure which is called in place may move.
    private final class ProgressHolder {
        var bar: ProgressBar
        init(_ bar: ProgressBar) { self.bar = bar }
    }
}

/// Sums over the hours of an app.
struct ReconciledTotal {
    var hours = 0
    var compared = 0
    var agreeing = 0
    var messages = 0
    var agreed = 0
    var onlyCallback = 0
    var onlyHistory = 0
    var onlyElsewhere = 0

    init(_ hours: [Reconciliation.Hour]) {
        self.hours = hours.count
        for hour in hours {
            if hour.basis != nil { compared += 1 }
            if hour.agrees { agreeing += 1 }
            messages += hour.messages
            agreed += hour.agreed
            onlyCallback += hour.onlyCallback.count
            onlyHistory += hour.onlyHistory.count
            onlyElsewhere += hour.onlyElsewhere.count
        }
    }
}

extension ImportedHours.Basis {
    /// The word that certificates have for it.
    var name: String {
        switch self {
        case .file(.none): "none sent"
        case .file: "history file"
        case .agreement: "agreement"
        }
    }
}
