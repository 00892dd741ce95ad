// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Which hours' history an archive has of an app, by what its records say and by what their messages show.
package struct ImportedHours: Sendable {
    /// Why an hour counts as compared with the platform's own record.
    package enum Basis: Hashable, Sendable {
        /// Its file was taken in whole, or the platform said that there is none.
        case file(HistoryHour.Outcome)
        /// History lines show every message of the hour that a callback showed.
        case agreement
    }

    /// The clock by which the platform names this app's hours, in minutes east of Greenwich; nil when no file told.
    package private(set) var zone: Int?
    private var bases: [UTCHour: Basis] = [:]
    /// Hours whose file was cut short, and no whole one came since.
    package private(set) var cut: Set<UTCHour> = []

    init(_ records: [HistoryHour], _ coverage: [CoverageEntry]) {
        let told = Dictionary(grouping: records.compactMap(\.zone)) { $0 }
        zone = told.min { ($1.value.count, $0.key) < ($0.value.count, $1.key) }?.key
        noteAgreement(coverage)
        for record in records {
            guard let start = record.start(assuming: zone) else { continue }
            let hour = UTCHour(of: start)
            switch record.outcome {
            case .cut: cut.insert(hour)
            case .whole: bases[hour] = .file(.whole)
            case .none: bases[hour] = bases[hour] == .file(.whole) ? .file(.whole) : .file(.none)
            case .early: break
            }
        }
        cut = cut.filter { bases[$0] == nil || bases[$0] == .agreement }
        // A cut file agrees only as far as it goes.
        for hour in cut { bases[hour] = nil }
    }

    /// Whether an hour need not be pulled any more.
    package func isFinal(_ hour: UTCHour) -> Bool {
        if case .file = bases[hour] { true } else { false }
    }

    private mutating func noteAgreement(_ coverage: [CoverageEntry]) {
        var called: [UTCHour: Int] = [:]
        var shown: [UTCHour: Int] = [:]
        for entry in coverage where entry.isSent {
            if entry.sources.contains(.history) { shown[entry.hour, default: 0] += entry.messages }
            if !entry.sources.isDisjoint(with: .postSend), !entry.sources.contains(.history) {
                called[entry.hour, default: 0] += entry.messages
            }
        }
        for hour in shown.keys where called[hour] == nil { bases[hour] = .agreement }
    }

    /// Hours of which a record says what became of their file.
    var filed: [UTCHour] { bases.filter { $0.value != .agreement }.map(\.key) + cut }

    package func basis(of hour: UTCHour) -> Basis? { bases[hour] }

    /// Whether every hour of a range was compared, and by what.
    func closing(of hours: ClosedRange<UTCHour>) -> Gap.Closing? {
        var closing = Gap.Closing.hours
        var hour = hours.lowerBound
        while hour <= hours.upperBound {
            switch bases[hour] {
            case .file: break
            case .agreement: closing = .agreement
            case nil: return nil
            }
            hour = hour.advanced(by: 1)
        }
        return closing
    }

    /// The keys under which the platform keeps the history of some hours: by both of its clocks while nothing told which.
    func asks(for hours: ClosedRange<UTCHour>) -> [AskKey] {
        var keys: [AskKey] = []
        var hour = hours.lowerBound
        while hour <= hours.upperBound {
            for zone in zone.map({ [$0] }) ?? HourKey.documentedZones {
                let key = AskKey.history(HourKey(of: hour.start, zoneMinutes: zone), zone: zone)
                if !keys.contains(key) { keys.append(key) }
            }
            hour = hour.advanced(by: 1)
        }
        return keys
    }
}

extension ViewsReader {
    /// What the archive has of an app's history.
    package func importedHours(_ scope: AppScope) throws -> ImportedHours {
        ImportedHours(try historyHours(scope), try coverage(scope))
    }

    /// What records say of an app's history files, in order of their hours.
    package func historyHours(_ scope: AppScope) throws -> [HistoryHour] {
        let rows = try statement(
            """
            SELECT hour, zone, outcome, source, lines, first, last, sha256 FROM history_hours
            WHERE app IN (\(scope.list)) ORDER BY hour, seq
            """)
        return try rows.all { row -> HistoryHour? in
            guard let hour = HourKey(row.text(0)), let outcome = HistoryHour.Outcome(rawValue: row.text(2)),
                let source = HistoryHour.Source(rawValue: row.text(3))
            else { return nil }
            var record = HistoryHour(app: scope.app, hour: hour, outcome: outcome, source: source)
            record.zone = row.int(1) == Int64(Fold.noZone) ? nil : Int(row.int(1))
            record.lines = Int(row.int(4))
            record.first = row.int(5).instantIfTold
            record.last = row.int(6).instantIfTold
            record.sha256 = row.text(7).isEmpty ? nil : row.text(7)
            return record
        }.compactMap(\.self)
    }
}
