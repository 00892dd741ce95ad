// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import Testing

/// What is found, and what only looks like query syntax.
struct SearchTests {
    private static let start: Int64 = 1_747_000_000_000
    private static let texts = [
        "订单已发货,请查收", "Order ＡＢ１２ shipped to the Café", "a \"quoted\" text AND more", "👍 明天见", "单订",
    ]
    private static let deliveries = texts.enumerated().map { index, text in
        let time = start + Int64(index) * 1000
        return Delivery.callback(
            Payload.text(
                text, id: Payload.id(at: time), at: time, from: index == 3 ? "carol" : "alice", to: "bob"))
    }

    private static func found(_ text: String, in views: Views) throws -> [Body] {
        try views.read { try $0.search(SearchRequest(text)).map(\.message.body) }
    }

    @Test("any run of Chinese characters is found, and words in any case and width")
    func words() async throws {
        try await withViews(of: Self.deliveries) { (views, _) throws in
            let body = Self.texts.map(Body.text)
            #expect(try Self.found("单", in: views) == [body[4], body[0]])
            #expect(try Self.found("订单", in: views) == [body[0]])
            #expect(try Self.found("单已发", in: views) == [body[0]])
            #expect(try Self.found("发货,请", in: views) == [body[0]])
            #expect(try Self.found("ab12", in: views) == [body[1]])
            #expect(try Self.found("ＯＲＤＥＲ cafe", in: views) == [body[1]])
            #expect(try Self.found("Orde", in: views) == [])
            #expect(try Self.found("👍", in: views) == [body[3]])
        }
    }

    @Test(
        "what is typed is never query syntax",
        arguments: [
            "\"", "AND", "quoted\" AND", "text:more", "NEAR(a b)", "^a", "a*", "-a", "(",
            "单\"; DROP TABLE messages",
        ])
    func literals(typed: String) async throws {
        try await withViews(of: Self.deliveries) { (views, _) throws in
            for found in try Self.found(typed, in: views) {
                guard case .text(let text) = found else { return }
                // Only the words of what was typed may have found it.
                for word in typed.lowercased().split(whereSeparator: { !$0.isLetter }) {
                    #expect(text.lowercased().contains(word))
                }
            }
            #expect(try Self.found("AND", in: views) == [.text(Self.texts[2])])
        }
    }

    @Test("filters, the newest first, and the hit is marked")
    func filters() async throws {
        try await withViews(of: Self.deliveries) { (views, _) throws in
            try views.read { (reader) throws in
                let second = Instant(milliseconds: Self.start + 1000)
                #expect(try reader.search(SearchRequest("单", from: second)).count == 1)
                #expect(try reader.search(SearchRequest("单", to: second)).count == 1)
                #expect(try reader.search(SearchRequest("单", limit: 1)).map(\.message.body) == [.text("单订")])
                #expect(try reader.search(SearchRequest("明天", sender: UserID("alice"))).isEmpty)
                #expect(try reader.search(SearchRequest("明天", sender: UserID("nobody"))).isEmpty)
                #expect(try reader.search(SearchRequest("明天", sender: UserID("carol"))).count == 1)
                let chat = try #require(
                    try reader.conversation(.chat(UserID("bob"), UserID("carol")), app: nil))
                #expect(try reader.search(SearchRequest("单", conversation: chat)).isEmpty)
                let hit = try #require(try reader.search(SearchRequest("发货")).first)
                #expect(hit.snippet.parts.filter(\.isHit).map(\.text) == ["发货"])
                #expect(hit.snippet.parts.map(\.text).joined() == Self.texts[0])
            }
        }
    }

    @Test("an edit's words are found, and those before it still are")
    func edits() async throws {
        let edit = Payload.edit(
            "改成明天", of: Payload.id(at: Self.start), count: 1, at: Self.start + 9000, sent: Self.start,
            from: "alice",
            to: "bob")
        for order in [Self.deliveries + [.callback(edit)], [.callback(edit)] + Self.deliveries] {
            try await withViews(of: order) { (views, _) throws in
                #expect(try views.read { try $0.search(SearchRequest("改成")).map(\.isInEdit) } == [true])
                #expect(try Self.found("查收", in: views) == [.text(Self.texts[0])])
            }
        }
    }
}
