// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import SteleEvents

/// Plays recorded post-send callbacks into an HTTP endpoint, as the platform would send them.
///
/// One POST each, `Content-Type: application/json`, signed anew where the app's secret is known. Any answer but 200
/// is followed by one more try at once, as the platform does, and then counted as failed. Requests start in
/// recorded order; with one in flight they also arrive in it.
package struct CallbackSender: Sendable {
    private static let maximumAnswerBytes = 65_536

    private let endpoint: String
    private let options: Options

    package struct Options: Sendable {
        /// What each app's callbacks are signed with; the others keep the signature they were recorded with.
        package var secrets: [AppKey: String] = [:]
        /// Most requests under way at a time, above zero.
        package var maximumInFlight = 1
        /// How long one answer may take.
        package var timeoutSeconds: Int64 = 10

        package init() {}
    }

    /// A sender to `endpoint`.
    ///
    /// - Throws: ``ReplayError`` when it is not an `http` or `https` URL.
    package init(endpoint: String, options: Options) throws(ReplayError) {
        let scheme = endpoint.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", endpoint.dropFirst(scheme.count).hasPrefix("://"),
            endpoint.utf8.count > scheme.utf8.count + 3
        else {
            throw ReplayError(
                code: .badEndpoint, what: "'\(endpoint)' is not a URL that callbacks can be sent to.",
                remedy: "Give one that starts with http:// or https://.")
        }
        self.endpoint = endpoint
        self.options = options
    }

    /// Sends what `player` hands out, to the end, and waits for the last answer.
    ///
    /// - Throws: ``ReplayError`` when the first request gets no answer at all, and what the player throws.
    package func run<Clock>(_ player: inout ReplayPlayer<Clock>) async throws -> CallbackReport {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.maximumInFlight
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let report = try await run(&player) { await self.post($0, client) }
            try await client.shutdown()
            return report
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// As ``run(_:)``, with the request itself left to `post`.
    func run<Clock>(
        _ player: inout ReplayPlayer<Clock>, post: @escaping @Sendable ([UInt8]) async -> Answer
    ) async throws -> CallbackReport {
        var report = CallbackReport()
        try await withThrowingTaskGroup(of: CallbackReport.Delivery.self) { requests in
            var inFlight = 0
            while true {
                if inFlight == options.maximumInFlight, let delivery = try await requests.next() {
                    try add(delivery, to: &report)
                    inFlight -= 1
                }
                guard let record = try await player.next() else { break }
                guard record.surface == .callback, !record.isPreSend else {
                    report.skipped += 1
                    continue
                }
                let body = try body(of: record)
                let sequence = record.sequence
                requests.addTask { await Self.deliver(body, sequence, post) }
                inFlight += 1
            }
            while let delivery = try await requests.next() { try add(delivery, to: &report) }
        }
        return report
    }

    private func body(of record: ReplayedRecord) throws -> [UInt8] {
        let payload = try record.payload()
        guard let secret = record.event.app.flatMap({ options.secrets[$0] }) else { return payload }
        return FreshSignature.sign(payload, secret: secret)
    }

    private func add(_ delivery: CallbackReport.Delivery, to report: inout CallbackReport) throws {
        if report.sent == 0, case .failed(_, nil, let reason) = delivery {
            throw ReplayError(
                code: .unreachable, what: "No answer from \(endpoint): \(reason).",
                remedy: "Check the address and that something listens there.")
        }
        report.add(delivery)
    }

    private static func deliver(
        _ body: [UInt8], _ sequence: UInt64, _ post: @Sendable ([UInt8]) async -> Answer
    ) async -> CallbackReport.Delivery {
        if await post(body) == .accepted { return .accepted(tries: 1) }
        return switch await post(body) {
        case .accepted: .accepted(tries: 2)
        case .refused(let status): .failed(sequence, status: status, reason: "answered \(status)")
        case .lost(let reason): .failed(sequence, status: nil, reason: reason)
        }
    }

    /// What one request got.
    enum Answer: Equatable, Sendable {
        case accepted
        case refused(status: UInt)
        case lost(reason: String)
    }

    private func post(_ body: [UInt8], _ client: HTTPClient) async -> Answer {
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "stele-replay")
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await client.execute(request, timeout: .seconds(options.timeoutSeconds))
            // Read to its end, so that the connection can serve the next request.
            _ = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            return response.status == .ok ? .accepted : .refused(status: response.status.code)
        } catch {
            return .lost(reason: "\(error)")
        }
    }
}

/// What became of the callbacks of a replay.
package struct CallbackReport: Hashable, Sendable {
    /// Most failures kept by name; ``failureCount`` counts on.
    package static let maximumFailures = 100

    /// Callbacks sent, whatever became of them.
    package internal(set) var sent = 0
    /// Answered 200, at the first try or the second.
    package internal(set) var accepted = 0
    /// Tried a second time.
    package internal(set) var retried = 0
    package internal(set) var failureCount = 0
    /// The first failures, in the order in which they became known.
    package internal(set) var failures: [Failure] = []
    /// Records that are not post-send callbacks: nothing the platform would send here.
    package internal(set) var skipped = 0

    /// A callback that was refused or lost twice.
    package struct Failure: Hashable, Sendable {
        package let sequence: UInt64
        package let reason: String
    }

    enum Delivery: Sendable {
        case accepted(tries: Int)
        case failed(UInt64, status: UInt?, reason: String)
    }

    mutating func add(_ delivery: Delivery) {
        sent += 1
        switch delivery {
        case .accepted(let tries):
            accepted += 1
            if tries > 1 { retried += 1 }
        case .failed(let sequence, _, let reason):
            retried += 1
            failureCount += 1
            if failures.count < Self.maximumFailures {
                failures.append(Failure(sequence: sequence, reason: reason))
            }
        }
    }
}
