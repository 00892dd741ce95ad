// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import SteleLog
import SteleServer

/// Keeps a second copy of the archive up while it is being written, and completes it once the log is closed.
///
/// Whatever happens to the mirror, capturing goes on: it falls behind, says so once in the log and all the time in
/// `stele status` and `/metrics`, and is tried again.
struct MirrorService: Service {
    let mirror: Mirror
    let log: LogWriter
    let logger: Logger
    private let options: MirrorOptions

    /// How long a shutdown waits for the mirror's disk.
    private static let finalWait = Duration.seconds(10)

    init(_ mirror: Mirror, log: LogWriter, options: MirrorOptions, logger: Logger) {
        self.mirror = mirror
        self.log = log
        self.options = options
        self.logger = logger
    }

    func run() async throws {
        // Cancelled means that another part failed: what is durable is shipped all the same.
        try? await cancelWhenGracefulShutdown { try await follow() }
        let status = await mirror.finish(within: Self.finalWait)
        guard status.behind > 0 || status.problem != nil else {
            await mirror.close()
            logger.info("the mirror has everything", metadata: ["records": "\(status.records)"])
            return
        }
        logger.warning(
            "the mirror does not have everything",
            metadata: [
                "behind": "\(status.behind)", "bytes": "\(status.bytesBehind)",
                "reason": "\(status.problem ?? "its disk was too slow")",
                "remedy": "Start again with --mirror, or run 'stele mirror \(status.path)'.",
            ])
    }

    private func follow() async throws {
        var backoff = MirrorBackoff()
        var said: String?
        while !Task.isCancelled {
            let step: Result<SequenceNumber?, MirrorError>
            do { step = .success(try await mirror.step()) } catch { step = .failure(error) }
            said = say(mirror.status, unless: said)
            switch step {
            case .success(nil): continue
            case .success(let end?):
                backoff.reset()
                try await wait(past: end)
            case .failure: try await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Tells of a problem once, and when it is over.
    private func say(_ status: MirrorStatus, unless said: String?) -> String? {
        guard status.problem != said else { return said }
        if let problem = status.problem {
            logger.error(
                "the mirror does not follow; recording goes on",
                metadata: [
                    "reason": "\(problem)", "remedy": "\(status.remedy ?? "")", "behind": "\(status.behind)",
                ])
        } else {
            logger.notice("the mirror follows again", metadata: ["records": "\(status.records)"])
        }
        return status.problem
    }

    /// Waits for new records, or until it is time to compare everything.
    private func wait(past end: SequenceNumber) async throws {
        let isOver = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await log.waitForRecords(past: end) <= end && !Task.isCancelled }
            group.addTask {
                // Cancelled when there are new records.
                try? await Task.sleep(for: options.surveyInterval)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        // The log is being closed: the shutdown that does so comes here next.
        if isOver { try await gracefulShutdown() }
    }
}

extension MirrorStatus {
    /// Gauges for `/metrics`; `durable` is the archive's end now, which the mirror may not have heard of.
    func metrics(durable: SequenceNumber) -> [Metric] {
        [
            Metric("stele_mirror_records", .gauge, "Records checked on the mirror.", [.init(Int(records))]),
            Metric(
                "stele_mirror_lag_records", .gauge, "Durable records that the mirror does not have.",
                [.init(Int(durable.rawValue - min(durable.rawValue, records)))]),
            Metric(
                "stele_mirror_lag_bytes", .gauge,
                "Durable bytes that the mirror did not have when it last looked.",
                [.init(Int(bytesBehind))]),
            Metric(
                "stele_mirror_failing", .gauge, "1 while something keeps the mirror from following.",
                [.init(problem == nil ? 0 : 1)]),
        ]
    }
}
