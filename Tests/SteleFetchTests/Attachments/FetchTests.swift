// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import Testing

@testable import SteleFetch

@Suite("Fetching")
struct FetchTests {
    @Test("a file and its thumbnail are stored, and each try is a record without the secret")
    func stored() async throws {
        try await FetchBench.with { bench, host in
            let (picture, small) = (content(1), content(2, count: 10))
            let url = host.file("AA-1", .ok(picture))
            let thumbnail = host.file("AA-1", query: "?thumbnail=true", .ok(small))
            try await bench.record(
                FetchBench.image(url, secret: "very-secret", length: picture.count, thumbnail: thumbnail))
            let counts = try await bench.fetch(FetchBench.limits(host))
            #expect(counts.ended == [.stored: 2])
            #expect(counts.bytes == 1010)
            #expect(
                try bench.entry("aa-1")?.state
                    == .stored(sha256: FetchBench.sha256(picture), bytes: Int64(picture.count)))
            #expect(
                try bench.entry("aa-1", .thumbnail)?.state
                    == .stored(sha256: FetchBench.sha256(small), bytes: 10))
            #expect(try bench.stored() == [picture, small].map(FetchBench.sha256).sorted())
            #expect(host.requests.allSatisfy { $0.headers["share-secret"] == "very-secret" })
            #expect(host.requests.allSatisfy { $0.headers["accept-encoding"] == "identity" })
            let tries = try bench.lines().filter {
                String(decoding: $0, as: UTF8.self).contains("\"attachment\"")
            }
            #expect(tries.count == 2)
            #expect(tries.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("very-secret") })
            // Nothing is wanted any more.
            #expect(try await bench.fetch(FetchBench.limits(host)).tries == [:])
            #expect(host.requests.count == 2)
        }
    }

    /// What a server may do, and what the record says of it.
    static let badAnswers: [(name: String, reply: FileHost.Reply, outcome: FetchOutcome)] = [
        ("expired", .status(404, #"{"error":"file_expired","error_description":"x"}"#), .expired),
        ("gone", .status(410), .expired),
        ("unknown", .status(404, #"{"error":"entity_not_found"}"#), .notFound),
        ("no token", .status(401, #"{"error":"auth_bad_access_token"}"#), .forbidden),
        ("wrong secret", .status(403), .forbidden),
        ("bad request", .status(400), .refused),
        ("no content", .status(204), .refused),
        ("overloaded", .status(503), .unreachable),
        ("too often", .status(429), .unreachable),
        ("says it is too big", .ok([1], more: "").lying(length: 100_001), .tooBig),
        (
            "is too big", .raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", content(3, count: 100_001)),
            .tooBig
        ),
        ("packed", .ok(bomb, more: "Content-Encoding: gzip\r\n"), .mismatch),
        ("cut", .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", [1, 2, 3]), .interrupted),
        (
            "cut in a chunk",
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"), .interrupted
        ),
        ("falls silent", .stall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", [1]), .interrupted),
        ("silent", .silence, .unreachable),
        ("no HTTP", .raw("220 ready\r\n\r\n"), .unreachable),
        ("nowhere", .status(302), .refused),
        ("to a private address", .redirect(to: "http://10.0.0.1/"), .hostRefused),
        ("to the clouds' metadata", .redirect(to: "http://169.254.169.254/latest"), .hostRefused),
        ("to a file", .redirect(to: "file:///etc/passwd"), .hostRefused),
    ]

    /// The first bytes of a gzip file: nobody is to unpack them.
    private static let bomb: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + content(4, count: 200)

    @Test("a bad answer leaves no file and says what it was", arguments: badAnswers.map(\.name))
    func badAnswer(name: String) async throws {
        let answer = try #require(Self.badAnswers.first { $0.name == name })
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", answer.reply)))
            var limits = FetchBench.limits(host)
            limits.silenceMilliseconds = 100
            let counts = try await bench.fetch(limits)
            #expect(counts.ended == [answer.outcome: 1])
            #expect(try bench.stored() == [])
            let tries = try bench.tries()
            #expect(tries.map(\.outcome) == [answer.outcome.rawValue])
            #expect(tries.allSatisfy { $0.sha256 == nil && !$0.isAgain && $0.why != nil })
            #expect(try bench.entry("u")?.state == .failed(outcome: answer.outcome.rawValue))
        }
    }

    @Test("a server that sends on in a circle is left")
    func circle() async throws {
        try await FetchBench.with { bench, host in
            let url = host.file("u", .silence)
            host.file("u", .redirect(to: url))
            try await bench.record(FetchBench.image(url))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.refused: 1])
            #expect(host.requests.count == 4)
        }
    }

    @Test("a server that nobody listens on is unreachable")
    func nobody() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image("http://127.0.0.1:1/o/a/chatfiles/u"))
            var limits = FetchBench.limits(host)
            limits.hosts = HostRules(names: ["127.0.0.1"])
            #expect(try await bench.fetch(limits).ended == [.unreachable: 1])
        }
    }

    @Test("a download that takes too long is broken off")
    func tooLong() async throws {
        try await FetchBench.with { bench, host in
            let reply = FileHost.Reply.stall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", [1])
            try await bench.record(FetchBench.image(host.file("u", reply)))
            var limits = FetchBench.limits(host)
            limits.timeoutMilliseconds = 50
            #expect(try await bench.fetch(limits).ended == [.interrupted: 1])
            #expect(try bench.stored() == [])
        }
    }

    @Test("content of another length than the message states is kept, and told apart")
    func otherLength() async throws {
        try await FetchBench.with { bench, host in
            let other = content(5, count: 50)
            try await bench.record(FetchBench.image(host.file("u", .ok(other)), length: 51))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.mismatch: 1])
            #expect(try bench.stored() == [FetchBench.sha256(other)])
            let entry = try #require(try bench.entry("u"))
            #expect(entry.state == .failed(outcome: "mismatch"))
            #expect(entry.kept == FetchBench.sha256(other))
            #expect(entry.why == "50 bytes came, and the message states 51")
        }
    }

    @Test("a content type that was not asked for is refused")
    func otherType() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(
                FetchBench.image(host.file("u", .ok([1], type: "text/html; charset=utf-8"))),
                FetchBench.image(host.file("v", .ok([2], type: "image/png"))))
            var limits = FetchBench.limits(host)
            limits.mediaTypes = ["image/*"]
            #expect(try await bench.fetch(limits).ended == [.typeRefused: 1, .stored: 1])
        }
    }

    @Test("kinds that are not asked for are left alone, without a record")
    func otherKind() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", .ok([1]))))
            var limits = FetchBench.limits(host)
            limits.kinds = [.voice]
            #expect(try await bench.fetch(limits).tries == [:])
            #expect(host.requests == [])
        }
    }

    @Test("the same content under two names is stored once")
    func once() async throws {
        try await FetchBench.with { bench, host in
            let bytes = content(6)
            try await bench.record(
                FetchBench.image(host.file("u", .ok(bytes))), FetchBench.image(host.file("v", .ok(bytes))))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 2])
            #expect(try bench.stored() == [FetchBench.sha256(bytes)])
            #expect(try bench.entry("u")?.state == bench.entry("v")?.state)
        }
    }

    @Test("what passes is tried again, as often as allowed, and then given up")
    func again() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", .status(503))))
            var limits = FetchBench.limits(host)
            limits.tries = 3
            let counts = try await bench.fetch(limits)
            #expect(counts.tries == [.unreachable: 3])
            #expect(counts.ended == [.unreachable: 1])
            #expect(try bench.tries().map(\.isAgain) == [true, true, false])
            #expect(try await bench.fetch(limits).tries == [:])
            host.file("u", .ok([1]))
            #expect(try await bench.fetch(limits, retriesFailed: true).ended == [.stored: 1])
            #expect(try bench.entry("u")?.tries == 4)
        }
    }

    @Test("a file that was too big is fetched when the limit is raised")
    func raised() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", .ok(content(7, count: 200)))))
            var limits = FetchBench.limits(host)
            limits.maximumBytes = 199
            #expect(try await bench.fetch(limits).ended == [.tooBig: 1])
            #expect(try await bench.fetch(limits).tries == [:])
            limits.maximumBytes = 200
            #expect(try await bench.fetch(limits).ended == [.stored: 1])
        }
    }

    @Test("only the named conversation and the time asked for are looked at")
    func scope() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", .ok([1]))))
            var scope = FilePlanner.Scope()
            scope.conversations = [(.chat(UserID("lin"), UserID("bob")), nil)]
            #expect(try await bench.fetch(FetchBench.limits(host), scope: scope).tries == [:])
            scope.conversations = [(.chat(UserID("lin"), UserID("alice")), nil)]
            scope.to = Instant(milliseconds: 1_763_600_000_000)
            #expect(try await bench.fetch(FetchBench.limits(host), scope: scope).tries == [:])
            scope.to = nil
            #expect(try await bench.fetch(FetchBench.limits(host), scope: scope).ended == [.stored: 1])
        }
    }
}

extension FileHost.Reply {
    /// The same answer with another `Content-Length`.
    fileprivate func lying(length: Int) -> FileHost.Reply {
        .raw("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n", [1])
    }
}
