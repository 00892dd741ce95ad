// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What is known of a history file before it is read.
package struct KnownHour: Hashable, Sendable {
    package var hour: HourKey
    package var source: HistoryHour.Source
    /// Minutes east of Greenwich of the clock the hour was named by; nil when the lines are to tell.
    package var zone: Int?
    /// Whether the platform may still add to the file.
    package var isEarly: Bool

    package init(_ hour: HourKey, source: HistoryHour.Source, zone: Int? = nil, isEarly: Bool = false) {
        self.hour = hour
        self.source = source
        self.zone = zone
        self.isEarly = isEarly
    }
}

/// Follows a file that may be an hour's history, and says in the end whether it was.
struct HourTally {
    private var found: HistoryHour
    /// Whether somebody said so; a name may be ten digits for another reason.
    private let isKnown: Bool
    private let isEarly: Bool
    private var hasOthers = false
    private var isWhole = true

    /// Nil when neither the caller nor the file's name tells of an hour.
    init?(_ file: ImportFile, known: KnownHour?, app: AppKey?) {
        guard let hour = known?.hour ?? Self.hour(in: file.stem) else { return nil }
        found = HistoryHour(app: app, hour: hour, outcome: .whole, source: known?.source ?? .file)
        found.zone = known?.zone
        isKnown = known != nil
        isEarly = known?.isEarly ?? false
    }

    /// The hour in a name that has ten digits in a row and is a date and an hour by them: `2026112020`,
    /// `history-2026112020`.
    static func hour(in stem: String) -> HourKey? {
        let runs = stem.split { !$0.isASCII || !$0.isNumber }.filter { $0.utf8.count == 10 }
        return runs.count == 1 ? runs.first.flatMap { HourKey(String($0)) } : nil
    }

    mutating func add(_ candidate: Candidate) {
        guard candidate.received.surface == .history else { return hasOthers = true }
        let payload = candidate.document.root
        found.add(payload["timestamp"]?.int64.map { Instant(milliseconds: $0) })
    }

    mutating func addRejected() { isWhole = false }

    /// What the file was; nil when its lines are of another kind, or of another time than its name says.
    func hour(sha256: String?) -> HistoryHour? {
        guard !hasOthers, isKnown || found.zoneByLines != nil else { return nil }
        var hour = found
        hour.zone = found.zoneByLines ?? found.zone
        hour.outcome = isWhole ? (isEarly ? .early : .whole) : .cut
        hour.sha256 = sha256
        return hour
    }
}
