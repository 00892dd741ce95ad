// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server on the loopback address that answers as a test tells it to, well or badly.
package final class FileHost: Sendable {
    /// What one path is answered with.
    package enum Reply: Sendable {
        /// These bytes, head and all; then the connection is closed.
        case raw(String, [UInt8] = [])
        /// Nothing, ever.
        case silence
        /// These bytes, and then nothing more, ever.
        case stall(String, [UInt8])

        package static func ok(_ body: [UInt8], type: String = "image/jpeg", more: String = "") -> Reply {
            .raw(
                "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\(more)\r\n",
                body)
        }

        package static func status(_ code: Int, _ body: String = "", more: String = "") -> Reply {
            .raw(
                "HTTP/1.1 \(code) Told\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\(more)\r\n",
                Array(body.utf8)
            )
        }

        package static func redirect(to location: String) -> Reply {
            .status(302, more: "Location: \(location)\r\n")
        }
    }

    /// A request as it came.
    package struct Request: Hashable, Sendable {
        package let path: String
        /// Names in lower case.
        package let headers: [String: String]
    }

    private let desk: Desk
    private let channel: any Channel
    package let port: Int

    /// Runs `body` with a host that is gone afterwards.
    package static func with<Value>(_ body: (FileHost) async throws -> Value) async throws -> Value {
        let host = try await FileHost()
        do {
            let value = try await body(host)
            try await host.stop()
            return value
        } catch {
            try await host.stop()
            throw error
        }
    }

    private init() async throws {
        let desk = Desk()
        self.desk = desk
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Answering(desk))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    private func stop() async throws {
        try await channel.close()
        for connection in desk.state.withLock({ $0.connections }) {
            // Closed already, most often.
            try? await connection.close()
        }
    }

    /// `http://127.0.0.1:PORT/app/org/chatfiles/UUID`, answered with `reply` from now on; `query` begins with `?`.
    @discardableResult
    package func file(_ uuid: String, query: String = "", _ reply: Reply) -> String {
        let path = "/org/app/chatfiles/\(uuid)\(query)"
        set(path, reply)
        return "http://127.0.0.1:\(port)\(path)"
    }

    package func set(_ path: String, _ reply: Reply) { desk.state.withLock { $0.replies[path] = reply } }

    package var requests: [Request] { desk.state.withLock { $0.requests } }

    /// Waits until a path was asked for.
    package func wait(for path: String) async {
        await withCheckedContinuation { continuation in
            let isThere = desk.state.withLock { state in
                if state.requests.contains(where: { $0.path == path }) { return true }
                state.waiting.append((path, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// What is answered with, and what was asked.
    private final class Desk: Sendable {
        struct State {
            var replies: [String: Reply] = [:]
            var requests: [Request] = []
            var waiting: [(path: String, continuation: CheckedContinuation<Void, Never>)] = []
            var connections: [any Channel] = []
        }

        let state = Mutex(State())

        func answer(_ head: HTTPRequestHead, on channel: any Channel) -> Reply {
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in
                first
            }
            let (reply, awaited) = state.withLock { state in
                state.requests.append(Request(path: head.uri, headers: headers))
                state.connections.append(channel)
                let awaited = state.waiting.filter { $0.path == head.uri }
                state.waiting.removeAll { $0.path == head.uri }
                return (
                    state.replies[head.uri] ?? .status(404, #"{"error":"entity_not_found"}"#),
                    awaited.map(\.continuation)
                )
            }
            for continuation in awaited { continuation.resume() }
            return reply
        }
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        private let desk: Desk

        init(_ desk: Desk) { self.desk = desk }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            switch desk.answer(head, on: context.channel) {
            case .silence: break
            case .stall(let head, let body):
                context.writeAndFlush(NIOAny(Self.buffer(head, body)), promise: nil)
            case .raw(let head, let body):
                let channel = context.channel
                channel.writeAndFlush(Self.buffer(head, body)).whenComplete { _ in
                    channel.close(promise: nil)
                }
            }
        }

        private static func buffer(_ head: String, _ body: [UInt8]) -> ByteBuffer {
            var buffer = ByteBuffer(string: head)
            buffer.writeBytes(body)
            return buffer
        }
    }
}
