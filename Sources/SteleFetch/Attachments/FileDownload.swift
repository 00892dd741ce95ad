// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SteleEvents
import SteleLog
import SteleWire

/// One try to get one file into the archive.
struct FileDownload: Sendable {
    let archive: Archive
    let limits: FetchLimits
    let clients: PinnedClients
    let disk: DiskQueue

    /// How often a server may send on to another address.
    private static let maximumRedirects = 3
    /// Bytes of an error's text that are read.
    private static let maximumErrorBytes = 4096
    /// Bytes of a bundle's file that are taken: the platform's largest has a fortieth of that.
    private static let maximumBundleBytes: Int64 = 64 << 20

    /// What the try came to.
    struct Report: Hashable, Sendable {
        var outcome: FetchOutcome
        var sha256: String?
        var bytes: Int64?
        var status: UInt?
        var mediaType: String?
        /// The hosts that servers sent on to.
        var redirects: [String] = []
        var why: String?

        init(_ outcome: FetchOutcome, why: String? = nil) {
            self.outcome = outcome
            self.why = why
        }
    }

    /// Tries it: the `turn`th time.
    ///
    /// - Throws: `CancellationError`, and `LogError` when the file cannot be written; whatever the network does is a report.
    func run(_ file: FileReference, turn: Int) async throws -> Report {
        try await withDeadline(milliseconds: limits.timeoutMilliseconds) {
            try await follow(file, turn)
        } ?? Report(.interrupted, why: "it took longer than \(limits.timeoutMilliseconds / 1000) seconds")
    }

    /// Asks, and asks where it is sent on to.
    private func follow(_ file: FileReference, _ turn: Int) async throws -> Report {
        var url = file.url
        var redirects: [String] = []
        var first: HostRules.Target?
        while true {
            let target: HostRules.Target
            switch await limits.hosts.verdict(on: url, turn: turn) {
            case .refused(let why): return report(Report(.hostRefused, why: why), redirects)
            case .unknown(let why): return report(Report(.unreachable, why: why), redirects)
            case .go(let found): target = found
            }
            if let first, Self.isDowngrade(from: first.scheme, to: target.scheme) {
                return report(Report(.hostRefused, why: "the server sends on from https to http"), redirects)
            }
            first = first ?? target
            // What opens the file is for the server that keeps it, and for no other.
            let secret = target.origin == first?.origin ? file.secret : nil
            switch try await ask(target, secret, file) {
            case .done(let result): return report(result, redirects)
            case .elsewhere(let location):
                guard redirects.count < Self.maximumRedirects,
                    let next = HostRules.following(location, from: target.url)
                else {
                    let why = "the server sends on more than \(Self.maximumRedirects) times, or nowhere"
                    return report(Report(.refused, why: why), redirects)
                }
                redirects.append(target.host)
                url = next
            }
        }
    }

    /// Whether what was asked for under encryption would be asked for without.
    static func isDowngrade(from first: String, to next: String) -> Bool {
        first == "https" && next != "https"
    }

    private func report(_ report: Report, _ redirects: [String]) -> Report {
        var report = report
        report.redirects = redirects
        return report
    }

    private enum Answer: Sendable {
        case done(Report)
        case elsewhere(location: String)
    }

    private func ask(_ target: HostRules.Target, _ secret: String?, _ file: FileReference) async throws
        -> Answer
    {
        var request = HTTPClientRequest(url: target.url)
        request.headers.add(name: "User-Agent", value: "stele")
        // What is stored is what the server keeps: nothing to unpack, and no small answer that grows.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if let secret { request.headers.add(name: AttachmentURL.secretItem, value: secret) }
        do {
            return try await clients.use(target) { [request] client in
                let response: HTTPClientResponse
                do {
                    response = try await Self.execute(request, client)
                } catch {
                    throw NetworkFailure(.unreachable, error)
                }
                return try await read(response, file)
            }
        } catch let failure as NetworkFailure {
            try Task.checkCancellation()
            return .done(Report(failure.outcome, why: failure.why))
        }
    }

    /// Asks again at once when the connection was closed without an answer: most often it had been kept open for long, and
    /// the server gave it up in the same moment.
    private static func execute(_ request: HTTPClientRequest, _ client: HTTPClient) async throws
        -> HTTPClientResponse
    {
        do {
            return try await client.execute(request, deadline: .distantFuture)
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            return try await client.execute(request, deadline: .distantFuture)
        }
    }

    /// An answer that did not begin, or did not end.
    private struct NetworkFailure: Error {
        let outcome: FetchOutcome
        let why: String

        init(_ outcome: FetchOutcome, _ error: any Error) {
            self.outcome = outcome
            why = FileDownload.words(for: error)
        }
    }

