// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport
import Testing

struct RecordTests {
    static func line(_ record: Record, isJSON: Bool, sequence: UInt64 = 41) -> [UInt8] {
        var line = Array("{\"seq\":\(sequence),\"at\":\"\(record.capturedAt)\",".utf8)
        Record.appendMembers(
            surface: record.surface, flow: record.flow, isPreSend: record.isPreSend, session: record.session,
            app: record.app, blanked: record.blanked, payload: record.payload, isJSON: isJSON, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func record(_ payload: [UInt8]) -> Record {
        Record(
            capturedAt: Instant(microseconds: 1_795_401_600_123_456), surface: .callback, flow: .none,
            payload: payload)
    }

    @Test("a record's line is the one documented")
    func format() {
        var record = Self.record(Array(#"{"a":1}"#.utf8))
        #expect(
            String(decoding: Self.line(record, isJSON: true), as: UTF8.self)
                == #"{"seq":41,"at":"2026-11-23T02:40:00.123456Z","via":"callback","flow":"none","event":{"a":1}}"#
        )
        record.surface = .sdk
        record.flow = .in
        record.isPreSend = true
        record.session = "s\"1"
        record.app = AppKey("org#app")
        record.blanked = ["message.accessToken", "x"]
        record.payload = Array("{\"a\":1} \r\n".utf8)
        #expect(
            String(decoding: Self.line(record, isJSON: true), as: UTF8.self)
                == #"{"seq":41,"at":"2026-11-23T02:40:00.123456Z","via":"sdk","flow":"in","phase":"pre","#
                + #""session":"s\"1","app":"org#app","blanked":["message.accessToken","x"],"#
                + #""tail":" \r\n","event":{"a":1}}"#)
    }

    @Test(
        "the received bytes come back",
        arguments: [
            #"{"a":1}"#, "{\"a\":1}\n", "{\"a\":1} \t\r\n\n", " {\"a\":1}", "{\n  \"a\": 1\n}", "{\"a\":\r1}",
            "1", "\"x\"",
            "", " ", "\n", "not json", "中文", "\u{0}\u{1F}\"\\", "{\"a\":1}}", "null", "[]\u{FEFF}",
        ])
    func payloads(text: String) throws {
        let payload = Array(text.utf8)
        try expectBack(payload)
    }

    @Test("any bytes come back", arguments: 0..<16 as Range<UInt64>)
    func anyBytes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 { try expectBack(random.bytes(random.int(in: 0..<40)), "seed \(seed)") }
    }

    @Test("every sample comes back", arguments: FixtureTests.expected.keys.sorted())
    func samples(file: String) throws { try expectBack(try Fixtures.bytes(file)) }

    private func expectBack(_ payload: [UInt8], _ comment: Comment? = nil) throws {
        let isJSON = (try? JSONDocument(payload)) != nil
        let record = Self.record(payload)
        let line = Self.line(record, isJSON: isJSON)
        #expect(!line.contains(UInt8(ascii: "\n")), comment)
        #expect(try Record(line: try JSONDocument(line)) == record, comment)
        // What is not known to be JSON is kept as well, only not in the open.
        let closed = Self.line(record, isJSON: false)
        #expect(try Record(line: try JSONDocument(closed)) == record, comment)
    }

    @Test("a recorded sample is decoded as it was received", arguments: ["callback-post/msg-chat-txt.json"])
    func decodes(file: String) throws {
        let payload = try Fixtures.bytes(file)
        let event = try FixtureTests.event(file)
        let compact = Array(try JSONDocument(payload).root.compactJSON.utf8)
        for (bytes, isJSON) in [(payload, true), (compact, true), (compact, false)] {
            let recorded = try RecordedEvent(
                line: Self.line(Self.record(bytes), isJSON: isJSON, sequence: .max))
            #expect(recorded.sequence == .max)
            #expect(recorded.capturedAt.microseconds == 1_795_401_600_123_456)
            #expect(recorded.surface == .callback)
            #expect(recorded.flow == .none)
            #expect(recorded.event == event)
        }
    }

    @Test("a payload that is no JSON is an unknown event, not a bad line")
    func notJSON() throws {
        for payload in [Array("hello".utf8), [0xFF, 0xFE], []] {
            let recorded = try RecordedEvent(line: Self.line(Self.record(payload), isJSON: false))
            guard case .unknown(let reason) = recorded.event.kind else {
                Issue.record("decoded as \(recorded.event.kind)")
                continue
            }
            #expect(reason.contains("not JSON"))
        }
    }

    @Test("a payload deeper than the listener takes can still be read")
    func deep() throws {
        let payload = Array(
            (String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)).utf8)
        let recorded = try RecordedEvent(line: Self.line(Self.record(payload), isJSON: true))
        guard case .unknown = recorded.event.kind else {
            Issue.record("decoded as \(recorded.event.kind)")
            return
        }
    }

    @Test(
        "a bad line says what is wrong with it",
        arguments: [
            ("", RecordError.Code.notAnObject, "not JSON"), ("[]", .notAnObject, "object"),
            ("{}", .missing, "at"),
            (#"{"at":1}"#, .invalid, "at"), (#"{"at":"yesterday"}"#, .invalid, "at"),
            (#"{"at":"2026-11-23T02:40:00Z"}"#, .missing, "via"),
            (#"{"at":"2026-11-23T02:40:00Z","via":"pigeon"}"#, .invalid, "via"),
            (#"{"at":"2026-11-23T02:40:00Z","via":"sdk"}"#, .missing, "flow"),
            (#"{"at":"2026-11-23T02:40:00Z","via":"sdk","flow":"up"}"#, .invalid, "flow"),
            (#"{"at":"2026-11-23T02:40:00Z","via":"sdk","flow":"in"}"#, .missing, "seq"),
            (#"{"seq":-1,"at":"2026-11-23T02:40:00Z","via":"sdk","flow":"in"}"#, .invalid, "seq"),
            (#"{"seq":"1","at":"2026-11-23T02:40:00Z","via":"sdk","flow":"in"}"#, .invalid, "seq"),
            (#"{"seq":1,"at":"2026-11-23T02:40:00Z","via":"sdk","flow":"in"}"#, .missing, "event"),
            (#"{"seq":1,"at":"2026-11-23T02:40:00Z","via":"sdk","flow":"in","text":1}"#, .invalid, "text"),
            (
                #"{"seq":1,"at":"2026-11-23T02:40:00Z","via":"sdk","flow":"in","base64":"a"}"#, .invalid,
                "base64"
            ),
        ])
    func badLines(line: String, code: RecordError.Code, what: String) {
        let error = #expect(throws: RecordError.self) { try RecordedEvent(line: Array(line.utf8)) }
        #expect(error?.code == code)
        #expect(error?.description.contains(what) == true)
    }

    @Test("base64 is RFC 4648's")
    func base64() {
        let pairs = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (text, encoded) in pairs {
            var output: [UInt8] = []
            Base64.append(Array(text.utf8), to: &output)
            #expect(String(decoding: output, as: UTF8.self) == encoded)
            #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
        }
        for bad in ["Z", "Zg=", "Zg==Zg==", "====", "Z===", "=Zg=", "Zg=a", "Zg\n=", "Z_8="] {
            #expect(Base64.decode(bad.utf8) == nil, "\(bad)")
        }
    }
}
