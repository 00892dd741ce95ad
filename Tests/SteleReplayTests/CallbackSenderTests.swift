// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Synchronization
import Testing

@testable import SteleReplay

@Suite("Callbacks sent again")
struct CallbackSenderTests {
    private static let payloads = (0..<12).map { ReplayFixture.callback($0, after: $0) }

    private func sender(inFlight: Int = 1, secrets: [AppKey: String] = [:]) throws -> CallbackSender {
        var options = CallbackSender.Options()
        options.maximumInFlight = inFlight
        options.secrets = secrets
        return try CallbackSender(endpoint: "http://127.0.0.1:9/callback", options: options)
    }

    /// What an endpoint saw, and how many requests it had at a time.
    private final class Endpoint: Sendable {
        struct Seen {
            var bodies: [String] = []
            var open = 0
            var mostOpen = 0
        }
        let seen = Mutex(Seen())

        func answer(_ body: [UInt8], _ decide: (Int) -> CallbackSender.Answer) async -> CallbackSender.Answer
        {
            let number = seen.withLock { seen in
                seen.open += 1
                seen.mostOpen = max(seen.mostOpen, seen.open)
                seen.bodies.append(String(decoding: body, as: UTF8.self))
                return seen.bodies.count
            }
            for _ in 0..<20 { await Task.yield() }
            seen.withLock { $0.open -= 1 }
            return decide(number)
        }
    }

    @Test("one in flight: in order, each after the answer to the one before")
    func inOrder() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            let endpoint = Endpoint()
            let report = try await sender().run(&player) { await endpoint.answer($0) { _ in .accepted } }
            #expect(endpoint.seen.withLock { $0.bodies } == Self.payloads)
            #expect(endpoint.seen.withLock { $0.mostOpen } == 1)
            #expect(report.sent == 12 && report.accepted == 12 && report.retried == 0)
        }
    }

    @Test("never more in flight than allowed", arguments: [2, 5])
    func bounded(limit: Int) async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            let endpoint = Endpoint()
            let report = try await sender(inFlight: limit).run(&player) {
                await endpoint.answer($0) { _ in .accepted }
            }
            #expect(report.accepted == 12)
            #expect(endpoint.seen.withLock { Set($0.bodies) } == Set(Self.payloads))
            #expect(endpoint.seen.withLock { $0.mostOpen } <= limit)
        }
    }

    @Test("refused once: tried again at once; refused twice: reported by its sequence")
    func retries() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            let endpoint = Endpoint()
            // Requests 1, 2: record 0. Requests 3, 4: record 1. From then on all is well.
            let report = try await sender().run(&player) { body in
                await endpoint.answer(body) { [1, 3, 4].contains($0) ? .refused(status: 503) : .accepted }
            }
            let bodies = endpoint.seen.withLock { $0.bodies }
            #expect(bodies[0] == bodies[1] && bodies[2] == bodies[3] && bodies.count == 14)
            #expect(
                report.sent == 12 && report.accepted == 11 && report.retried == 2 && report.failureCount == 1)
            #expect(report.failures == [.init(sequence: 1, reason: "answered 503")])
        }
    }

    @Test("no answer to the first at all ends the replay; to a later one is a failure among others")
    func unreachable() async throws {
        try await ReplayFixture.with(Self.payloads) { fixture in
            var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            let error = await #expect(throws: ReplayError.self) {
                _ = try await self.sender().run(&player) { _ in .lost(reason: "connection refused") }
            }
            #expect(error?.code == .unreachable)
            let endpoint = Endpoint()
            player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            let report = try await sender().run(&player) { body in
                await endpoint.answer(body) { $0 == 1 ? .accepted : .lost(reason: "reset") }
            }
            #expect(report.accepted == 1 && report.failureCount == 11)
        }
    }

    @Test("signed anew for the apps whose secret is known, as recorded for the others")
    func signs() async throws {
        try await ReplayFixture.with([Self.payloads[0]]) { fixture in
            for (app, isChanged) in [(ReplayFixture.app, true), (AppKey("org#other"), false)] {
                var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
                let endpoint = Endpoint()
                _ = try await sender(secrets: [app: "s"]).run(&player) {
                    await endpoint.answer($0) { _ in .accepted }
                }
                let body = try #require(endpoint.seen.withLock { $0.bodies.first })
                #expect((body != Self.payloads[0]) == isChanged)
                #expect(body.replacing(#/"security":"\w+"/#, with: #""security":"old""#) == Self.payloads[0])
            }
        }
    }

    @Test("what is no post-send callback is counted and not sent")
    func skips() async throws {
        try await ReplayFixture.with(Self.payloads, surface: .history) { fixture in
            var player = try fixture.player(ReplayPlan(), clock: VirtualClock())
            let report = try await sender().run(&player) { _ in .accepted }
            #expect(report.sent == 0 && report.skipped == 12)
        }
    }

    @Test(
        "an endpoint is an http or https URL",
        arguments: ["ftp://x", "127.0.0.1:8080", "http://", "", "https:/x"])
    func badEndpoint(text: String) {
        #expect(throws: ReplayError.self) { try CallbackSender(endpoint: text, options: .init()) }
    }
}
