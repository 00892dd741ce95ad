// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection

extension Gap {
    /// The gap as `stele gaps --json` and certificates have it.
    var line: JSONLine {
        var line = JSONLine()
        line.add("kind", kind.rawValue)
        line.add("state", isOpen ? "open" : "closed")
        line.add("app", app?.rawValue)
        line.add("from", from.rfc3339(.milliseconds))
        line.add("to", to?.rfc3339(.milliseconds))
        line.add("count", count)
        line.add("open", open)
        line.add(
            "evidence",
            evidence.map { evidence in
                var line = JSONLine()
                line.add("source", evidence.source)
                line.add("count", evidence.count)
                return line
            })
        line.add("messages", messages.map(\.rawValue))
        if kind == .suspension {
            line.add("silentSeconds", silentSeconds)
            line.add("expectedPerHour", decimal: expected)
        }
        line.add("ask", ask.map { $0.line(app: app) })
        line.add("keptUntil", keptUntil?.rfc3339(.milliseconds))
        line.add("closedBy", closing?.name)
        return line
    }
}

extension AskKey {
    /// What to request, in the platform's own words.
    func line(app: AppKey?) -> JSONLine {
        var line = JSONLine()
        line.add("method", method)
        line.add("path", path(app: app))
        switch self {
        case .history(let hour, let zone):
            line.add("hour", hour.description)
            line.add("zone", zone.map(Self.zone))
        case .storedCallbacks(let date): line.add("date", date)
        }
        return line
    }

    var method: String {
        switch self {
        case .history: "GET"
        case .storedCallbacks: "POST"
        }
    }

    func path(app: AppKey?) -> String {
        let parts = app?.rawValue.split(separator: "#", maxSplits: 1).map(String.init) ?? []
        let base = parts.count == 2 ? "/\(parts[0])/\(parts[1])" : "/{org}/{app}"
        return switch self {
        case .history(let hour, _): "\(base)/chatmessages/\(hour)"
        case .storedCallbacks: "\(base)/callbacks/storage/retry"
        }
    }

    /// `UTC`, `+08:00`.
    static func zone(_ minutes: Int) -> String {
        guard minutes != 0 else { return "UTC" }
        let (hours, rest) = abs(minutes).quotientAndRemainder(dividingBy: 60)
        return (minutes < 0 ? "-" : "+") + (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "")
            + "\(rest)"
    }
}
