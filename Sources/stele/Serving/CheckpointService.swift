// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import SteleLog

/// Keeps checkpoints while the log grows: one an interval, and one when the log was closed.
///
/// It reads the log as any reader does, a member at most, and is never on the way of a record. When it fails, recording
/// goes on, and the next turn tries again.
struct CheckpointService: Service {
    let keeper: CheckpointKeeper
    let interval: Duration
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            // Woken early by the end of the process: the log is closed by then, and this is the last turn.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
            keep()
        }
    }

    private func keep() {
        do {
            guard let note = try keeper.keepIfGrown() else { return }
            logger.info("checkpoint kept", metadata: ["records": "\(note.checkpoint.size)"])
        } catch {
            logger.error(
                "no checkpoint was kept; recording goes on",
                metadata: ["reason": "\(error)", "remedy": "\(error.remedy)"])
        }
    }
}
