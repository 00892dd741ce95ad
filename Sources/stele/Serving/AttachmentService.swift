// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import SteleEvents
import SteleFetch
import SteleListener
import SteleLog
import SteleProjection
import SteleServer

/// Fetches the files that messages name, for as long as the log is open.
///
/// It reads the views, and appends its tries as any listener does; nothing that is captured or folded waits for it. When it
/// fails, it says so and begins again, after ever longer pauses.
struct AttachmentService: Service {
    let fetcher: AttachmentFetcher
    let logger: Logger

    private static let longestPause = Duration.seconds(300)
    /// A failure after so long is not another one of the same.
    private static let calm = ContinuousClock.Duration.seconds(600)

    func run() async throws {
        var pause = Duration.seconds(1)
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                try await cancelWhenGracefulShutdown { try await fetcher.follow() }
            } catch {
                if Task.isShuttingDownGracefully || Task.isCancelled { break }
                if ContinuousClock.now - start > Self.calm { pause = .seconds(1) }
                say(error, pause)
                // Woken early by the end of the process.
                try? await cancelWhenGracefulShutdown { [pause] in try await Task.sleep(for: pause) }
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private func say(_ error: any Error, _ pause: Duration) {
        // Views of another version are being made anew, by this very process.
        if let error = error as? ViewsError, error.code == .otherVersion { return }
        fetcher.counters.change { $0.restarts += 1 }
        logger.error(
            "attachments could not be fetched; recording goes on, and fetching begins again",
            metadata: ["reason": "\(error)", "pause": "\(pause)"])
    }
}

extension FetchingSwitch {
    /// Records that fetching is on, or no longer, unless the views say so already.
    static func record(_ limits: FetchLimits?, _ views: Views?, _ listener: Listener) async throws {
        let kinds = limits?.kinds ?? []
        let known = try views?.read { try $0.fetching() } ?? .off
        guard known != FetchingState(isOn: limits != nil, kinds: kinds) else { return }
        let change = FetchingSwitch(
            isOn: limits != nil, began: .now, kinds: FileKind.allCases.filter(kinds.contains))
        _ = try await listener.receive([SwitchRecord(change).received])
    }
}

extension FetchCounters.Counts {
    /// Figures for `/metrics`.
    var metrics: [Metric] {
        [
            Metric(
                "stele_attachments_tries_total", .counter, "Tries to fetch a file, by what they came to.",
                FetchOutcome.allCases.map { .init(tries[$0] ?? 0, "outcome", $0.rawValue) }),
            Metric(
                "stele_attachments_bytes_total", .counter, "Bytes of files that were fetched and kept.",
                [.init(Int(bytes))]),
            Metric("stele_attachments_waiting", .gauge, "Files that wait to be fetched.", [.init(waiting)]),
            Metric("stele_attachments_active", .gauge, "Files being fetched.", [.init(active)]),
            Metric(
                "stele_attachments_restarts_total", .counter,
                "How often fetching failed and began again.", [.init(restarts)]),
        ]
    }
}
