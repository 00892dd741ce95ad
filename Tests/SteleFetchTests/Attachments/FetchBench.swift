// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Logging
import SteleEvents
import SteleListener
import SteleLog
import SteleProjection
import SteleTestSupport
import SteleWire

@testable import SteleFetch

/// An archive with invented messages whose files lie on a ``FileHost``.
struct FetchBench {
    let archive: Archive

    static func with<Value>(_ body: (FetchBench, FileHost) async throws -> Value) async throws -> Value {
        try await withTemporaryDirectory { folder async throws in
            try await FileHost.with { host in
                let archive = try Archive.openOrCreate(folder.appending(path: "archive"))
                return try await body(FetchBench(archive: archive), host)
            }
        }
    }

    /// Limits that wait for nobody, and ask this machine.
    static func limits(_ host: FileHost) -> FetchLimits {
        var limits = FetchLimits()
        limits.hosts = HostRules(names: ["127.0.0.1:\(host.port)"])
        limits.firstPauseSeconds = 0
        limits.firstRestSeconds = 0
        limits.tries = 1
        limits.maximumBytes = 100_000
        return limits
    }

    // MARK: Messages

    /// Records a callback with each of these bodies.
    func record(_ bodies: String...) async throws {
        try await withListener { listener in
            _ = try await listener.receive(
                bodies.map { Received(surface: .callback, payload: Array(Self.callback($0).utf8)) })
        }
    }

    static func callback(_ body: String) -> String {
        let number = UInt64(SHA256.hash(data: Data(body.utf8)).prefix(3).reduce(0) { $0 << 8 | Int($1) })
        let time: UInt64 = 1_763_600_000_000 + number
        let id = ((time / 1000 - 1_417_564_800) << 32) | ((time % 1000) << 22) | 4096
        return
            #"{"callId":"o#a_\#(id)","eventType":"chat","timestamp":\#(time),"chat_type":"chat","from":"lin","#
            + #""to":"alice","msg_id":"\#(id)","payload":{"ext":{},"bodies":[\#(body)]},"appkey":"o#a"}"#
    }

    static func image(_ url: String, secret: String? = nil, length: Int? = nil, thumbnail: String? = nil)
        -> String
    {
        var body = #"{"type":"img","filename":"a.jpg","url":"\#(url)""#
        if let secret { body += #","secret":"\#(secret)""# }
        if let length { body += #","file_length":\#(length)"# }
        if let thumbnail { body += #","thumb":"\#(thumbnail)""# }
        return body + "}"
    }

    static func combine(_ url: String) -> String {
        #"{"type":"txt","subType":"sub_combine","title":"t","summary":"s","combineLevel":1,"url":"\#(url)","msg":"m"}"#
    }

    /// A bundle's file with a message for each body.
    static func bundle(_ bodies: [Body]) throws -> [UInt8] {
        try SteleWire.Bundle(
            messages: bodies.enumerated().map { index, body in
                BundleMessage(
                    id: MessageID("\(1_400_000_000_000_000_000 + index)"), app: AppKey("o#a"),
                    from: UserID("lin"),
                    to: "alice", kind: .chat, time: Instant(milliseconds: 1_763_600_000_000), body: body)
            }
        ).encoded()
    }

    static func attachment(_ url: String) -> Attachment {
        var attachment = Attachment()
        attachment.url = url
        attachment.uuid = AttachmentURL.uuid(in: url)
        attachment.filename = "x"
        return attachment
    }

    static func inner(combine url: String) -> Body {
        .combine(Combine(title: "t", summary: "s", compatibleText: "m", level: 1, bundle: attachment(url)))
    }

    // MARK: Fetching

    /// Fetches once what the views want.
    @discardableResult
    func fetch(
        _ limits: FetchLimits, isAsked: Bool = true, retriesFailed: Bool = false,
        scope: FilePlanner.Scope = FilePlanner.Scope()
    ) async throws -> FetchCounters.Counts {
        let views = try Projector.upToDate(archive)
        let counters = FetchCounters()
        try await withListener { listener in
            _ = try await fetcher(
                limits, views, listener, isAsked: isAsked, retriesFailed: retriesFailed, scope: scope,
                counters: counters
            ).fetchOnce()
        }
        return counters.current
    }

    func fetcher(
        _ limits: FetchLimits, _ views: Views, _ listener: Listener, isAsked: Bool = true,
        retriesFailed: Bool = false, scope: FilePlanner.Scope = FilePlanner.Scope(),
        counters: FetchCounters = FetchCounters()
    ) -> AttachmentFetcher {
        AttachmentFetcher(
            archive: archive, views: views, listener: listener,
            rules: FetchRules(limits, isAsked: isAsked, retriesFailed: retriesFailed), scope: scope,
            counters: counters, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func withListener<Value>(_ body: (Listener) async throws -> Value) async throws -> Value {
        let log = try LogWriter.open(archive)
        do {
            let listener = try Listener(log: log, archive: archive)
            let value = try await body(listener)
            await listener.close()
            try await log.close()
            return value
        } catch {
            try await log.close()
            throw error
        }
    }

    // MARK: What came of it

    /// Every try in the log, in order.
    func tries() throws -> [AttachmentFetch] {
        try lines().compactMap { line in
            guard case .attachment(let fetch) = try RecordedEvent(line: line).event.kind else { return nil }
            return fetch
        }
    }

    func lines() throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var cursor = try LogReader(archive).cursor(from: .zero)
        while let chunk = try cursor.next() {
            guard case .lines(let found) = chunk else { continue }
            for index in 0..<found.count { lines.append(Array(found[index])) }
        }
        return lines
    }

    func entry(_ uuid: String, _ part: FileName.Part = .file) throws -> AttachmentEntry? {
        let name = FileName(uuid: uuid, part: part)
        return try Projector.upToDate(archive).read { try $0.attachments([name])[name] }
    }

    /// Names of all files in the store, half-written ones too.
    func stored() throws -> [String] {
        let root = archive.attachmentsURL.appending(path: "sha256")
        guard FileManager.default.fileExists(atPath: root.path) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: root.path)
            .filter { $0.contains("/") || $0.hasSuffix(".partial") }
            .map { $0.split(separator: "/").last.map(String.init) ?? $0 }.sorted()
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: Data(bytes)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// The bytes of an invented file.
func content(_ seed: UInt64, count: Int = 1000) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
