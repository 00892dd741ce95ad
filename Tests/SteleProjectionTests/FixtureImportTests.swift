// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import Testing

/// Every sample payload, all the way into the views.
struct FixtureImportTests {
    private static func deliveries() throws -> [(file: String, delivery: Delivery)] {
        try ["callback-post", "callback-pre", "history-file", "sdk-event"].flatMap { folder in
            try Fixtures.files(in: folder).map { file in
                let bytes = try Fixtures.bytes(file)
                let shape = PayloadShape.detect(try JSONDocument(bytes).root)
                return (
                    file,
                    Delivery(
                        surface: shape.surface, flow: shape.flow, isPreSend: shape.isPreSend,
                        session: shape.surface == .sdk ? file : nil,
                        payload: String(decoding: bytes, as: UTF8.self))
                )
            }
        }
    }

    /// Parts of payloads and answers to callbacks, which no surface shows alone.
    private static func isFragment(_ file: String) -> Bool {
        file.contains("fragment") || file.contains("response-")
    }

    @Test("no sample but fragments is quarantined")
    func nothingIsQuarantined() async throws {
        let samples = try Self.deliveries()
        #expect(samples.count > 200)
        let whole = samples.filter { !Self.isFragment($0.file) }
        try await withViews(of: whole.map(\.delivery)) { (views, _) throws in
            try views.read { (reader) throws in
                #expect(try reader.quarantine(limit: 10).map(\.reason) == [])
                #expect(try reader.appliedEnd() == SequenceNumber(UInt64(whole.count)))
                #expect(try reader.conversations().count > 20)
            }
        }
        let fragments = samples.filter { Self.isFragment($0.file) }
        #expect(fragments.count > 10)
        try await withViews(of: fragments.map(\.delivery)) { (views, _) throws in
            #expect(try views.read { try $0.status().quarantined } == fragments.count)
        }
    }

    @Test("every sample of a message is found by its id, in its conversation, with its body")
    func messagesAreFound() async throws {
        for (file, delivery) in try Self.deliveries() where !Self.isFragment(file) {
            let document = try JSONDocument(text: delivery.payload)
            let event = Event.decode(
                document.root, surface: delivery.surface, isPreSend: delivery.isPreSend, app: nil,
                session: delivery.session)
            guard case .message(let message) = event.kind, let id = event.id else { continue }
            // One sample at a time: several of the documentation's examples share one made-up id.
            try await withViews(of: [delivery]) { (views, _) throws in
                try views.read { (reader) throws in
                    let found = try reader.messages(withID: id)
                    #expect(found.count == 1, "\(file)")
                    #expect(found.first?.body == message.body, "\(file)")
                    #expect(found.first?.ext == message.ext, "\(file)")
                    #expect(found.first?.conversation == message.conversation, "\(file)")
                    #expect(found.first?.from == message.from, "\(file)")
                    #expect(found.first?.to == message.to, "\(file)")
                    guard let entry = try found.first.flatMap(reader.conversation(of:)) else { return }
                    #expect(try reader.newestMessages(in: entry, limit: 5) == found, "\(file)")
                    #expect(entry.messageCount == (message.body.type == "cmd" ? 0 : 1), "\(file)")
                }
            }
        }
    }
}
