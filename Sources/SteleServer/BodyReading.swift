// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore

/// Collects a request's body within limits of size and time.
struct BodyReading {
    let maximumBytes: Int
    let timeout: Duration

    /// The whole body.
    ///
    /// - Throws: ``Problem`` 413 as soon as it is known to be too large, before more of it is read, or 408 when
    ///   it trickles in too slowly.
    func bytes(of request: Request) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > maximumBytes {
            throw tooLarge
        }
        return try await collect(request.body, clock: ContinuousClock())
    }

    func collect(
        _ body: some AsyncSequence<ByteBuffer, any Error>, clock: some Clock<Duration>
    ) async throws -> [UInt8] {
        let deadline = clock.now.advanced(by: timeout)
        var bytes: [UInt8] = []
        for try await chunk in body {
            guard bytes.count + chunk.readableBytes <= maximumBytes else { throw tooLarge }
            // A client that sends nothing at all is the idle timeout's business.
            guard clock.now <= deadline else { throw tooSlow }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    private var tooLarge: Problem {
        Problem(
            .contentTooLarge, "the body is larger than \(maximumBytes) bytes",
            hint: "Send it in smaller parts, or raise the server's limit.")
    }

    private var tooSlow: Problem {
        Problem(
            .requestTimeout, "the body did not arrive within \(timeout)", hint: "Send the request again.")
    }
}