    private func read(_ response: HTTPClientResponse, _ file: FileReference) async throws -> Answer {
        let status = response.status.code
        switch status {
        case 200:
            var report = try await store(response, file)
            report.status = status
            report.mediaType = response.headers.first(name: "Content-Type").map { String($0.prefix(100)) }
            return .done(report)
        case 301, 302, 303, 307, 308:
            guard let location = response.headers.first(name: "Location") else {
                return .done(refusal(.refused, status, why: "the server sends on, and does not say where"))
            }
            return .elsewhere(location: location)
        case 401, 403: return .done(refusal(.forbidden, status))
        case 410: return .done(refusal(.expired, status))
        case 404:
            // A text that cannot be read to its end says nothing.
            let body = try? await response.body.collect(upTo: Self.maximumErrorBytes)
            let isExpired = body.map { String(buffer: $0).contains("file_expired") } ?? false
            return .done(
                refusal(isExpired ? .expired : .notFound, status, why: isExpired ? "file_expired" : nil))
        case 408, 425, 429, 500...: return .done(refusal(.unreachable, status))
        default: return .done(refusal(.refused, status))
        }
    }

    private func refusal(_ outcome: FetchOutcome, _ status: UInt, why: String? = nil) -> Report {
        var report = Report(outcome, why: why ?? "the server answered \(status)")
        report.status = status
        return report
    }

    // MARK: Taking the content

    private func store(_ response: HTTPClientResponse, _ file: FileReference) async throws -> Report {
        if let encoding = response.headers.first(name: "Content-Encoding"),
            encoding.lowercased() != "identity"
        {
            return Report(.mismatch, why: "the server packed it, though it was asked not to")
        }
        guard limits.takes(mediaType: response.headers.first(name: "Content-Type")) else {
            return Report(.typeRefused, why: "its type is not among those asked for")
        }
        let limit =
            file.kind == .combine ? min(limits.maximumBytes, Self.maximumBundleBytes) : limits.maximumBytes
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int64($0) }), length > limit
        {
            return tooBig(length, limit)
        }
        let draft = try await disk.run { try archive.newAttachment() }
        do {
            guard try await fill(draft, response.body, limit: limit) else {
                try await disk.run { draft.discard() }
                return tooBig(nil, limit)
            }
            return try await disk.run { try keep(draft, file) }
        } catch {
            try await disk.run { draft.discard() }
            throw error
        }
    }

    private func tooBig(_ bytes: Int64?, _ limit: Int64) -> Report {
        var report = Report(.tooBig, why: "the limit is \(limit) bytes")
        report.bytes = bytes
        return report
    }

    /// Writes the content; false when it is larger than the limit.
    private func fill(_ draft: AttachmentDraft, _ body: HTTPClientResponse.Body, limit: Int64) async throws
        -> Bool
    {
        var count: Int64 = 0
        var pieces = body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do {
                piece = try await pieces.next()
            } catch {
                throw NetworkFailure(.interrupted, error)
            }
            guard let piece else { return true }
            count += Int64(piece.readableBytes)
            guard count <= limit else { return false }
            let bytes = Array(piece.readableBytesView)
            try await disk.run { try draft.append(bytes) }
        }
    }

    /// Keeps the content under its hash, and compares it with what the message says.
    ///
    /// Content that is something else is kept too: the message's length is the sender's word, and what the server gave is
    /// the better evidence.
    private func keep(_ draft: AttachmentDraft, _ file: FileReference) throws -> Report {
        let (sha256, byteCount) = try draft.keep()
        var report = Report(.stored)
        report.sha256 = sha256
        report.bytes = byteCount
        if let stated = file.statedBytes, stated != byteCount {
            report.outcome = .mismatch
            report.why = "\(byteCount) bytes came, and the message states \(stated)"
        } else if file.kind == .combine {
            let bytes = [UInt8](try Data(contentsOf: archive.attachmentURL(sha256: sha256)))
            do throws(BundleError) {
                _ = try SteleWire.Bundle(file: bytes)
            } catch {
                report.outcome = .mismatch
                report.why = error.reason
            }
        }
        return report
    }

    /// What kept an answer from coming, in a few words of printable ASCII.
    static func words(for error: any Error) -> String {
        let text =
            switch error as? HTTPClientError {
            case .connectTimeout: "no connection was made in time"
            case .readTimeout: "the server fell silent"
            case .remoteConnectionClosed: "the server closed the connection"
            case .some(let error): "\(error)"
            case nil: "\(error)"
            }
        return String(text.unicodeScalars.prefix(160).map { (" "..."~").contains($0) ? Character($0) : "?" })
    }
}

/// Does `body`, nil when it was not done in time.
private func withDeadline<Value: Sendable>(
    milliseconds: Int64, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .milliseconds(milliseconds))
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
