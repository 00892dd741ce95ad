// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import SteleTranscript
import Testing

@Suite("What the views tell of files")
struct FileStateTests {
    private static let url = "https://a1.easemob.com/o/a/chatfiles/5C1E6F60-AAAA"
    private static let uuid = "5c1e6f60-aaaa"

    private static let picture = Delivery.callback(
        #"{"callId":"o#a_1","eventType":"chat","timestamp":1763600000000,"chat_type":"chat","from":"lin","to":"alice","#
            + #""msg_id":"1486000000000000001","payload":{"ext":{},"bodies":[{"type":"img","filename":"a.jpg","#
            + #""url":"\#(url)","secret":"s","thumb":"\#(url)?thumbnail=true","thumb_secret":"t"}]},"appkey":"o#a"}"#
    )

    private static func tried(
        _ outcome: String, at second: Int, again: Bool = false, part: String? = nil, more: String = ""
    ) -> Delivery {
        let part = part.map { #""part":"\#($0)","# } ?? ""
        return Delivery(
            surface: .attachment,
            payload:
                #"{"kind":"attachment","uuid":"\#(uuid)",\#(part)"outcome":"\#(outcome)","again":\#(again),"#
                + #""began":"2025-11-21T00:00:\#(second)Z"\#(more),"source":"fetch"}"#)
    }

    private static func switched(_ isOn: Bool, at second: Int, _ kinds: String = #""image","thumbnail""#)
        -> Delivery
    {
        Delivery(
            surface: .attachment,
            payload:
                #"{"kind":"fetching","on":\#(isOn),"began":"2025-11-20T00:00:\#(second)Z","kinds":[\#(kinds)]}"#
        )
    }

    private static func instant(_ second: Int) -> Instant {
        Instant(rfc3339: "2025-11-21T00:00:\(second)Z") ?? Instant(microseconds: 0)
    }

    private func message(_ deliveries: [Delivery]) async throws -> TranscriptMessage {
        try await withViews(of: [Self.picture] + deliveries) { views, log in
            try #require(
                try TranscriptReader(views, archive: log.archive)
                    .messages(withID: MessageID("1486000000000000001")).first)
        }
    }

    @Test("a file that nobody tried to get was not requested; while fetching is on, it is not there yet")
    func untried() async throws {
        var message = try await message([])
        #expect(message.attachment == .missing(reason: "not requested"))
        #expect(message.thumbnail == .missing(reason: "not requested"))
        message = try await self.message([Self.switched(true, at: 10)])
        #expect(message.attachment == .missing(reason: "not yet"))
        #expect(message.thumbnail == .missing(reason: "not yet"))
        message = try await self.message([Self.switched(true, at: 10, #""voice","thumbnail""#)])
        #expect(message.attachment == .missing(reason: "not requested"))
        #expect(message.thumbnail == .missing(reason: "not yet"))
        message = try await self.message([Self.switched(false, at: 11), Self.switched(true, at: 10)])
        #expect(message.attachment == .missing(reason: "not requested"))
    }

    @Test("a try that another one follows is not the end, while fetching is on")
    func again() async throws {
        let tries = [
            Self.tried("unreachable", at: 12, again: true, more: #","why":"the server answered 503""#),
            Self.tried("interrupted", at: 11, again: true),
        ]
        let expected = AttachmentTries(
            count: 2, last: Self.instant(12), outcome: "unreachable", why: "the server answered 503")
        #expect(
            try await message(tries + [Self.switched(true, at: 10)]).attachment
                == .missing(reason: "not yet", tries: expected))
        var ended = expected
        ended.outcome = nil
        #expect(try await message(tries).attachment == .missing(reason: "unreachable", tries: ended))
    }

    @Test("what is stored stays so, whatever a later try came to; a thumbnail has its own state")
    func stored() async throws {
        let message = try await message([
            Self.tried("stored", at: 11, more: #","sha256":"ab","bytes":5"#), Self.tried("expired", at: 12),
            Self.tried("forbidden", at: 13, part: "thumbnail"),
        ])
        #expect(message.attachment == .stored(sha256: "ab", bytes: 5))
        #expect(
            message.thumbnail
                == .missing(reason: "forbidden", tries: AttachmentTries(count: 1, last: Self.instant(13))))
    }

    @Test("what came instead is named")
    func kept() async throws {
        let message = try await message([Self.tried("mismatch", at: 11, more: #","sha256":"cd","bytes":5"#)])
        #expect(
            message.attachment
                == .missing(
                    reason: "mismatch", tries: AttachmentTries(count: 1, last: Self.instant(11), kept: "cd")))
    }

    @Test("tries count the same in any order, told once or twice", arguments: 1...8 as ClosedRange<UInt64>)
    func order(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let records = [
            Self.picture, Self.switched(true, at: 10), Self.switched(false, at: 20),
            Self.switched(true, at: 30),
            Self.tried("unreachable", at: 11, again: true), Self.tried("unreachable", at: 12, again: true),
            Self.tried("expired", at: 13),
            Self.tried("stored", at: 14, part: "thumbnail", more: #","sha256":"ab""#),
        ]
        let shuffled = (records + [generator.pick(records), generator.pick(records)])
            .shuffled(using: &generator)
        let expected = try await withViews(of: records) { views, _ in
            try views.canonicalDump(withSequences: false)
        }
        let actual = try await withViews(of: shuffled) { views, _ in
            try views.canonicalDump(withSequences: false)
        }
        #expect(actual.filter { !$0.contains("sightings") } == expected.filter { !$0.contains("sightings") })
        #expect(
            try await message(shuffled).attachment
                == .missing(reason: "expired", tries: AttachmentTries(count: 3, last: Self.instant(13))))
    }
}
