// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTestSupport
import Testing

@testable import SteleProjection

/// What the views keep about completeness is derived from their own rows, whatever the order.
struct CoverageTests {
    private static let time: Int64 = 1_763_600_400_000  // 2025-11-20T01:00:00Z
    private static let app = AppKey(Payload.app)

    private static func hour(_ outcome: HistoryHour.Outcome, _ key: String = "2025112009") throws -> Delivery
    {
        var hour = HistoryHour(app: app, hour: try #require(HourKey(key)), outcome: outcome, source: .file)
        hour.add(Instant(milliseconds: time))
        hour.zone = hour.zoneByLines
        return .history(String(decoding: hour.payload, as: UTF8.self), app: app)
    }

    @Test(
        "the counts are those of the messages' rows, live and rebuilt",
        arguments: 1...4 as ClosedRange<UInt64>)
    func counts(seed: UInt64) async throws {
        let deliveries =
            History(seed: seed, count: 200).deliveries + [try Self.hour(.whole), try Self.hour(.whole)]
        try await withTemporaryDirectory { folder in
            let log = try TestLog(folder)
            let views = try Views.open(log.archive)
            for start in stride(from: 0, to: deliveries.count, by: 23) {
                try await log.append(Array(deliveries[start..<min(start + 23, deliveries.count)]))
                _ = try log.views()
            }
            for _ in 0..<2 {
                func count(_ sql: String) throws -> Int64? {
                    try views.read { try $0.statement(sql).first { $0.int(0) } }
                }
                let wrong = try count(
                    """
                    SELECT count(*) FROM (
                        SELECT app, hour, sources, standing, messages FROM coverage
                        EXCEPT
                        SELECT app, time / 3600000000, flags >> \(MessageState.Flags.shiftInSQL), standing, count(*)
                        FROM messages GROUP BY 1, 2, 3, 4)
                    """)
                let all = try count(
                    "SELECT (SELECT sum(messages) FROM coverage) - (SELECT count(*) FROM messages)")
                #expect(wrong == 0 && all == 0, "seed \(seed)")
                try Projector.rebuild(log.archive)
            }
        }
    }

    @Test("every source of a message is told, in any order")
    func sources() async throws {
        let id = Payload.id(at: Self.time)
        let sightings: [Delivery] = [
            .callback(Payload.text("a", id: id, at: Self.time, from: "alice", to: "bob")),
            .callback(Payload.text("a", id: id, at: Self.time, from: "alice", to: "bob", offline: "bob")),
            .preSend(Payload.preSend("a", id: id, at: Self.time, from: "alice", to: "bob")),
            .history(Payload.history("a", id: id, at: Self.time, from: "alice", to: "bob"), app: Self.app),
            .sdk(
                Payload.received("a", id: id, at: Self.time, from: "alice", to: "bob", kind: "singleChat"),
                session: "s"),
            .callback(
                Payload.edit(
                    "b", of: id, count: 1, at: Self.time + 900, sent: Self.time, from: "alice", to: "bob")),
        ]
        for deliveries in [sightings, sightings.reversed() + sightings] {
            let coverage = try await withViews(of: deliveries) { views, _ throws in
                try views.read { reader in try reader.appScopes().flatMap { try reader.coverage($0) } }
            }
            #expect(coverage.count == 1)
            #expect(
                coverage.first?.sources.names
                    == ["callback", "offline callback", "pre-send callback", "history", "sdk", "edit"])
            #expect(coverage.first?.messages == 1 && coverage.first?.isSent == true)
            #expect(coverage.first?.hour.start == Instant(milliseconds: Self.time))
        }
    }

