// SPDX-License-Identifier: Apache-2.0

import SteleEvents

// What tells how complete the archive is.
extension Fold {
    /// What `history_hours.zone` holds where nothing told.
    static let noZone = -9999

    /// Notes the sign of life that every post-send callback is, whatever it tells.
    mutating func noteSign(_ origin: Origin) {
        guard origin.time != 0, !How.isPreSend(origin.how) else { return }
        switch origin.surface {
        case .callback, .switchboard: coverage.sign(app: origin.app, time: origin.time)
        case .history, .sdk, .msync, .attachment: break
        }
    }

    func apply(_ hour: HistoryHour, _ origin: Origin) throws {
        let insert = try facts.statement(
            "INSERT OR IGNORE INTO history_hours VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.put(origin.app)
        insert.put(hour.hour.description)
        insert.put(hour.zone ?? Self.noZone)
        insert.put(hour.outcome.rawValue)
        insert.put(hour.source.rawValue)
        insert.put(hour.lines)
        insert.put(hour.first?.microseconds ?? 0)
        insert.put(hour.last?.microseconds ?? 0)
        insert.put(hour.sha256 ?? "")
        insert.put(origin.sequence)
        try insert.run()
    }
}
