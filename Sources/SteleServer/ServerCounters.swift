// SPDX-License-Identifier: Apache-2.0

import SteleListener
import Synchronization

/// What the service did since it started, counted for `/metrics`.
final class ServerCounters: Sendable {
    enum Route: String, CaseIterable {
        case callback
        case preSend = "callback_pre"
        case tap
    }

    struct Counts {
        var recorded: [Route: Int] = [:]
        var duplicates: [Route: Int] = [:]
        var rejected: [Rejection.Code: Int] = [:]
        /// Requests that could not be recorded because the log could not be written.
        var failed = 0
    }

    private let counts = Mutex(Counts())

    var current: Counts { counts.withLock { $0 } }

    func count(_ outcome: Outcome, on route: Route) {
        counts.withLock { counts in
            switch outcome {
            case .recorded: counts.recorded[route, default: 0] += 1
            case .duplicate: counts.duplicates[route, default: 0] += 1
            case .rejected(let rejection): counts.rejected[rejection.code, default: 0] += 1
            }
        }
    }

    func rejected(_ code: Rejection.Code) { counts.withLock { $0.rejected[code, default: 0] += 1 } }

    func failed() { counts.withLock { $0.failed += 1 } }
}

extension ServerCounters.Counts {
    var metrics: [Metric] {
        [
            Metric(
                "stele_listener_records_total", .counter, "Records made durable, by route.",
                ServerCounters.Route.allCases.map { .init(recorded[$0] ?? 0, "route", $0.rawValue) }),
            Metric(
                "stele_listener_duplicates_total", .counter, "Events that were recorded before, by route.",
                ServerCounters.Route.allCases.map { .init(duplicates[$0] ?? 0, "route", $0.rawValue) }),
            Metric(
                "stele_listener_rejected_total", .counter, "Payloads refused, by reason.",
                Rejection.Code.allCases.map { .init(rejected[$0] ?? 0, "reason", $0.rawValue) }),
            Metric(
                "stele_listener_failed_total", .counter,
                "Requests answered 503 because the log could not be written.", [.init(failed)]),
        ]
    }
}
