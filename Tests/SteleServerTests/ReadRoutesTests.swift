// SPDX-License-Identifier: Apache-2.0

import HummingbirdTesting
import SteleEvents
import SteleLog
import SteleTestSupport
import Synchronization
import Testing

@testable import SteleServer

@Suite("Reading routes")
struct ReadRoutesTests {
    /// A read side that repeats what it was asked.
    private static let echo = ReadSide(
        conversations: { query in
            guard query == ViewpointQuery() else { return pages(["\(query)\n"]) }
            return pages(["{\"id\":\"chat:a:b\"}\n", "{\"id\":\"group:1\"}\n"])
        },
        messages: { query in
            guard query.conversation.hasSuffix("chat:a:b") else { return nil }
            return pages(["\(query)\n"])
        },
        search: { query in
            switch query.text {
            case "refuse": throw ReadRefusal(.misunderstood, "no", remedy: "Ask otherwise.")
            case "absent": throw ReadRefusal(.notFound, "no", remedy: "Ask otherwise.")
            default: return pages(["\(query)\n"])
            }
        },
        status: { Array("{\"records\":0}\n".utf8) })

    private static func pages(_ texts: [String]) -> ReadSide.Pages {
        let rest = Mutex(texts[...])
        return { rest.withLock { $0.popFirst().map { Array($0.utf8) } } }
    }

    private func ask(_ paths: [String], _ check: @Sendable ([(Int, String)]) throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service(readSide: Self.echo).application.test(.router) { client in
                var answers: [(Int, String)] = []
                for path in paths { answers.append(try await client.get(path)) }
                try check(answers)
            }
            try await bench.log.close()
        }
    }

    @Test("streams lists page by page")
    func lists() async throws {
        try await ask(["/api/conversations", "/api/status"]) { answers in
            #expect(answers[0] == (200, "{\"id\":\"chat:a:b\"}\n{\"id\":\"group:1\"}\n"))
            #expect(answers[1] == (200, "{\"records\":0}\n"))
        }
    }

    @Test("hands on what is asked of a conversation, with an app before its name or without")
    func messages() async throws {
        try await ask([
            "/api/conversations/chat:a:b/messages?from=2026-11-23&to=2026-11-23T02:40:00Z&limit=5&as-of=7&as-seen-by=Bob",
            "/api/conversations/org%23app/chat:a:b/messages",
            "/api/conversations/org%23app%2Fchat%3Aa%3Ab/messages",
            "/api/conversations/chat:x:y/messages", "/api/conversations/chat:a:b",
        ]) { answers in
            #expect(answers.map(\.0) == [200, 200, 200, 404, 404])
            for part in [
                "limit: Optional(5)", "asOf: Optional(\"7\")", "conversation: \"chat:a:b\"",
                "asSeenBy: Optional(bob)",
            ] {
                #expect(answers[0].1.contains(part))
            }
            #expect(answers[1].1.contains("\"org#app/chat:a:b\""))
            #expect(answers[2].1 == answers[1].1)
            let problem = try JSONDocument(text: answers[3].1).root
            #expect(problem["hint"] != nil)
        }
    }

    @Test("hands on from where the archive is looked at, and refuses in the one shape what cannot be")
    func viewpoints() async throws {
        let viewpoint = "as-of=2026-11-23T02:40:00Z&clock=happened&as-seen-by=Bob"
        try await ask([
            "/api/conversations?\(viewpoint)", "/api/search?q=x&\(viewpoint)",
            "/api/conversations/chat:a:b/messages?\(viewpoint)&explain",
            "/api/conversations/chat:a:b/messages?explain=perhaps", "/api/search?q=refuse",
            "/api/search?q=absent",
        ]) { answers in
            #expect(answers.map(\.0) == [200, 200, 200, 400, 400, 404])
            for (_, body) in answers.prefix(3) {
                for part in [
                    "asOf: Optional(\"2026-11-23T02:40:00Z\")", "clock: Optional(\"happened\")",
                    "asSeenBy: Optional(bob)",
                ] {
                    #expect(body.contains(part), "\(body)")
                }
            }
            #expect(answers[2].1.contains("explains: true"))
            let refusal = try JSONDocument(text: answers[4].1).root
            #expect(refusal["hint"]?.string == "Ask otherwise.")
        }
    }

    @Test("hands on what is searched, Chinese and query signs too")
    func search() async throws {
        try await ask([
            "/api/search?q=%E4%BD%A0%E5%A5%BD%20%26%20%22x%22&sender=Alice&conversation=group:1",
            "/api/search",
            "/api/search?q=x&limit=0", "/api/search?q=x&from=yesterday",
        ]) { answers in
            #expect(answers.map(\.0) == [200, 400, 400, 400])
            #expect(answers[0].1.contains("你好 & \\\"x\\\""))
        }
    }

    @Test("has no such routes without a read side, and one shape for every problem")
    func missing() async throws {
        try await withTemporaryDirectory { folder in
            let bench = try ServerBench(folder)
            try await bench.service(readiness: { "the views are being rebuilt" }).application.test(.router) {
                client in
                for path in ["/api/status", "/nothing", "/callback"] {
                    let (status, body) = try await client.get(path)
                    #expect(status == 404)
                    #expect(try JSONDocument(text: body).root["error"]?.string?.isEmpty == false)
                }
                let health = try await client.get("/healthz")
                #expect(health == (200, "{\"ok\":true}\n"))
                let ready = try await client.get("/readyz").0
                #expect(ready == 503)
            }
            try await bench.service().application.test(.router) { client in
                let ready = try await client.get("/readyz").0
                #expect(ready == 200)
            }
            try await bench.log.close()
        }
    }
}
