// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore

/// HTTP clients that each connect to one address for one host: the one that the rules looked at.
///
/// A client that asked the system for the address again could be led elsewhere in between. The name still stands in the
/// request and is what the certificate must be for.
actor PinnedClients {
    private struct Key: Hashable {
        var host: String
        var address: NetworkAddress
    }

    private struct Entry {
        let client: HTTPClient
        var uses = 0
    }

    /// Idle clients kept for the next file from their host.
    private static let limit = 16

    private let limits: FetchLimits
    private var entries: [Key: Entry] = [:]

    init(_ limits: FetchLimits) { self.limits = limits }

    /// Lends a client for `target` until `body` is done.
    func use<Value: Sendable>(
        _ target: HostRules.Target, _ body: @Sendable (HTTPClient) async throws -> Value
    ) async throws -> Value {
        let key = Key(host: target.host, address: target.address)
        var entry = entries[key] ?? Entry(client: client(for: key))
        entry.uses += 1
        entries[key] = entry
        let result: Result<Value, any Error>
        do { result = .success(try await body(entry.client)) } catch { result = .failure(error) }
        entries[key]?.uses -= 1
        try await dropIdle(over: Self.limit)
        return try result.get()
    }

    /// Ends all clients: nothing is under way any more.
    func shutdown() async throws { try await dropIdle(over: 0) }

    private func dropIdle(over limit: Int) async throws {
        let surplus = max(0, entries.count - limit)
        for (key, entry) in entries.filter({ $0.value.uses == 0 }).prefix(surplus) {
            entries[key] = nil
            try await entry.client.shutdown()
        }
    }

    private func client(for key: Key) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.dnsOverride = [key.host: key.address.description]
        configuration.timeout.connect = .milliseconds(min(limits.silenceMilliseconds, 10_000))
        configuration.timeout.read = .milliseconds(limits.silenceMilliseconds)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = limits.concurrencyPerHost
        // A host that does not answer is asked again by the queue, and every try is a record.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
