// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The thread that writes sealed segments anew behind the capture, one after the other, with what time is left.
///
/// What is not done when the writer closes, the next writer finds by the segments' headers.
///
/// Unchecked because the compiler cannot see that `door` guards every `var`.
final class SealedRewriter: @unchecked Sendable {
    private let archive: Archive
    private let rewrite: SealedRewrite

    private let door = NSCondition()
    /// Sealed segments that may be larger than they need to be.
    private var waiting: [SequenceNumber] = []
    private var isWorking = true
    private var isStopping = false
    private var hasStopped = false
    private var firstFailure: LogError?
    private var idlers: [Idler] = []

    /// Somebody who waits until nothing is to be done, and is told how it goes.
    private struct Idler {
        var continuation: CheckedContinuation<Void, Never>
        var progress: @Sendable (_ left: Int) -> Void
    }

    /// Nil when sealed segments are to stay as they are.
    init?(_ archive: Archive, options: LogOptions) {
        guard let level = options.sealedCompressionLevel else { return nil }
        self.archive = archive
        rewrite = SealedRewrite(archive, options: options, level: level)
    }

    var failure: LogError? { withDoor { firstFailure } }

    private func withDoor<Result>(_ body: () -> Result) -> Result {
        door.lock()
        defer { door.unlock() }
        return body()
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "stele log shrink"
        thread.start()
    }

    /// Adds a segment that was just sealed.
    func add(_ segment: SequenceNumber) {
        withDoor {
            waiting.append(segment)
            door.broadcast()
        }
    }

    /// Resumes once nothing is to be done.
    func whenIdle(
        _ continuation: CheckedContinuation<Void, Never>, progress: @escaping @Sendable (Int) -> Void
    ) {
        let left: Int? = withDoor {
            guard isWorking || !waiting.isEmpty, !hasStopped else { return nil }
            idlers.append(Idler(continuation: continuation, progress: progress))
            return waiting.count + (isWorking ? 1 : 0)
        }
        if let left { progress(left) } else { continuation.resume() }
    }

    /// Stops after the member that is being written, and returns when the thread touches nothing any more.
    func stop() {
        door.lock()
        isStopping = true
        door.broadcast()
        while !hasStopped { door.wait() }
        door.unlock()
    }

    // MARK: - The thread

    private func run() {
        #if canImport(Glibc)
            // Of this thread alone, there. A refusal only means that it competes with the capture.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #endif
        findWork()
        while let segment = nextSegment() {
            do throws(LogError) {
                switch try rewrite.run(segment, isStopping: { withDoor { isStopping } }) {
                case .rewritten, .left, .stopped: break
                case .damaged(let what): note(.damaged("log/" + Archive.segmentName(segment), what))
                }
            } catch {
                note(error)
            }
        }
        let idlers = withDoor {
            hasStopped = true
            isWorking = false
            door.broadcast()
            defer { self.idlers = [] }
            return self.idlers
        }
        for idler in idlers { idler.continuation.resume() }
    }

    /// Finds what an earlier writer left to be done, and removes what it left half done.
    private func findWork() {
        do throws(LogError) {
            try archive.removePartialSegments()
            let sealed = try archive.segments().dropLast()
            withDoor { waiting.insert(contentsOf: sealed.filter { !waiting.contains($0) }, at: 0) }
        } catch {
            note(error)
        }
    }

    /// Waits for the next segment; nil when it is time to stop.
    private func nextSegment() -> SequenceNumber? {
        door.lock()
        while waiting.isEmpty && !isStopping {
            isWorking = false
            let idle = idlers
            idlers = []
            door.unlock()
            for idler in idle { idler.continuation.resume() }
            door.lock()
            if waiting.isEmpty && !isStopping { door.wait() }
        }
        isWorking = !isStopping
        let next = isStopping ? nil : waiting.removeFirst()
        let told = idlers
        let left = waiting.count + 1
        door.unlock()
        if next != nil { for idler in told { idler.progress(left) } }
        return next
    }

    private func note(_ error: LogError) { withDoor { firstFailure = firstFailure ?? error } }
}

extension Archive {
    /// Removes segments that a writer was killed over while it wrote them anew.
    fileprivate func removePartialSegments() throws(LogError) {
        do throws(FileFailure) {
            for name in try files.names(in: logPath) where name.hasSuffix(SealedRewrite.suffix) {
                try files.remove(logPath + "/" + name)
            }
        } catch {
            throw LogError(error)
        }
    }
}
