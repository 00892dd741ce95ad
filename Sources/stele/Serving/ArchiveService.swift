// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ServiceLifecycle
import SteleEvents
import SteleFetch
import SteleListener
import SteleLog
import SteleProjection
import SteleServer
import UnixSignals

/// The parts of `stele serve` and the order in which they start and stop.
///
/// ```
/// start   views ─▶ mirror ─▶ checkpoints ─▶ recording ─▶ fetching ─▶ HTTP
/// stop    HTTP answers what it began ─▶ downloads are dropped ─▶ log closes ─▶ a last checkpoint ─▶ mirror is completed ─▶ views catch up
/// ```
struct ArchiveService {
    let archive: Archive
    private let gate: CallbackGate
    private let server: ServerOptions
    /// Whether `/api` answers.
    private let isReadable: Bool
    private let checkpoints: CheckpointKeeper?
    private let checkpointInterval: Duration
    private let log: LogWriter
    private let listener: Listener
    private let views: Views
    /// The second copy, if there is one.
    private let mirror: Mirror?
    /// What attachments are fetched; nil for none.
    private let fetch: FetchLimits?
    private let fetched = FetchCounters()
    private let logger = Logger(label: "stele")

    /// Opens the archive for writing.
    ///
    /// - Throws: `LogError` when another process writes to it, and what opening the index or the views throws.
    init(
        archive: Archive, gate: CallbackGate, server: ServerOptions, listener: ListenerOptions,
        storage: LogOptions, mirror: URL?, fetch: FetchLimits?, isReadable: Bool,
        checkpoints: CheckpointKeeper?, checkpointInterval: Duration
    ) throws {
        self.archive = archive
        self.gate = gate
        self.server = server
        self.isReadable = isReadable
        self.checkpoints = checkpoints
        self.checkpointInterval = checkpointInterval
        log = try LogWriter.open(archive, options: storage)
        if let recovery = log.recovery {
            logger.log(
                level: recovery.isTorn ? .warning : .error, "\(recovery.summary)",
                metadata: ["recovery": "\(recovery)"])
        }
        self.listener = try Listener(log: log, archive: archive, options: listener)
        views = try Views.open(archive)
        self.mirror = mirror.map { Mirror(of: archive, at: $0) }
        self.fetch = fetch
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameter announce: Called with the port once connections are taken.
    /// - Throws: What ended it otherwise; what was acknowledged is durable then, too.
    func run(announce: @escaping @Sendable (Int) throws -> Void) async throws {
        try await openMirror()
        let projection = ProjectionService(archive: archive, views: views, log: log, logger: logger)
        let http = ListenService(
            listener: listener, gate: gate, options: server,
            readSide: isReadable ? .archive(archive, views).tellingGaps(of: views) : nil,
            readiness: { projection.obstacle }, metrics: metrics,
            onListening: { port in
                do {
                    try announce(port)
                } catch {
                    logger.error("the address could not be printed", metadata: ["reason": "\(error)"])
                }
            }, logger: logger)
        let mirroring = mirror.map {
            MirrorService($0, log: log, options: MirrorOptions(), logger: logger)
        }
        let keeping = checkpoints.map {
            CheckpointService(keeper: $0, interval: checkpointInterval, logger: logger)
        }
        let fetching = fetch.map { limits in
            AttachmentService(
                fetcher: AttachmentFetcher(
                    archive: archive, views: views, listener: listener, rules: FetchRules(limits),
                    counters: fetched, logger: logger), logger: logger)
        }
        try await recordSwitch()
        // They stop in the opposite order: the log closes, its end is signed, and then the mirror has all of it.
        let services: [(any Service)?] = [
            projection, mirroring, keeping, RecordingService(listener: listener, log: log),
            fetching, http,
        ]
        let group = ServiceGroup(
            configuration: .init(
                services: services.compactMap { $0 }.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    /// Records whether attachments are fetched from now on, so that views can tell "not yet" from "not requested".
    private func recordSwitch() async throws {
        do {
            try await FetchingSwitch.record(fetch, views, listener)
        } catch let error as ViewsError where error.code == .otherVersion {
            // Views to be made anew cannot say what was recorded last: it is said again.
            try await FetchingSwitch.record(fetch, nil, listener)
        }
        if fetch == nil {
            logger.notice(
                "attachments are not fetched: the platform deletes them after seven days",
                metadata: [
                    "remedy": "Start with --fetch-attachments, or run 'stele fetch-attachments' in time."
                ])
        }
    }

    /// Looks at the mirror's folder before anything is recorded.
    ///
    /// A folder that was named by mistake ends the start; a mirror that was there before and has troubles now does not.
    private func openMirror() async throws {
        guard let mirror else { return }
        do {
            try await mirror.open()
        } catch {
            guard mirror.isKnown && error.code != .overlaps || error.mayPass else { throw error }
        }
        if mirror.isOnSameFileSystem {
            logger.warning(
                "the mirror is on the same file system as the archive: it does not outlive that disk",
                metadata: ["mirror": "\(mirror.status.path)"])
        }
    }

    private func metrics() -> [Metric] {
        let records = log.durableEnd.rawValue
        // A scrape that finds the views shut tells of the log alone.
        let applied = (try? views.appliedSequence()).flatMap { $0 }.map { $0.rawValue + 1 } ?? 0
        return [
            Metric("stele_log_records", .gauge, "Records in the log.", [.init(Int(records))]),
            Metric(
                "stele_log_rewrite_failing", .gauge,
                "1 while complete segments keep their size because one could not be written anew.",
                [.init(log.rewriteFailure == nil ? 0 : 1)]),
            Metric(
                "stele_projection_lag_records", .gauge, "Records that the views do not show yet.",
                [.init(Int(records) - Int(applied))]),
        ] + (mirror?.status.metrics(durable: log.durableEnd) ?? [])
            + (fetch == nil ? [] : fetched.current.metrics)
    }
}

/// Keeps the log open while others use it, and closes it when they have stopped.
struct RecordingService: Service {
    let listener: Listener
    let log: LogWriter

    func run() async throws {
        // Cancelled means that another part failed: the log is closed all the same.
        try? await gracefulShutdown()
        await listener.close()
        try await log.close()
    }
}
