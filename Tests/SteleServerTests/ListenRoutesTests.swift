// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import SteleEvents
import SteleListener
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleServer

@Suite("Listening routes")
struct ListenRoutesTests {
    @Test("records a signed callback once, and says so")
    func records() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service().application.test(.router) { client in
                let callback = ServerBench.callback("1")
                try await client.expect(200, "{\"recorded\":0}\n", post: "/callback", callback)
                #expect(try bench.records == 1, "durable before the answer")
                try await client.expect(200, "{\"duplicate\":true}\n", post: "/callback", callback)
                let metrics = try await client.get("/metrics").1
                #expect(metrics.contains("stele_listener_records_total{route=\"callback\"} 1\n"))
                #expect(metrics.contains("stele_listener_duplicates_total{route=\"callback\"} 1\n"))
            }
            #expect(try bench.records == 1)
            try await bench.log.close()
        }
    }

    /// A body that gets another answer than 200.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let body: String
        let status: Int
        let reason: String

        init(_ description: String, _ body: String, _ status: Int, _ reason: String) {
            (testDescription, self.body, self.status, self.reason) = (description, body, status, reason)
        }
    }

    @Test(
        "answers bad callbacks with the right status, records nothing and counts them",
        arguments: [
            Refusal("wrong signature", ServerBench.callback("1", secret: "wrong"), 401, "bad_signature"),
            Refusal(
                "no signature", #"{"callId":"org#app_1","appkey":"org#app","timestamp":17}"#, 401, "unsigned"),
            Refusal(
                "another app", #"{"callId":"o#p_1","security":"00","timestamp":17,"appkey":"o#p"}"#, 401,
                "unknown_app"),
            Refusal("an empty body", "", 400, "not_json"), Refusal("junk", "\u{0}\u{1}]]{", 400, "not_json"),
            Refusal("a form", "a=1&b=2", 400, "not_json"), Refusal("cut", #"{"callId":"#, 400, "not_json"),
            Refusal("two values", "{}{}", 400, "not_json"),
            Refusal("200,000 deep", String(repeating: "[", count: 200_000), 400, "too_deep"),
            Refusal("an unsigned array", "[1,2]", 401, "unsigned"),
            Refusal("40 MB", String(repeating: "x", count: 40_000_000), 413, "too_large"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service().application.test(.router) { client in
                for path in ["/callback", "/callback/pre"] {
                    let (status, body) = try await client.post(path, refusal.body)
                    #expect(status == refusal.status)
                    let problem = try JSONDocument(text: body).root
                    #expect(problem["error"]?.string?.isEmpty == false)
                    #expect(problem["hint"]?.string?.isEmpty == false)
                    #expect(!body.contains("org#app"), "nothing of the payload is repeated")
                }
                let metrics = try await client.get("/metrics").1
                #expect(metrics.contains("stele_listener_rejected_total{reason=\"\(refusal.reason)\"} 2\n"))
            }
            #expect(try bench.records == 0)
            try await bench.log.close()
        }
    }

    @Test("stops reading a body once it is too large")
    func stopsReading() async throws {
        let reading = BodyReading(maximumBytes: 100, timeout: .seconds(1))
        let count = Counter()
        let chunks = AsyncStream<ByteBuffer> {
            count.next()
            return ByteBuffer(repeating: 0, count: 30)
        }
        await #expect(throws: Problem.self) {
            try await reading.collect(Throwing(base: chunks), clock: ContinuousClock())
        }
        #expect(count.value == 4)
    }

    @Test("gives up on a body that trickles in")
    func tooSlow() async throws {
        let reading = BodyReading(maximumBytes: 1000, timeout: .seconds(10))
        let clock = ManualClock()
        let chunks = AsyncStream<ByteBuffer> {
            clock.advance(by: .seconds(4))
            return ByteBuffer(repeating: 0, count: 1)
        }
        do {
            _ = try await reading.collect(Throwing(base: chunks), clock: clock)
            Issue.record("an endless body was read")
        } catch let problem as Problem {
            #expect(problem.status == .requestTimeout)
        }
    }

    @Test("records what it does not know, and answers 200")
    func unknownKinds() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service(secrets: [:]).application.test(.router) { client in
                for body in [#"{"chat_type":"telepathy"}"#, "[]", "1", "null", #"{"a":1}"#] {
                    try await client.expect(200, post: "/callback", body)
                }
            }
            #expect(try bench.records == 5)
            try await bench.log.close()
        }
    }

    @Test("takes unsigned callbacks without a secret on a loopback address only")
    func unsigned() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service(secrets: [:], isLoopback: false).application.test(.router) { client in
                try await client.expect(401, post: "/callback", "{}")
            }
            let reaction = #"{"chat_type":"notify","msg_id":"1","payload":{"type":"reaction"}}"#
            try await bench.service(unsigned: [.reaction]).application.test(.router) { client in
                try await client.expect(200, post: "/callback", reaction)
                try await client.expect(401, post: "/callback", "{}")
            }
            #expect(try bench.records == 1)
            try await bench.log.close()
        }
    }

    @Test("answers a pre-send callback with the platform's own words")
    func preSend() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service().application.test(.router) { client in
                try await client.expect(
                    200, #"{"valid":true}"#, post: "/callback/pre", ServerBench.callback("1"))
                // The message itself, once it was sent, is another sighting.
                try await client.expect(
                    200, "{\"recorded\":1}\n", post: "/callback", ServerBench.callback("1"))
            }
            try await bench.log.close()
        }
    }

    @Test("keeps the good lines of a tap and names the bad ones")
    func tap() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            let body = """
                {"at":1,"flow":"in","handler":"onTextMessage","message":{"accessToken":"s3cret"}}\r
                {"at":2,

                {"at":3,"flow":"out","call":"send","options":{}}
                """
            try await bench.service().application.test(.router) { client in
                let (status, answer) = try await client.post("/tap/%E7%BA%BF%201", body)
                #expect(status == 200)
                let report = try JSONDocument(text: answer).root
                #expect(
                    ["read", "recorded", "duplicates", "rejected"].map { report.member(named: $0)?.int64 }
                        == [3, 2, 0, 1])
                let problem = try #require(report["problems"]?.elements.first { _ in true })
                #expect(problem["line"]?.int64 == 2)
                #expect(problem["reason"]?.string?.hasPrefix("not JSON at byte") == true)
                let again = try JSONDocument(text: try await client.post("/tap/%E7%BA%BF%201", body).1).root
                #expect(again["duplicates"]?.int64 == 2)
                try await client.expect(400, post: "/tap/s", "junk\n{")
                try await client.expect(200, post: "/tap/s", "")
            }
            try await bench.log.close()
            var cursor = try LogReader(bench.archive).cursor(from: .zero)
            guard case .lines(let lines)? = try cursor.next() else {
                Issue.record("nothing recorded")
                return
            }
            let record = try Record(line: JSONDocument(Array(lines[0])))
            #expect(record.session == "线 1")
            #expect(record.flow == .in)
            #expect(record.blanked == ["message.accessToken"])
            #expect(!String(decoding: lines.bytes, as: UTF8.self).contains("s3cret"))
        }
    }

    @Test("takes nothing from web pages, and no taps where others could connect")
    func forbidden() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            let service = bench.service(secrets: [:], isTapOpen: false)
            try await service.application.test(.router) { client in
                let page: HTTPFields = [.origin: "https://example.org"]
                try await client.expect(403, post: "/callback", "{}", headers: page)
                try await client.expect(403, post: "/tap/s", "{}")
            }
            #expect(try bench.records == 0)
            try await bench.log.close()
        }
    }

    @Test("takes taps from the web pages it was told of, and tells their browsers so")
    func namedOrigin() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            let service = bench.service(tapOrigins: ["https://app.example"])
            try await service.application.test(.router) { client in
                let page: HTTPFields = [.origin: "https://app.example"]
                let other: HTTPFields = [.origin: "https://app.example.org"]
                let asked = try await client.execute(uri: "/tap/s", method: .options, headers: page)
                #expect(asked.status == .noContent)
                #expect(asked.headers[.accessControlAllowOrigin] == "https://app.example")
                let posted = try await client.execute(
                    uri: "/tap/s", method: .post, headers: page, body: ByteBuffer(string: "{\"n\":1}"))
                #expect(posted.status == .ok)
                #expect(posted.headers[.accessControlAllowOrigin] == "https://app.example")
                #expect(
                    try await client.execute(uri: "/tap/s", method: .options, headers: other).status
                        == .forbidden)
                try await client.expect(403, post: "/tap/s", "{\"n\":2}", headers: other)
                try await client.expect(403, post: "/callback", ServerBench.callback("1"), headers: page)
            }
            #expect(try bench.records == 1)
            try await bench.log.close()
        }
    }

    @Test(
        "answers 503 while the log cannot be written, then recovers by itself and has not forgotten the event"
    )
    func logFailure() async throws {
        try await withTemporaryDirectory { folder in
            let files = FailingFiles()
            let bench = try ServerBench(folder, files: files)
            try await bench.service().application.test(.router) { client in
                files.disk.isFull = true
                for _ in 0..<2 {
                    let (status, body) = try await client.post("/callback", ServerBench.callback("1"))
                    #expect(status == 503)
                    #expect(try JSONDocument(text: body).root["hint"]?.string?.isEmpty == false)
                }
                try await client.expect(503, post: "/callback/pre", ServerBench.callback("1"))
                try await client.expect(503, post: "/tap/s", "{}")
                files.disk.isFull = false
                try await client.expect(
                    200, "{\"recorded\":0}\n", post: "/callback", ServerBench.callback("1"))
                let metrics = try await client.get("/metrics").1
                #expect(metrics.contains("stele_listener_failed_total 4\n"))
            }
            #expect(try bench.records == 1)
            try await bench.log.close()
        }
    }

    @Test(
        "knows a loopback address",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
            ("127.example.org", false), ("10.0.0.1", false), ("", false), ("128.0.0.1", false), ("::", false),
        ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(ServerOptions.isLoopback(host) == isLoopback)
    }
}
