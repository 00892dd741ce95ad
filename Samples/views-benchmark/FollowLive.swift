// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog
import SteleProjection
import Synchronization

/// How far the views are behind a log that is being written.
struct FollowLive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live", abstract: "Appends events at a rate while the views follow, and tells the lag.",
        discussion: """
            The lag of a batch is the time from the acknowledgement of its oldest record to the commit of the rows: \
            how old the newest news was for a reader just before. Views that hold records already are followed on.
            """)

    @Argument(help: "JSON events, one a line.") var events: String
    @Argument(help: "The archive's folder; a new one is made.") var archive: String
    @Option(help: "Events a second.") var rate = 20_000
    @Option(help: "How long.") var seconds = 10.0

    struct Result: Encodable {
        var events: Int
        var rate: Double
        var medianLag: Double
        var worstLag: Double
        /// How long the views took for what was left when the last append was acknowledged.
        var catchUp: Double
    }

    func run() async throws {
        let archive = try Archive.openOrCreate(URL(filePath: archive, directoryHint: .isDirectory))
        let views = try Views.open(archive)
        let writer = try LogWriter.open(archive)
        let lags = Lags(after: writer.durableEnd)
        let start = ContinuousClock.now
        var count = 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            let projector = try Projector(views: views, archive: archive)
            group.addTask { try await projector.follow(writer) { lags.applied($0) } }
            count = try await append(to: writer, lags)
            let appended = start.secondsAgo
            try await writer.close()
            try await group.waitForAll()
            let (median, worst) = lags.summary
            try Output.print(
                Result(
                    events: count, rate: Double(count) / appended, medianLag: median, worstLag: worst,
                    catchUp: start.secondsAgo - appended))
        }
    }

    /// A hundred commits a second; one that is late is followed by the next at once.
    private func append(to writer: LogWriter, _ lags: Lags) async throws -> Int {
        var file = try EventFile(events)
        let start = ContinuousClock.now
        var count = 0
        for tick in 0..<Int(seconds * 100) {
            try await Task.sleep(until: start + .milliseconds(10 * tick), clock: .continuous)
            guard let batch = try file.nextBatch(rate / 100) else { break }
            lags.acknowledged(try await writer.append(batch).upperBound)
            count += batch.count
        }
        return count
    }
}

/// When records were acknowledged, and how long after that they were in the views.
private final class Lags: Sendable {
    private struct State {
        var applied: SequenceNumber
        var acknowledged: [(end: SequenceNumber, time: ContinuousClock.Instant)] = []
        var next = 0
        var lags: [Double] = []
    }

    private let state: Mutex<State>

    init(after start: SequenceNumber) { state = Mutex(State(applied: start)) }

    func acknowledged(_ end: SequenceNumber) {
        state.withLock { $0.acknowledged.append((end, .now)) }
    }

    func applied(_ end: SequenceNumber) {
        state.withLock { state in
            // The oldest record of the batch is in the first commit that ends beyond what was applied before.
            if state.next < state.acknowledged.count {
                state.lags.append(state.acknowledged[state.next].time.secondsAgo)
            }
            while state.next < state.acknowledged.count, state.acknowledged[state.next].end <= end {
                state.next += 1
            }
            state.applied = end
        }
    }

    var summary: (median: Double, worst: Double) {
        state.withLock { state in
            let sorted = state.lags.sorted()
            return (sorted.isEmpty ? 0 : sorted[sorted.count / 2], sorted.last ?? 0)
        }
    }
}
