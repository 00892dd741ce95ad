// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import SteleTestSupport
import Testing

/// One clock a message, both kept, and what does not agree shown.
struct ClockTests {
    private static let time: Int64 = 1_747_000_000_000

    private static func text(
        _ number: Int64, stated: Int64? = nil, to: String = "bob", app: String = Payload.app
    )
        -> Delivery
    {
        let at = time + number * 1000
        return .callback(
            Payload.text(
                "nr \(number)", id: Payload.id(at: at), at: stated ?? at, from: "alice", to: to, app: app))
    }

    private static func late(_ deliveries: [Delivery]) async throws -> [String] {
        try await withViews(of: deliveries) { (views, _) throws in
            try views.read { (reader) throws in
                try reader.conversations().flatMap { conversation in
                    try reader.messages(in: conversation, limit: 100).filter(\.isOutOfOrder).map {
                        if case .text(let text) = $0.body { text } else { "" }
                    }
                }
            }
        }
    }

    @Test("a message is out of order when a later one of its conversation was captured before it")
    func outOfOrder() async throws {
        #expect(try await Self.late([1, 2, 3].map { Self.text($0) }) == [])
        #expect(try await Self.late([1, 3, 2].map { Self.text($0) }) == ["nr 2"])
        // All of an hour that came late, not only its last.
        #expect(try await Self.late([1, 5, 2, 3, 4, 6].map { Self.text($0) }) == ["nr 2", "nr 3", "nr 4"])
        #expect(try await Self.late([3, 2, 1].map { Self.text($0) }) == ["nr 1", "nr 2"])
    }

    @Test("conversations and apps have an order of their own, and a further sighting changes nothing")
    func ownOrder() async throws {
        #expect(try await Self.late([Self.text(5), Self.text(1, to: "carol")]) == [])
        #expect(try await Self.late([Self.text(5), Self.text(1, app: "org#other")]) == [])
        #expect(try await Self.late([Self.text(1), Self.text(5), Self.text(1)]) == [])
        // Of one time: neither is later.
        let burst = [3, 1, 2].map { number in
            Delivery.callback(
                Payload.text(
                    "nr \(number)", id: Payload.id(at: Self.time, number), at: Self.time, from: "alice",
                    to: "bob"))
        }
        #expect(try await Self.late(burst) == [])
    }

    @Test("it stays so through restarts and rebuilds, however many conversations there are")
    func kept() async throws {
        try await withTemporaryDirectory { folder async throws in
            let log = try TestLog(folder)
            for number in [5, 2, 6, 3] as [Int64] {
                try await log.append([Self.text(number), Self.text(number + 10, to: "carol")])
                _ = try log.views()
            }
            let live = try log.views().canonicalDump(withSequences: true)
            try Projector.rebuild(log.archive)
            #expect(try log.views().canonicalDump(withSequences: true) == live)
            let late = try log.views().read { reader in
                try reader.conversations().flatMap {
                    try reader.messages(in: $0, limit: 10).map(\.isOutOfOrder)
                }
            }
            #expect(late == [true, true, false, false, true, true, false, false])
        }
    }

    @Test(
        "the id's clock counts while the stated one is within ten minutes of it, and both are kept",
        arguments: [(0, true), (90, true), (-600_000, true), (600_001, false), (-86_400_000, false)]
            as [(Int64, Bool)])
    func twoClocks(difference: Int64, isByID: Bool) async throws {
        let stated = Self.time + difference
        try await withViews(of: [Self.text(0, stated: stated)]) { (views, _) throws in
            try views.read { (reader) throws in
                let message = try #require(
                    try reader.conversations().first.map { try reader.messages(in: $0, limit: 1) }?.first)
                #expect(message.time == Instant(milliseconds: isByID ? Self.time : stated))
                #expect(message.statedTime == Instant(milliseconds: stated))
                #expect(message.id.instant == Instant(milliseconds: Self.time))
            }
        }
    }
}
