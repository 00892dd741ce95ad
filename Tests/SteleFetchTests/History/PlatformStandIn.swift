// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on loopback that answers as a test says: well, slowly, in part, or not at all.
final class PlatformStandIn: Sendable {
    struct Request: Hashable, Sendable {
        var method: String
        var uri: String
        var authorization: String?
        var host: String
        var body: String
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Announces so many bytes more than are sent, then closes.
        var missingBytes = 0
        /// Answers nothing and closes.
        var isSilent = false

        static func json(_ text: String, status: Int = 200) -> Reply {
            Reply(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
        }
    }

    private let channel: any Channel
    private let seen: Seen
    let port: Int

    /// What was asked so far, in order.
    var asked: [Request] { seen.requests.withLock { $0 } }

    /// Runs `body` with a server that `answer`s: told each request, and how many like it came before.
    static func with<Value>(
        _ answer: @escaping @Sendable (Request, _ before: Int) -> Reply,
        _ body: (PlatformStandIn) async throws -> Value
    ) async throws -> Value {
        let server = try await PlatformStandIn(answer)
        do {
            let value = try await body(server)
            try await server.channel.close()
            return value
        } catch {
            try await server.channel.close()
            throw error
        }
    }

    private init(_ answer: @escaping @Sendable (Request, Int) -> Reply) async throws {
        let seen = Seen()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Handler(seen, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.seen = seen
    }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let seen: Seen
        private let answer: @Sendable (Request, Int) -> Reply
        private var request: Request?

        init(_ seen: Seen, _ answer: @escaping @Sendable (Request, Int) -> Reply) {
            self.seen = seen
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(
                    method: head.method.rawValue, uri: head.uri,
                    authorization: head.headers.first(name: "Authorization"),
                    host: head.headers.first(name: "Host") ?? "", body: "")
            case .body(let part): request?.body += String(buffer: part)
            case .end:
                guard let request else { return }
                let before = seen.requests.withLock { requests in
                    let count = requests.count { $0.uri == request.uri && $0.method == request.method }
                    requests.append(request)
                    return count
                }
                send(answer(request, before), context)
            }
        }

        private func send(_ reply: Reply, _ context: ChannelHandlerContext) {
            guard !reply.isSilent else { return context.close(promise: nil) }
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status))
            for (name, value) in reply.headers { head.headers.add(name: name, value: value) }
            head.headers.replaceOrAdd(
                name: "Content-Length", value: String(reply.body.count + reply.missingBytes))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
            if reply.missingBytes > 0 {
                context.close(promise: nil)
            } else {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
