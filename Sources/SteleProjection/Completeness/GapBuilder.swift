// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Says what a group of missed messages, attempts, hours or attachments is, and what would close it.
struct GapBuilder {
    let app: AppKey?
    let options: GapOptions
    let hours: ImportedHours

    /// A gap and the numbers of the first messages concerned.
    struct Draft {
        var gap: Gap
        var keys: [Int64] = []
    }

    func gap(_ group: GapGroups.Group) -> Draft {
        isSuspension(group) ? suspension(group) : missed(group)
    }

    /// A long silence, and two messages missed in it or its own improbability; or no sign any more after several.
    private func isSuspension(_ group: GapGroups.Group) -> Bool {
        if group.silence?.isImprobable == true { return true }
        guard group.missed.count > 1, let last = group.missed.last else { return false }
        let seconds = group.silentSeconds ?? last.time.floored(by: 1_000_000) - group.from
        return seconds >= options.shortestSilence
    }

    private func suspension(_ group: GapGroups.Group) -> Draft {
        let from = Instant(microseconds: group.from * 1_000_000)
        let to = group.to.map { Instant(microseconds: $0 * 1_000_000) }
        var draft = self.draft(.suspension, group.missed, from: from, to: to)
        draft.gap.silentSeconds = group.silentSeconds
        draft.gap.expected = group.silence?.expected
        let end = to ?? Instant(microseconds: group.missed.last?.time ?? from.microseconds)
        // The second signs themselves were told: what is missing lies between them.
        let touched = UTCHour.touching(
            Instant(microseconds: from.microseconds + 1_000_000),
            Instant(microseconds: max(from.microseconds + 1_000_000, end.microseconds - 1)))
        let closing = self.hours.closing(of: touched)
        // A message that neither came by callback nor is in the hour's whole file is still missing.
        draft.gap.open = group.missed.count { !isSettled($0) }
        draft.gap.closing = draft.gap.open == 0 ? closing : nil
        ask(&draft.gap, touched)
        return draft
    }

    private func missed(_ group: GapGroups.Group) -> Draft {
        let times = group.missed.map { Instant(microseconds: $0.time) }
        let from = times.first ?? Instant(microseconds: group.from * 1_000_000)
        let to = times.last ?? from
        var draft = self.draft(.missedCallback, group.missed, from: from, to: to)
        settle(&draft.gap, group.missed)
        ask(&draft.gap, UTCHour.touching(from, to))
        return draft
    }

    /// Messages that something told of where no callback was to be expected.
    func unseen(_ missed: [MissedMessage]) -> Draft {
        let from = Instant(microseconds: missed.first?.time ?? 0)
        let to = Instant(microseconds: missed.last?.time ?? 0)
        var draft = self.draft(.unseenMessage, missed, from: from, to: to)
        settle(&draft.gap, missed)
        ask(&draft.gap, UTCHour.touching(from, to))
        return draft
    }

    func attempts(_ attempts: [MissedMessage], in hour: UTCHour) -> Draft {
        let from = Instant(microseconds: attempts.first?.time ?? hour.start.microseconds)
        let to = Instant(microseconds: attempts.last?.time ?? hour.start.microseconds)
        var draft = self.draft(.unresolvedAttempt, attempts, from: from, to: to)
        // The hour's own record is whole and has none of them: they were never sent.
        draft.gap.closing = hours.closing(of: hour...hour)
        draft.gap.open = draft.gap.isOpen ? attempts.count : 0
        ask(&draft.gap, hour...hour)
        return draft
    }

    func hours(_ run: ClosedRange<UTCHour>) -> Gap {
        let count = Int(run.upperBound.number - run.lowerBound.number) + 1
        var gap = Gap(
            kind: .historyHour, app: app, from: run.lowerBound.start, to: run.upperBound.end, count: count,
            open: count)
        ask(&gap, run)
        return gap
    }

    func attachments(_ waiting: LackingAttachments) -> Gap {
        var gap = Gap(
            kind: .attachment, app: app, from: waiting.first, to: waiting.last, count: waiting.messages,
            open: waiting.messages)
        gap.messages = waiting.ids
        gap.evidence = [
            Gap.Evidence(source: "never tried", count: waiting.messages - waiting.failed),
            Gap.Evidence(source: "tried and failed", count: waiting.failed),
        ].filter { $0.count > 0 }
        gap.keptUntil = Instant(
            microseconds: waiting.first.microseconds + options.attachmentDays * 86_400_000_000)
        return gap
    }

    // MARK: What all have in common

    private func draft(
        _ kind: Gap.Kind, _ missed: [MissedMessage], from: Instant, to: Instant?
    ) -> Draft {
        var gap = Gap(kind: kind, app: app, from: from, to: to, count: missed.count, open: 0)
        var counts: [String: Int] = [:]
        for message in missed {
            for name in message.sources.names + message.facts { counts[name, default: 0] += 1 }
        }
        gap.evidence = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            Gap.Evidence(source: $0.key, count: $0.value)
        }
        return Draft(gap: gap, keys: missed.prefix(options.messageLimit).map(\.key))
    }

    /// Whether nothing more of a message is to be had: the platform's own record shows it; or a client or a further
    /// callback does, and that record is here in whole without it.
    private func isSettled(_ missed: MissedMessage) -> Bool {
        if missed.isInHistory { return true }
        guard missed.isSeen else { return false }
        let hour = UTCHour(of: Instant(microseconds: missed.time))
        return hours.basis(of: hour) != nil
    }

    private func settle(_ gap: inout Gap, _ missed: [MissedMessage]) {
        gap.open = missed.count { !isSettled($0) }
        guard gap.open == 0 else { return }
        gap.closing = missed.allSatisfy(\.isInHistory) ? .shown : .hours
    }

    private func ask(_ gap: inout Gap, _ hours: ClosedRange<UTCHour>) {
        gap.keptUntil = Instant(
            microseconds: hours.lowerBound.start.microseconds + options.historyHours * HourKey.length)
        gap.ask = self.hours.asks(for: hours)
        guard gap.kind == .missedCallback || gap.kind == .suspension else { return }
        gap.ask += storedKeys(gap.from, gap.to ?? gap.from)
    }

    /// The ten-minute keys under which the platform may keep failed callbacks.
    ///
    /// By which clock is not documented: by the one of the history files, as far as that is known.
    private func storedKeys(_ from: Instant, _ to: Instant) -> [AskKey] {
        let tenMinutes: Int64 = 600_000_000
        var keys: [AskKey] = []
        for zone in hours.zone.map({ [$0] }) ?? HourKey.documentedZones {
            var slot = from.microseconds.floored(by: tenMinutes)
            // A long outage is better asked for by its hours.
            let last = min(to.microseconds.floored(by: tenMinutes), slot + 6)
            while slot <= last {
                let instant = Instant(microseconds: slot * tenMinutes)
                let hour = HourKey(of: instant, zoneMinutes: zone)
                let minute = (slot % 6 + 6) % 6
                keys.append(.storedCallbacks("\(hour)\(minute)0"))
                slot += 1
            }
        }
        return keys
    }
}
