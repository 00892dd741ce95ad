// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@Suite("Gaps from the command line")
struct GapsTests {
    /// 2025-11-20T01:00:00Z: nine o'clock in China.
    private static let start: Int64 = 1_763_600_400_000
    private static let minute: Int64 = 60_000

    /// Three hours of messages, a few seconds apart, each read by its receiver; ids of no known layout.
    private static let messages: [SampleCallback] = {
        var random = SeededGenerator(seed: 3)
        var time = start
        return (0..<2000).map { number in
            time += Int64(random.int(in: 500..<9000))
            return SampleCallback(number, text: "message \(number)", time: time)
        }
    }()

    private static func read(_ message: SampleCallback) -> (time: Int64, line: String) {
        let time = message.time + 600_000 + Int64(message.number % 60) * 1000
        let id = "R" + message.id
        return (
            time,
            #"{"chat_type":"read_ack","callId":"\#(SampleCallback.app)_\#(id)","payload":{"ext":{},"#
                + #""ack_message_id":"\#(message.id)","bodies":[]},"appkey":"\#(SampleCallback.app)","#
                + #""from":"\#(message.to)","to":"\#(message.from)","eventType":"chat","msg_id":"\#(id)","#
                + #""timestamp":\#(time)}"#
        )
    }

    private static func history(_ message: SampleCallback) -> String {
        #"{"msg_id":"\#(message.id)","timestamp":\#(message.time),"direction":"outgoing","to":"\#(message.to)","#
            + #""from":"\#(message.from)","chat_type":"chat","payload":{"bodies":[{"msg":"\#(message.text)","#
            + #""type":"txt"}],"ext":{},"from":"\#(message.from)","to":"\#(message.to)"}}"#
    }

    /// Writes the callbacks without the 500th message's, none at all for five minutes of the second hour, and the hours'
    /// history files.
    private static func write(to folder: URL) throws -> SampleCallback {
        let dropped = messages[500]
        let silence = (start + 95 * minute)..<(start + 100 * minute)
        let sent = messages.filter { $0.number != dropped.number }.map { (time: $0.time, line: $0.line()) }
        let arrived = (sent + messages.map(read)).filter { !silence.contains($0.time) }.map(\.line)
        try Data((arrived.joined(separator: "\n") + "\n").utf8)
            .write(to: folder.appending(path: "callbacks.jsonl"))
        for (hour, key) in ["2025112009", "2025112010", "2025112011"].enumerated() {
            let lines = messages.filter { ($0.time - start) / 3_600_000 == Int64(hour) }.map(history)
            try Data((lines.joined(separator: "\n") + "\n").utf8)
                .write(to: folder.appending(path: "\(key).jsonl"))
        }
        return dropped
    }

    @Test(
        "a dropped callback and a suspension are named with what to ask for, and the hours' files close both")
    func closes() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let dropped = try Self.write(to: folder)
            #expect(try await stele("import", "callbacks.jsonl").status == 0)
            let before = try await stele("gaps", "--json", "--at", "2025-12-20")
            #expect(before.status == 1)
            let gaps = try before.lines
            try #require(
                gaps.map { $0["kind"] as? String } == ["missed-callback", "suspension"], "\(before.text)")
            #expect(gaps.map { $0["state"] as? String } == ["open", "open"])
            #expect(gaps[0]["messages"] as? [String] == [dropped.id])
            let ask = gaps[0]["ask"] as? [[String: Any]]
            #expect(
                ask?.contains { $0["path"] as? String == "/tea-house/atelier/chatmessages/2025112009" }
                    == true)
            #expect(gaps[1]["count"] as? Int ?? 0 > 20)
            #expect(abs((gaps[1]["silentSeconds"] as? Int ?? 0) - 300) < 20)

            let files = ["2025112009.jsonl", "2025112010.jsonl"]
            let import1 = ["import", "--json", "--app", SampleCallback.app] + files
            let imported = try await stele.run(import1).document
            // The files' own lines are counted, and nothing else.
            #expect(imported["recorded"] as? Int == imported["read"] as? Int)
            let records = try await stele("status", "--json").document["records"] as? Int
            #expect(try await stele.run(import1).document["recorded"] as? Int == 0)
            #expect(try await stele("status", "--json").document["records"] as? Int == records)
            let after = try await stele("gaps", "--json", "--all", "--at", "2025-12-20")
            #expect(after.status == 0, "\(after.text)")
            #expect(try after.lines.map { $0["closedBy"] as? String } == ["history lines", "history files"])
        }
    }

    @Test("a certificate is the same bytes again, names what one side saw alone, and follows its schema")
    func certificate() async throws {
        try await withTemporaryDirectory { folder async throws in
            let stele = Stele(folder: folder)
            let dropped = try Self.write(to: folder)
            _ = try await stele("import", "callbacks.jsonl")
            _ = try await stele("import", "--app", SampleCallback.app, "2025112009.jsonl")
            #expect(try await stele("reconcile", "--out", "one").status == 1)
            #expect(try await stele("reconcile", "--out", "two", "--json").document["openGaps"] as? Int == 1)
            for name in ["completeness.json", "completeness.html"] {
                let bytes = try ["one", "two"].map {
                    try Data(contentsOf: folder.appending(path: "\($0)/\(name)"))
                }
                #expect(bytes[0] == bytes[1], "\(name)")
            }
            let document = try JSON.object(
                Data(contentsOf: folder.appending(path: "one/completeness.json")))
            let app = try #require((document["apps"] as? [[String: Any]])?.first)
            let hours = try #require(app["hours"] as? [[String: Any]])
            #expect(hours.map { $0["compared"] as? String } == ["history file", nil, nil])
            #expect(hours.map { $0["key"] as? String } == ["2025112009", "2025112010", "2025112011"])
            let only = hours[0]["onlyHistory"] as? [String: Any]
            #expect(only?["messages"] as? [String] == [dropped.id])
            #expect((document["archive"] as? [String: Any])?["root"] is String)
            let schema = try JSON.object(
                Data(
                    contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                        .deletingLastPathComponent()
                        .deletingLastPathComponent().appending(
                            path: "Samples/schemas/completeness.schema.json")))
            #expect(document["schema"] as? String == schema["$id"] as? String)
            let described = schema["properties"] as? [String: Any]
            #expect(Set(document.keys) == Set(described.map { Array($0.keys) } ?? []))
            #expect(try await stele("reconcile", "--out", "one").status == 74)
        }
    }
}
