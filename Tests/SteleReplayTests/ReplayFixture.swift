// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleTestSupport
import Synchronization

@testable import SteleReplay

/// A clock that stands still until it is waited for, and then is exactly where it was asked to be.
final class VirtualClock: ReplayClock {
    private let time = Mutex<Int64>(7_000_000)
    private let waits = Mutex<[Int64]>([])

    var now: Int64 { time.withLock { $0 } }
    /// Every deadline asked for, in order.
    var deadlines: [Int64] { waits.withLock { $0 } }

    func wait(until deadline: Int64) async throws {
        try Task.checkCancellation()
        waits.withLock { $0.append(deadline) }
        time.withLock { $0 = max($0, deadline) }
    }

    /// Somebody else took so long.
    func advance(by nanoseconds: Int64) { time.withLock { $0 += nanoseconds } }
}

/// A log of invented callbacks in a temporary folder.
struct ReplayFixture {
    static let app = AppKey("tea-house#atelier")

    let archive: Archive
    var reader: LogReader { get throws { try LogReader(archive) } }

    /// Runs `body` with a log of the payloads given, one record each.
    static func with(
        _ payloads: [String], surface: Surface = .callback, session: String? = nil,
        _ body: (ReplayFixture) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let archive = try Archive.create(folder.appendingPathComponent("archive"))
            let log = try LogWriter.open(archive)
            var batch = LineBatch()
            for payload in payloads {
                batch.append { line in
                    Record.appendMembers(
                        surface: surface, flow: .none, session: session, payload: Array(payload.utf8),
                        isJSON: true,
                        to: &line)
                }
            }
            _ = try await log.append(batch)
            try await log.close()
            try await body(ReplayFixture(archive: archive))
        }
    }

    func cursor(_ plan: ReplayPlan) throws -> ReplayCursor { try ReplayCursor(plan, of: reader) }

    func player(_ plan: ReplayPlan, clock: VirtualClock) throws -> ReplayPlayer<VirtualClock> {
        ReplayPlayer(plan, cursor: try cursor(plan), clock: clock)
    }

    /// A signed callback for a message from lin to `to`, so many milliseconds after a fixed hour of 2025.
    static func callback(_ number: Int, to: String = "alice", after milliseconds: Int) -> String {
        let id = "90000000000\(1000 + number)"
        return
            #"{"callId":"tea-house#atelier_\#(id)","eventType":"chat","timestamp":\#(1_763_600_000_000 + milliseconds),"#
            + #""chat_type":"chat","from":"lin","to":"\#(to)","msg_id":"\#(id)","#
            + #""payload":{"ext":{},"bodies":[{"msg":"n\#(number)","type":"txt"}]},"security":"old","#
            + #""appkey":"tea-house#atelier"}"#
    }
}
