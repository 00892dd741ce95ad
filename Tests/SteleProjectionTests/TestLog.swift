// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import Synchronization

/// What a surface delivered, before the log took it.
struct Delivery: Hashable, Sendable {
    var surface: Surface
    var flow: Flow = .none
    var isPreSend = false
    var session: String?
    var app: AppKey?
    var payload: String

    static func callback(_ payload: String) -> Delivery { Delivery(surface: .callback, payload: payload) }
    static func preSend(_ payload: String) -> Delivery {
        Delivery(surface: .callback, isPreSend: true, payload: payload)
    }
    static func history(_ payload: String, app: AppKey? = nil) -> Delivery {
        Delivery(surface: .history, app: app, payload: payload)
    }
    static func sdk(_ payload: String, session: String, flow: Flow = .in) -> Delivery {
        Delivery(surface: .sdk, flow: flow, session: session, payload: payload)
    }
}

/// An archive in a folder, with whatever deliveries in its log.
struct TestLog {
    let archive: Archive
    /// Capture times are a millisecond apart.
    private static let start: Int64 = 1_790_000_000_000_000

    init(_ folder: URL) throws { archive = try Archive.openOrCreate(folder.appending(path: "archive")) }

    init(_ folder: URL, _ deliveries: [Delivery]) async throws {
        try self.init(folder)
        try await append(deliveries)
    }

    func append(_ deliveries: [Delivery]) async throws {
        try await append(deliveries.map(Self.members))
    }

    /// Appends lines as they are, well formed or not.
    func append(_ members: [[UInt8]]) async throws {
        let writer = try LogWriter.open(archive, options: Self.options(from: members.count))
        try await Self.append(members, to: writer)
        try await writer.close()
    }

    static func append(_ members: [[UInt8]], to writer: LogWriter) async throws {
        for start in stride(from: 0, to: members.count, by: 100) {
            var batch = LineBatch()
            for member in members[start..<min(start + 100, members.count)] { batch.append { $0 += member } }
            _ = try await writer.append(batch)
        }
    }

    static func options(from count: Int = 0) -> LogOptions {
        let now = Mutex(start)
        var options = LogOptions()
        options.clock = {
            now.withLock { time in
                time += 1000
                return time
            }
        }
        return options
    }

    static func members(_ delivery: Delivery) -> [UInt8] {
        var members: [UInt8] = []
        Record.appendMembers(
            surface: delivery.surface, flow: delivery.flow, isPreSend: delivery.isPreSend,
            session: delivery.session, app: delivery.app, payload: Array(delivery.payload.utf8), isJSON: true,
            to: &members)
        return members
    }

    /// The views of all there is in the log.
    func views() throws -> Views { try Projector.upToDate(archive) }
}

/// Folds deliveries in a folder of their own and asks the views.
func withViews<Value>(
    of deliveries: [Delivery], _ body: (Views, TestLog) throws -> Value
) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "stele-views-\(UUID().uuidString)")
    // What a failed removal leaves behind is in the system's temporary folder.
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = try await TestLog(folder, deliveries)
    return try body(log.views(), log)
}
