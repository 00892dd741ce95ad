// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection
import SteleTranscript

extension Certificate {
    /// The certificate as JSON: `Samples/schemas/completeness.schema.json` describes it.
    var document: JSONLine {
        var line = JSONLine()
        line.add("schema", Self.schema)
        line.add("archive", archiveLine)
        line.add("from", options.from?.rfc3339(.milliseconds))
        line.add("to", options.to?.rfc3339(.milliseconds))
        line.add("judgedAt", judgedAt.rfc3339(.microseconds))
        line.add("judgement", judgementLine)
        line.add("openGaps", openGaps)
        line.add("apps", apps.map(\.line))
        line.add("proves", CertificateWords(.init(.english)).proves)
        line.add("doesNotProve", CertificateWords(.init(.english)).doesNotProve)
        return line
    }

    private var archiveLine: JSONLine {
        var line = JSONLine()
        line.add("origin", origin)
        line.add("records", records)
        line.add("root", root.base64)
        line.add(
            "checkpoint",
            checkpoint.map { checkpoint in
                var line = JSONLine()
                line.add("size", checkpoint.size)
                line.add("root", checkpoint.root.base64)
                line.add("file", checkpoint.file)
                return line
            })
        return line
    }

    private var judgementLine: JSONLine {
        var line = JSONLine()
        line.add("silenceSeconds", options.shortestSilence)
        line.add("chance", decimal: options.limit)
        line.add("graceSeconds", options.grace)
        line.add("historyKeptHours", options.historyHours)
        line.add("historySettlesHours", options.settlingHours)
        line.add("attachmentsKeptDays", options.attachmentDays)
        return line
    }
}

extension Reconciliation {
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("app", app?.rawValue)
        line.add("zone", zone.map(AskKey.zone))
        let total = ReconciledTotal(hours)
        var sum = JSONLine()
        sum.add("hours", total.hours)
        sum.add("compared", total.compared)
        sum.add("agreeing", total.agreeing)
        sum.add("messages", total.messages)
        sum.add("agreed", total.agreed)
        sum.add("onlyCallback", total.onlyCallback)
        sum.add("onlyHistory", total.onlyHistory)
        sum.add("onlyElsewhere", total.onlyElsewhere)
        line.add("total", sum)
        line.add("hours", hours.map { $0.line(zone: zone) })
        line.add("gaps", gaps.map(\.line))
        return line
    }
}

extension Reconciliation.Hour {
    fileprivate func line(zone: Int?) -> JSONLine {
        var line = JSONLine()
        line.add("from", hour.start.rfc3339(.milliseconds))
        line.add("key", zone.map { HourKey(of: hour.start, zoneMinutes: $0).description })
        line.add("messages", messages)
        line.add("unsent", unsent)
        line.add(
            "sources",
            sources.map { source in
                var line = JSONLine()
                line.add("source", source.source.names.first)
                line.add("messages", source.messages)
                line.add("first", source.first.rfc3339(.milliseconds))
                line.add("last", source.last.rfc3339(.milliseconds))
                return line
            })
        line.add("agreed", agreed)
        line.add("onlyCallback", onlyCallback.line)
        line.add("onlyHistory", onlyHistory.line)
        line.add("onlyElsewhere", onlyElsewhere.line)
        line.add("compared", isCut ? "cut" : basis?.name)
        return line
    }
}

extension Reconciliation.Part {
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("count", count)
        line.add("messages", messages.map(\.rawValue))
        return line
    }
}