    @Test(
        "what was only attempted is told apart, and is no dropped callback once it was refused or is settled")
    func attempts() async throws {
        let ids = (0..<3).map { Payload.id(at: Self.time + 60_000 * Int64($0)) }
        func attempt(_ number: Int) -> Delivery {
            .preSend(
                Payload.preSend(
                    "x", id: ids[number], at: Self.time + 60_000 * Int64(number), from: "alice", to: "bob"))
        }
        let life = Delivery.callback(
            Payload.text(
                "first", id: Payload.id(at: Self.time - 1000), at: Self.time - 1000, from: "a", to: "b"))
        let alert = Delivery.callback(
            #"{"callId":"org#shop_1","eventType":"keyword_alert","timestamp":\#(Self.time + 60_000),"#
                + #""alertReason":"intercepted","status":"refuse","sensitiveWords":["x"],"#
                + #""contentUri":"msync:\#(ids[1])","appkey":"org#shop"}"#)
        let delivered = Delivery.callback(
            Payload.text("x", id: ids[2], at: Self.time + 120_000, from: "alice", to: "bob"))
        let options = GapOptions(now: Instant(milliseconds: Self.time + 40 * 86_400_000))
        let all = [life, attempt(0), attempt(1), attempt(2), alert, delivered]
        try await withViews(of: all) { views, _ throws in
            let gaps = try views.read { try $0.gaps(options) }
            #expect(gaps.map(\.kind) == [.unresolvedAttempt])
            #expect(gaps.first?.messages.map(\.rawValue) == [ids[0]] && gaps.first?.isOpen == true)
        }
        // The hour's whole file does not have it: it was never sent.
        try await withViews(of: all + [try Self.hour(.whole)]) { views, _ throws in
            #expect(try views.read { try $0.gaps(options) }.map(\.closing) == [.hours])
        }
        try await withViews(of: all + [try Self.hour(.cut)]) { views, _ throws in
            #expect(try views.read { try $0.gaps(options) }.map(\.closing) == [nil])
        }
    }

    @Test("hours are missed once they are settled and while the platform keeps them, in runs")
    func hours() async throws {
        let deliveries = (0..<10).map { hour in
            let time = Self.time + Int64(hour) * 3_600_000
            return Delivery.callback(
                Payload.text("x", id: Payload.id(at: time), at: time, from: "alice", to: "bob"))
        }
        let known = [
            try Self.hour(.whole), try Self.hour(.none, "2025112013"), try Self.hour(.early, "2025112015"),
        ]
        try await withViews(of: deliveries + known) { views, _ throws in
            func runs(_ hours: Int64) throws -> [[Int64]] {
                let now = Instant(milliseconds: Self.time + hours * 3_600_000)
                return try views.read { try $0.gaps(GapOptions(now: now)) }.filter { $0.kind == .historyHour }
                    .map {
                        [($0.from.milliseconds - Self.time) / 3_600_000, Int64($0.count)]
                    }
            }
            #expect(try runs(10) == [])
            // By China's clock the fifth hour is the one without messages; the seventh was pulled too early.
            #expect(try runs(40) == [[1, 3], [5, 5]])
            #expect(try runs(27) == [[1, 2]])
            #expect(try runs(79) == [[7, 3]])
            #expect(try runs(100) == [])
        }
    }

    @Test("attachments that nobody fetched are a gap until the platform drops them")
    func attachments() async throws {
        let body =
            #"{"type":"img","filename":"a.png","url":"https://a1.easemob.com/o/a/chatfiles/11111111-2222-3333-4444-555555555555","secret":"s"}"#
        let deliveries: [Delivery] = [
            .callback(
                Payload.message(body, id: Payload.id(at: Self.time), at: Self.time, from: "alice", to: "bob"))
        ]
        let stored = Delivery(
            surface: .attachment,
            payload:
                #"{"kind":"attachment","uuid":"11111111-2222-3333-4444-555555555555","outcome":"stored","sha256":"ab","bytes":3}"#
        )
        func gaps(_ deliveries: [Delivery], days: Int64) async throws -> [Gap] {
            var options = GapOptions(now: Instant(milliseconds: Self.time + days * 86_400_000))
            options.historyHours = 0
            return try await withViews(of: deliveries) { views, _ in try views.read { try $0.gaps(options) } }
        }
        #expect(try await gaps(deliveries, days: 2).map(\.kind) == [.attachment])
        #expect(try await gaps(deliveries, days: 8) == [])
        #expect(try await gaps(deliveries + [stored], days: 2) == [])
    }

    @Test("a receipt about a message from before the callbacks began is no dropped callback")
    func before() async throws {
        let old = Payload.id(at: Self.time - 7_200_000)
        let deliveries: [Delivery] = [
            .callback(
                Payload.text("x", id: Payload.id(at: Self.time), at: Self.time, from: "alice", to: "bob")),
            .callback(Payload.read(old, at: Self.time + 1000, by: "bob", to: "alice")),
        ]
        let options = GapOptions(now: Instant(milliseconds: Self.time + 40 * 86_400_000))
        try await withViews(of: deliveries) { views, _ throws in
            let gaps = try views.read { try $0.gaps(options) }
            #expect(gaps.map(\.kind) == [.unseenMessage])
            #expect(gaps.first?.messages.map(\.rawValue) == [old])
        }
    }
}
