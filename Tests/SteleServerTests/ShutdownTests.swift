// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleServer

@Suite("Shutting down")
struct ShutdownTests {
    @Test("ends by itself with every answered callback on the disk", .timeLimit(.minutes(5)))
    func gracefully() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            let (ports, listening) = AsyncStream.makeStream(of: Int.self)
            let (answers, answered) = AsyncStream.makeStream(of: Void.self)
            let service = bench.service(port: 0) { listening.yield($0) }
            let group = ServiceGroup(services: [service], logger: ServerBench.silent)
            let acknowledged = Counter()
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                let port = try #require(await ports.first { _ in true })
                for client in 0..<8 {
                    tasks.addTask {
                        await Self.post(from: client, to: port) {
                            acknowledged.next()
                            answered.yield()
                        }
                    }
                }
                // In the middle of the traffic.
                for await _ in answers where acknowledged.value >= 40 { break }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(acknowledged.value >= 40)
            #expect(try bench.records >= UInt64(acknowledged.value))
            try await bench.log.close()
        }
    }

    /// Posts callbacks over one connection until the server takes no more.
    private static func post(from client: Int, to port: Int, acknowledged: () -> Void) async {
        let connection = TestClient(
            host: "127.0.0.1", port: port, configuration: .init(timeout: .seconds(20)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton))
        connection.connect()
        for number in 0..<100_000 {
            // A refused or closed connection is the server's end, which is what is waited for.
            guard
                let response = try? await connection.post(
                    "/callback", body: ByteBuffer(string: ServerBench.callback("\(client)-\(number)")))
            else { break }
            guard response.status == .ok else { break }
            acknowledged()
        }
        // It may be closed already.
        try? await connection.shutdown()
    }
}
