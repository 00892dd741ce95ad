// SPDX-License-Identifier: Apache-2.0

import Dispatch
package import Foundation
import Synchronization

/// A second copy of an archive, kept up from a queue of its own.
///
/// Nothing here is ever waited for by the archive's writer: a mirror whose disk is full, slow, or gone falls behind,
/// says so in ``status`` and in the archive's `mirror.json`, and catches up by itself.
package final class Mirror: Sendable {
    private let archive: Archive
    private let queue = DispatchQueue(label: "stele.mirror")
    private let worker: Worker
    private let current: Mutex<MirrorStatus>
    private let stopping: Stopping

    /// Whether a mirror at this place followed the archive before.
    package let isKnown: Bool

    /// - Parameters:
    ///   - archive: What is mirrored.
    ///   - url: The mirror's folder, which is made when it is missing.
    ///   - files: The mirror's file system.
    ///   - options: How it is kept up.
    package init(
        of archive: Archive, at url: URL, files: any FileSystem = LocalFileSystem(),
        options: MirrorOptions = MirrorOptions()
    ) {
        self.archive = archive
        let path = URL(filePath: url.path(percentEncoded: false)).standardizedFileURL
            .path(percentEncoded: false).withoutTrailingSlash
        let before = MirrorState(archive)
        let isKnown = before?.path == path && (before?.records ?? 0) > 0
        self.isKnown = isKnown
        var status = MirrorStatus(path: path)
        if isKnown, let before {
            status.records = before.records
            status.at = before.at
        }
        current = Mutex(status)
        let stopping = Stopping()
        self.stopping = stopping
        worker = Worker(
            shipper: Shipper(
                archive, to: URL(filePath: path, directoryHint: .isDirectory), files: files,
                options: options, isKnown: isKnown, isStopping: { stopping.isAsked }),
            options: options)
    }

    /// Whether losing one disk would lose both copies.
    package var isOnSameFileSystem: Bool { FolderOverlap(archive.path, status.path).isSameFileSystem }

    /// How far the mirror is, without looking at any disk.
    package var status: MirrorStatus { current.withLock { $0 } }

    /// Asks the step under way to end early; later steps end at once.
    package func stop() { stopping.ask() }

    /// Opens the mirror, or begins it, without shipping anything.
    ///
    /// - Throws: ``MirrorError`` when its folder must not or cannot be written to.
    package func open() async throws(MirrorError) {
        let result: Result<Void, MirrorError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                let opened = Result { () throws(MirrorError) in _ = try worker.shipper.open() }
                if case .failure(let error) = opened { note(nil, error) }
                continuation.resume(returning: opened)
            }
        }
        try result.get()
    }

    /// Ships some of what is missing.
    ///
    /// - Returns: The archive's end when the mirror has all that was durable; nil when there is more.
    /// - Throws: ``MirrorError``; the next step tries again from the start.
    package func step() async throws(MirrorError) -> SequenceNumber? {
        let result: Result<SequenceNumber?, MirrorError> = await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: stepNow()) }
        }
        return try result.get()
    }

    /// Ships what is missing, until everything is there, a step fails, or time is up.
    ///
    /// - Parameter limit: How long to wait. A disk that hangs is left to itself then.
    /// - Returns: The status at the end.
    package func finish(within limit: Duration) async -> MirrorStatus {
        await withCheckedContinuation { continuation in
            let once = Once(continuation)
            queue.async { [self] in
                // What was signed since the last look is to arrive, too.
                worker.shipper.lookAtOnce()
                var isMore = true
                while isMore, !once.isOver {
                    if case .success(nil) = stepNow() { continue }
                    isMore = false
                }
                queueWriteState(always: true)
                once.resume(returning: status)
            }
            let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) * 1e-18
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
                stop()
                once.resume(returning: status)
            }
        }
    }

    /// Closes the mirror's files and gives up its lock.
    package func close() async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                queueWriteState(always: true)
                worker.shipper.forget()
                continuation.resume()
            }
        }
    }

    // MARK: - On the queue

    /// What is touched on the queue only.
    private final class Worker: @unchecked Sendable {
        // Unchecked: `queue` runs one block after the other.
        var shipper: Shipper
        let options: MirrorOptions
        var written: MirrorState?
        var nextWrite: ContinuousClock.Instant

        init(shipper: Shipper, options: MirrorOptions) {
            self.shipper = shipper
            self.options = options
            nextWrite = options.now()
        }
    }

    private func stepNow() -> Result<SequenceNumber?, MirrorError> {
        do throws(MirrorError) {
            let outcome = try worker.shipper.step()
            note(outcome, nil)
            return .success(outcome == .upToDate ? worker.shipper.arrived.sequence : nil)
        } catch {
            worker.shipper.forget()
            if error.code != .stopped { note(nil, error) }
            return .failure(error)
        }
    }

    private func note(_ outcome: Shipper.Outcome?, _ error: MirrorError?) {
        let arrived = worker.shipper.arrived
        // Only figures: where the archive cannot be looked at, the error tells.
        let lag = try? MirrorLag(archive, arrived: arrived)
        current.withLock { status in
            if error == nil { status.records = arrived.sequence.rawValue }
            if let lag {
                status.behind = lag.records
                status.bytesBehind = lag.bytes
            }
            if outcome == .upToDate { status.at = CaptureTime.now().text }
            // What went wrong is told until everything is there again.
            guard let problem = error ?? (outcome == .upToDate ? worker.shipper.sideProblem : nil) else {
                guard outcome == .upToDate else { return }
                status.problem = nil
                status.remedy = nil
                return
            }
            status.problem = "\(problem)"
            status.remedy = problem.remedy
        }
        queueWriteState(always: false)
    }

    /// Seconds between two writings of what changes all the time.
    private static let writeInterval = Duration.seconds(5)

    private func queueWriteState(always: Bool) {
        let state = MirrorState(status)
        guard state != worker.written, worker.shipper.isKnown || state.problem == nil else { return }
        let isUrgent = worker.written == nil || worker.written?.problem != state.problem
        guard always || isUrgent || worker.options.now() >= worker.nextWrite else { return }
        // A mirror that was named once, for rotating disks, does not displace one that is being kept up.
        if let other = MirrorState(archive), other.path != state.path, isFollowed(other.path) { return }
        // Derived: when it cannot be written, the archive's disk has troubles of its own, and capture tells of them.
        try? state.write(archive)
        worker.written = state
        worker.nextWrite = worker.options.now() + Self.writeInterval
    }

    private func isFollowed(_ path: String) -> Bool {
        let other = Archive(
            url: URL(filePath: path, directoryHint: .isDirectory), origin: archive.origin,
            files: archive.files)
        // A mirror that cannot be looked at is followed by nobody.
        switch try? WriterLock.look(other) {
        case .durable, .starting: return true
        case .noWriter, nil: return false
        }
    }
}

/// Whether somebody asked for an early end.
private final class Stopping: Sendable {
    private let asked = Atomic(false)
    var isAsked: Bool { asked.load(ordering: .relaxed) }
    func ask() { asked.store(true, ordering: .relaxed) }
}

/// A continuation that several may resume; the first one does.
private final class Once: Sendable {
    private let continuation: Mutex<CheckedContinuation<MirrorStatus, Never>?>

    init(_ continuation: CheckedContinuation<MirrorStatus, Never>) { self.continuation = Mutex(continuation) }

    var isOver: Bool { continuation.withLock { $0 == nil } }

    func resume(returning status: MirrorStatus) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: status)
    }
}
