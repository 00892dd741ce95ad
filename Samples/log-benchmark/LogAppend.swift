// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// Callers that append to the log, each with one batch on its way.
struct LogAppend: Sendable {
    var callers = 8
    /// Events in a batch.
    var batch = 64
    /// Whether each batch makes a commit of its own; else a commit holds whatever waits.
    var isAlone = false
    /// Compressed bytes after which a segment is sealed; nil for the log's default.
    var segmentByteCount: Int?

    /// How long callers go on.
    enum Extent {
        case events(Int)
        case seconds(Double)
    }

    // How the log was built: with the package trait `ISAL` or with the system's zlib.
    #if ISAL
        /// The codec of what is written, for the table.
        static var codec: String { "ISA-L" }
        /// What is to be reached beside SQLite with it.
        static var goal: Row.Goal { .atLeast(2) }
    #else
        /// The codec of what is written, for the table.
        static var codec: String { "zlib \(LogOptions().compressionLevel)" }
        /// What is to be reached beside SQLite with it.
        static var goal: Row.Goal { .atLeast(1.3) }
    #endif

    var options: LogOptions {
        var options = LogOptions()
        if isAlone { options.commitByteCount = 1 }
        if let segmentByteCount { options.segmentByteCount = segmentByteCount }
        return options
    }

    /// Appends to a new archive in `folder` and closes it.
    ///
    /// - Returns: Events a second, up to the last acknowledgement.
    func run(_ events: EventList, _ extent: Extent, in folder: URL) async throws -> Double {
        let writer = try LogWriter.open(try Archive.create(folder), options: options)
        let start = ContinuousClock.now
        try await append(events, extent, to: writer)
        let rate = Double(writer.durableEnd.rawValue) / start.secondsAgo
        try await writer.close()
        return rate
    }

    /// Returns when the last batch is acknowledged.
    func append(_ events: EventList, _ extent: Extent, to writer: LogWriter) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var first = caller * batch
                    while true {
                        var end = first + batch
                        switch extent {
                        case .events(let count):
                            guard first < count else { return }
                            end = min(end, count)
                        case .seconds(let limit):
                            guard start.secondsAgo < limit else { return }
                        }
                        _ = try await writer.append(events.batch(first..<end))
                        first += callers * batch
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
