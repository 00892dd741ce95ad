// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import Testing

@testable import SteleListener

@Suite("Deduplication keys")
struct DeduplicationKeyTests {
    private func key(
        _ json: String, surface: Surface = .callback, isPreSend: Bool = false, session: String? = nil
    ) throws -> DeduplicationKey {
        .of(
            try JSONDocument(text: json).root, surface: surface, isPreSend: isPreSend, session: session)
    }

    /// Two payloads of one kind, and whether they are the same event.
    struct Pair: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let one: String
        let other: String
        let isSame: Bool

        init(_ description: String, _ one: String, _ other: String, same: Bool) {
            (testDescription, self.one, self.other, isSame) = (description, one, other, same)
        }
    }

    @Test(
        "tells the same event from another one of its kind",
        arguments: [
            Pair(
                "a message retried with other spacing",
                #"{"chat_type":"chat","eventType":"chat","appkey":"a#b","msg_id":"1","to":"x"}"#,
                #"{ "to":"x","msg_id":1, "chat_type":"chat","eventType":"chat","appkey":"a#b","security":"z"}"#,
                same: true),
            Pair(
                "a message of another app",
                #"{"chat_type":"chat","eventType":"chat","appkey":"a#b","msg_id":"1"}"#,
                #"{"chat_type":"chat","eventType":"chat","appkey":"a#c","msg_id":"1"}"#, same: false),
            Pair(
                "online and offline callbacks share callId and msg_id",
                #"{"chat_type":"groupchat","eventType":"chat","appkey":"a#b","msg_id":"1","to":"g","callId":"c"}"#,
                #"{"chat_type":"groupchat","eventType":"chat_offline","appkey":"a#b","msg_id":"1","to":"g","callId":"c"}"#,
                same: false),
            Pair(
                "two members were offline",
                #"{"chat_type":"groupchat","eventType":"chat_offline","appkey":"a#b","msg_id":"1","to":"bob"}"#,
                #"{"chat_type":"groupchat","eventType":"chat_offline","appkey":"a#b","msg_id":"1","to":"carol"}"#,
                same: false),
            Pair(
                "both sides of a contact accept share callId",
                #"{"chat_type":"roster","callId":"a#b_1","to":"x","payload":{"operation":"accept"}}"#,
                #"{"chat_type":"roster","callId":"a#b_1","to":"x","payload":{"operation":"remote_accept"}}"#,
                same: false),
            Pair(
                "a push to another device",
                #"{"step":"push","callId":"a#b_1","device_id":"d1","target":"x","status":"success"}"#,
                #"{"step":"push","callId":"a#b_1","device_id":"d2","target":"x","status":"success"}"#,
                same: false),
            Pair(
                "a login callback sent again",
                #"{"callId":"a#b_u","status":"online","user":"x","reason":"login","host":"h1"}"#,
                #"{"callId":"a#b_u","status":"online","user":"x","reason":"login","host":"h2"}"#, same: true),
            Pair(
                "a group operation that shares its callId with another",
                #"{"event":"group_op_event","callId":"c","id":"1","operation":"LEAVE","payload":{"type":"BLOCK"}}"#,
                #"{"event":"group_op_event","callId":"c","id":"1","operation":"LEAVE","payload":{"type":"DELETE"}}"#,
                same: false),
            Pair(
                "a recall is not the message with its id",
                #"{"chat_type":"chat","eventType":"chat","appkey":"a#b","msg_id":"1"}"#,
                #"{"chat_type":"recall","eventType":"chat","appkey":"a#b","msg_id":"1"}"#, same: false),
            Pair(
                "the second edit of a message under one id",
                #"{"chat_type":"edit","msg_id":"1","payload":{"edit_message_id":"9","meta":{"edit_msg":{"count":1}}}}"#,
                #"{"chat_type":"edit","msg_id":"1","payload":{"edit_message_id":"9","meta":{"edit_msg":{"count":2}}}}"#,
                same: false),
            Pair(
                "masked ids do not make two reactions one",
                #"{"chat_type":"notify","msg_id":"99XXXX56","payload":{"type":"reaction","num":1}}"#,
                #"{"chat_type":"notify","msg_id":"99XXXX56","payload":{"type":"reaction","num":2}}"#,
                same: false),
            Pair(
                "an absent id leaves the bytes to decide",
                #"{"chat_type":"notify","payload":{"type":"reaction","num":1}}"#,
                #"{"chat_type":"notify","payload":{"type":"reaction","num":2}}"#, same: false),
            Pair(
                "an unknown kind", #"{"chat_type":"new","msg_id":"1","x":1}"#,
                #"{"chat_type":"new","msg_id":"1","x":2}"#, same: false),
            Pair(
                "fields do not run into each other",
                #"{"chat_type":"roster","callId":"a","to":"bc","payload":{"operation":"x"}}"#,
                #"{"chat_type":"roster","callId":"ab","to":"c","payload":{"operation":"x"}}"#, same: false),
            Pair(
                "an id written with an escape",
                #"{"chat_type":"chat","eventType":"chat","appkey":"a#b","msg_id":"1"}"#,
                #"{"chat_type":"chat","eventType":"chat","appkey":"a\u0023b","msg_id":"1"}"#, same: true),
        ])
    func callbacks(_ pair: Pair) throws {
        #expect(try (key(pair.one) == key(pair.other)) == pair.isSame)
    }

    @Test("is another one on another surface and for another session")
    func surfaces() throws {
        let json = #"{"msg_id":"1","to":"x","chat_type":"chat","payload":{"to":"x","bodies":[]}}"#
        let keys = [
            try key(json), try key(json, isPreSend: true), try key(json, surface: .history),
            try key(json, surface: .sdk, session: "s"),
            try key(json, surface: .sdk, session: "t"), try key(json, surface: .msync),
            try key(json, surface: .switchboard), try key(json, surface: .attachment),
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test("takes a history line pulled again for the same, whatever its envelope says")
    func history() throws {
        let one = #"{"msg_id":"1","to":"q1","timestamp":5,"payload":{"to":"bob","bodies":[]}}"#
        let again = #"{"payload":{"bodies":[],"to":"bob"},"to":"q2","msg_id":"1","timestamp":5}"#
        let other = #"{"msg_id":"2","to":"q1","timestamp":5,"payload":{"to":"bob","bodies":[]}}"#
        #expect(try key(one, surface: .history) == key(again, surface: .history))
        #expect(try key(one, surface: .history) != key(other, surface: .history))
    }

    @Test("counts how often a source repeated a line, within bounded memory")
    func repetition() throws {
        var counter = RepeatCounter(window: 4)
        let first = try key("[1]", surface: .sdk)
        #expect(counter.ordinal(of: first) == 0)
        #expect(counter.ordinal(of: first) == 1)
        for number in 2..<6 { #expect(counter.ordinal(of: try key("[\(number)]", surface: .sdk)) == 0) }
        #expect(counter.ordinal(of: first) == 2, "remembered across one turn of the window")
        #expect(Set((0..<1000).map { first.repeated($0) }).count == 1000)
    }

    @Test("differs for every two sample payloads of the platform that differ")
    func samples() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "SteleEventsTests/Fixtures")
        var seen: [DeduplicationKey: (name: String, bytes: [UInt8])] = [:]
        var count = 0
        for case let file as URL in FileManager.default.enumerator(
            at: folder, includingPropertiesForKeys: nil) ?? .init()
        where file.pathExtension == "json" {
            let document = try JSONDocument(Array(try Data(contentsOf: file)))
            let shape = PayloadShape.detect(document.root)
            let key = DeduplicationKey.of(
                document.root, surface: shape.surface, isPreSend: shape.isPreSend, session: nil)
            let bytes = Array(document.root.bytes)
            if let other = seen[key], other.bytes != bytes {
                Issue.record("\(file.lastPathComponent) and \(other.name) have one key")
            }
            seen[key] = (file.lastPathComponent, bytes)
            count += 1
        }
        #expect(count > 150, "the samples were not found")
    }
}
