// SPDX-License-Identifier: Apache-2.0

package import Logging
package import SteleEvents
package import SteleListener
package import SteleLog
package import SteleProjection

/// Fetches the files that messages name, and records every try.
///
/// ```
/// views ─▶ FilePlanner ─▶ FetchQueue ─▶ FileDownload ─▶ attachments/ ─▶ TryRecord ─▶ log ─▶ views
///            what is         which is      one try,        the file,       what came of it
///            wanted            next        streamed        durable          durable
/// ```
///
/// What is wanted is read out of the views, so nothing is remembered between two runs: a process that is killed goes on
/// where the records end. A file that was stored and whose record was lost is fetched again and found to be there.
package struct AttachmentFetcher: Sendable {
    private let archive: Archive
    private let views: Views
    private let listener: Listener
    private let rules: FetchRules
    private let scope: FilePlanner.Scope
    private let logger: Logger
    private let now: @Sendable () -> Instant
    package let counters: FetchCounters

    /// Files that wait in memory; more are looked for when there are fewer.
    private static let enough = 500
    /// How often the views are asked for new messages.
    private static let pollMicroseconds: Int64 = 500_000
    /// How often all messages are looked at again, for what a later record changed in an earlier message.
    private static let surveySeconds: Int64 = 3600

    package init(
        archive: Archive, views: Views, listener: Listener, rules: FetchRules,
        scope: FilePlanner.Scope = FilePlanner.Scope(), counters: FetchCounters = FetchCounters(),
        logger: Logger, clock: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.archive = archive
        self.views = views
        self.listener = listener
        self.rules = rules
        self.scope = scope
        self.counters = counters
        self.logger = logger
        now = clock
    }

    /// Fetches what is wanted now, and returns when nothing is left to be done.
    ///
    /// - Parameter progress: Called after every try with how many files still wait.
    /// - Returns: What the messages' files are, those that were stored before included.
    /// - Throws: `LogError` when a record or a file could not be written, and `CancellationError`.
    package func fetchOnce(progress: @escaping (_ left: Int) -> Void = { _ in }) async throws
        -> FilePlanner.Counts
    {
        try await run(isFollowing: false, progress)
    }

    /// Fetches what is wanted, and what new messages want, until the task is cancelled.
    ///
    /// - Throws: As ``fetchOnce(progress:)``.
    package func follow() async throws { _ = try await run(isFollowing: true, { _ in }) }

    private func run(isFollowing: Bool, _ progress: (Int) -> Void) async throws -> FilePlanner.Counts {
        let disk = DiskQueue()
        let (archive, views, rules, scope) = (archive, views, rules, scope)
        try await disk.run { try archive.removeUnfinishedAttachments() }
        let planner = try await disk.run {
            try FilePlanner(archive: archive, views: views, rules: rules, scope: scope)
        }
        let clients = PinnedClients(rules.limits)
        let download = FileDownload(archive: archive, limits: rules.limits, clients: clients, disk: disk)
        do {
            try await work(planner, download, isFollowing, progress)
        } catch {
            try await clients.shutdown()
            throw error
        }
        try await clients.shutdown()
        return try await disk.run { planner.counts }
    }

    private enum Step: Sendable {
        case tried(FileRequest, FileDownload.Report, inside: [FileRequest])
        case woke
    }

    private func work(
        _ planner: FilePlanner, _ download: FileDownload, _ isFollowing: Bool, _ progress: (Int) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Step.self) { group in
            defer { group.cancelAll() }
            var queue = FetchQueue(rules)
            var survey = now().adding(seconds: Self.surveySeconds)
            var isSleeping = false
            while true {
                try Task.checkCancellation()
                if isFollowing, now() >= survey {
                    try await download.disk.run { planner.survey() }
                    survey = now().adding(seconds: Self.surveySeconds)
                }
                let isAtEnd = try await refill(&queue, planner, download.disk)
                while let request = queue.next(at: now()) {
                    group.addTask { try await attempt(request, planner, download) }
                }
                show(queue)
                if isAtEnd, !isFollowing, queue.isEmpty { return }
                if !isSleeping {
                    let wake = min(
                        queue.nextChange(after: now()) ?? .init(microseconds: .max),
                        Instant(microseconds: now().microseconds + Self.pollMicroseconds))
                    group.addTask {
                        try await Task.sleep(
                            for: .microseconds(max(1000, wake.microseconds - now().microseconds)))
                        return .woke
                    }
                    isSleeping = true
                }
                switch try await group.next() {
                case .tried(let request, let report, let inside):
                    note(report, isEnded: !queue.finished(request, report.outcome, at: now()))
                    for request in inside { queue.add(request) }
                    progress(queue.count + queue.activeCount)
                case .woke, nil: isSleeping = false
                }
            }
        }
    }

    /// Looks for wanted files until enough wait; true when there are no more.
    private func refill(_ queue: inout FetchQueue, _ planner: FilePlanner, _ disk: DiskQueue) async throws
        -> Bool
    {
        while queue.waitingCount < Self.enough {
            try Task.checkCancellation()
            guard let page = try await disk.run({ try planner.next() }) else { return true }
            for request in page { queue.add(request) }
        }
        return false
    }

    /// Tries a file, and records what came of it.
    private func attempt(_ request: FileRequest, _ planner: FilePlanner, _ download: FileDownload)
        async throws
        -> Step
    {
        let began = now()
        let report = try await download.run(request.file, turn: request.tries)
        let isAgain = rules.isAgain(report.outcome, tries: request.tries + 1)
        let record = TryRecord(
            file: request.file, began: began, ended: now(), report: report, isAgain: isAgain)
        let outcome = try await listener.receive([record.received]).first
        if case .rejected(let rejection) = outcome { throw rejection }
        logger.debug(
            "file tried", metadata: ["uuid": "\(request.name.uuid)", "outcome": "\(report.outcome.rawValue)"])
        guard report.outcome == .stored, request.file.kind == .combine, let sha256 = report.sha256 else {
            return .tried(request, report, inside: [])
        }
        let inside = try await download.disk.run { try planner.inside(request, sha256: sha256) }
        return .tried(request, report, inside: inside)
    }

    private func note(_ report: FileDownload.Report, isEnded: Bool) {
        counters.change { counts in
            counts.tries[report.outcome, default: 0] += 1
            if isEnded { counts.ended[report.outcome, default: 0] += 1 }
            if report.sha256 != nil { counts.bytes += report.bytes ?? 0 }
        }
    }

    private func show(_ queue: FetchQueue) {
        counters.change { counts in
            counts.waiting = queue.count
            counts.active = queue.activeCount
            counts.abandoned = queue.abandoned
        }
    }
}
