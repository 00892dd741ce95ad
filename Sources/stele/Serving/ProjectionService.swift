// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import SteleLog
import SteleProjection
import Synchronization

/// Folds new records into the views for as long as the log is open.
///
/// When the views cannot be written, capturing goes on: they can be rebuilt, what is not recorded cannot. The service says so
/// once, is not ready until they follow again, and tries by itself: a full disk has room again one day. Only when it is asked to
/// stop and the views still lack records does the process end with the error.
struct ProjectionService: Service {
    let archive: Archive
    let views: Views
    let log: LogWriter
    let logger: Logger
    private let trouble = Trouble()

    /// Between two tries: short at first, for what passes soon.
    private static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(5), .seconds(10)]

    init(archive: Archive, views: Views, log: LogWriter, logger: Logger) {
        self.archive = archive
        self.views = views
        self.log = log
        self.logger = logger
    }

    /// Why the views do not follow; nil while they do.
    var obstacle: String? { trouble.text.withLock { $0 } }

    func run() async throws {
        var failures = 0
        while true {
            do {
                let projector = try Projector(views: views, archive: archive)
                try await projector.follow(log) { _ in over() }
                break
            } catch is CancellationError {
                return
            } catch {
                say(error)
                // Once the log is closed, what is missing can only be folded now.
                if Task.isShuttingDownGracefully { throw error }
                let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
                failures += 1
                // Woken by the shutdown: then it is tried a last time.
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
                if Task.isCancelled { throw error }
            }
        }
        try? await gracefulShutdown()  // The log was closed first: wait for one's turn.
    }

    /// Tells of an obstacle when it is a new one.
    private func say(_ error: any Error) {
        let text = "\(error)"
        let isNew = trouble.text.withLock { known in
            defer { known = "the views do not follow the log: \(text)" }
            return known != "the views do not follow the log: \(text)"
        }
        guard isNew else { return }
        logger.error(
            "the views do not follow the log; recording goes on, and it is tried again",
            metadata: ["reason": "\(text)", "remedy": "Mend the cause; nothing else is to be done."])
    }

    /// Rows were written: an obstacle, if there was one, is gone.
    private func over() {
        let wasThere = trouble.text.withLock { text in
            defer { text = nil }
            return text != nil
        }
        if wasThere { logger.notice("the views follow the log again") }
    }

    private final class Trouble: Sendable {
        let text = Mutex<String?>(nil)
    }
}
