// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Streams a signed address into a file: no credentials are sent with it, for it may lead to another host.
struct FileFetch {
    let client: HTTPClient
    let maximumBytes: Int64
    /// Whether an address that an answer leads to may be followed.
    let admits: (String) -> Bool

    private static let maximumRedirects = 3

    enum Outcome: Equatable {
        case whole(bytes: Int64)
        /// Another try may succeed.
        case failed(reason: String, after: Duration?)
        /// No other try will.
        case refused(reason: String)
    }

    /// Fetches into `path`, which must not be there; what is there after anything but success is of no use.
    func run(_ url: String, into path: String) async throws -> Outcome {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        do {
            var url = url
            var response = try await client.execute(Self.request(url), deadline: .distantFuture)
            for _ in 0..<Self.maximumRedirects where (300..<400).contains(response.status.code) {
                guard let next = response.headers.first(name: "Location"), admits(next) else { break }
                url = next
                response = try await client.execute(Self.request(url), deadline: .distantFuture)
            }
            switch response.status.code {
            case 200: break
            case 401, 403, 404, 410:
                // The signature expired or was never good: a new one must be asked for.
                return .failed(reason: "status \(response.status.code)", after: nil)
            default:
                return .failed(
                    reason: "status \(response.status.code)", after: PlatformClient.retryAfter(response))
            }
            return try await keep(response, descriptor, path)
        } catch let error as FetchError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .failed(reason: PlatformClient.reason(error), after: nil)
        }
    }

    private static func request(_ url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: "stele")
        return request
    }

    private func keep(
        _ response: HTTPClientResponse, _ descriptor: Int32, _ path: String
    ) async throws -> Outcome {
        let length = response.headers.first(name: "Content-Length").flatMap(Int64.init)
        guard length ?? 0 <= maximumBytes else { return tooLarge }
        var bytes: Int64 = 0
        var head: [UInt8] = []
        for try await piece in response.body {
            bytes += Int64(piece.readableBytes)
            guard bytes <= maximumBytes else { return tooLarge }
            if head.count < 2 { head += piece.readableBytesView.prefix(2 - head.count) }
            try Self.write(piece, descriptor, path)
        }
        if let length, bytes != length {
            return .failed(reason: "\(bytes) of \(length) bytes came", after: nil)
        }
        // An error page with a good status is not worth importing, nor counting as an attempt to.
        guard head == [0x1F, 0x8B] else { return .failed(reason: "the file is not gzip data", after: nil) }
        return .whole(bytes: bytes)
    }

    private var tooLarge: Outcome { .refused(reason: "the file is larger than \(maximumBytes) bytes") }

    private static func write(_ piece: ByteBuffer, _ descriptor: Int32, _ path: String) throws(FetchError) {
        var rest = piece.readableBytesView[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure(path) }
            rest = rest.dropFirst(written)
        }
    }

    private static func failure(_ path: String) -> FetchError {
        FetchError(
            .inputOutput, "\(path): \(String(cString: strerror(errno)))",
            remedy: "Check the disk's room and the folder's permissions, then run it again.")
    }
}
