// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SteleEvents

struct AddressTests {
    static let app = AppKey("easemob-demo#support")

    @Test(
        "takes an address apart",
        arguments: [
            ("wzy", "wzy", nil), ("Tst_01.a-b", "Tst_01.a-b", nil),
            ("262246968131585", "262246968131585", nil),
            ("easemob-demo#support_wzy@easemob.com", "wzy", nil),
            ("easemob-demo#support_a_b.c-d@easemob.com/ios_f43087fc-5823", "a_b.c-d", "ios_f43087fc-5823"),
            ("easemob-demo#support_262246968131585@conference.easemob.com", "262246968131585", nil),
            ("easemob-demo#support_wzy", "wzy", nil), ("wzy@easemob.com/webim_1", "wzy", "webim_1"),
            ("easemob-demo#support_x@easemob.com@easemob.com", "x@easemob.com", nil),
            ("wzy@easemob.com/", "wzy", nil), ("wzy@easemob.community", "wzy@easemob.community", nil),
            ("other-org#app_a_b@easemob.com", "a_b", nil), ("@ppAdmin", "@ppAdmin", nil),
            ("XXXX#XXXX", "XXXX#XXXX", nil), ("easemob-demo#support_", "easemob-demo#support_", nil),
            ("@easemob.com", "", nil), ("", "", nil), ("#_", "#_", nil),
        ] as [(String, String, String?)])
    func addresses(text: String, name: String, resource: String?) {
        let jid = JID(text, app: Self.app)
        #expect(jid.name == name)
        #expect(jid.resource == resource)
    }

    @Test("without a known App Key, one still ends at the underscore after its #")
    func unknownApp() {
        #expect(JID("org#app_a_b@easemob.com", app: nil).name == "a_b")
        #expect(JID("org_x#app_a", app: nil).name == "a")
        #expect(JID("a_b", app: nil).name == "a_b")
    }

    @Test(
        "a file is known by the UUID after /chatfiles/, on every host",
        arguments: [
            (
                "https://a1.easemob.com/o/a/chatfiles/7B810390-2ee0-11f0-b4c7-03224649d943",
                "7b810390-2ee0-11f0-b4c7-03224649d943"
            ),
            ("http://x/o/a/chatfiles/abc?em-redirect=true&share-secret=s", "abc"),
            ("/chatfiles/abc#x", "abc"),
            ("https://x/chatfiles/abc/thumb", "abc"), ("https://x/chatfile/abc", nil),
            ("https://x/chatfiles/", nil),
            ("https://x/chatfiles/../etc", nil), ("https://x/chatfiles/a%2Fb", nil),
            ("https://XXXX.com/", nil), ("", nil),
            ("https://x/chat/chatfiles/chatfiles/abc", "chatfiles"),
        ] as [(String, String?)])
    func uuids(url: String, uuid: String?) { #expect(AttachmentURL.uuid(in: url) == uuid) }

    @Test(
        "the share-secret is taken off and nothing else",
        arguments: [
            ("https://x/f?em-redirect=true&share-secret=abc", "https://x/f?em-redirect=true", "abc"),
            ("https://x/f?share-secret=abc", "https://x/f", "abc"),
            ("https://x/f?share-secret=abc&thumbnail=true", "https://x/f?thumbnail=true", "abc"),
            ("https://x/f?a=1&share-secret=abc#frag", "https://x/f?a=1#frag", "abc"),
            ("https://x/f?share-secret=a&share-secret=b", "https://x/f", "a"),
            ("https://x/f?share-secrets=a", "https://x/f?share-secrets=a", nil),
            ("https://x/f?share-secret=", "https://x/f", nil),
            ("https://x/f?share-secret", "https://x/f", nil),
            ("https://x/share-secret=a", "https://x/share-secret=a", nil),
            ("https://x/f?", "https://x/f?", nil),
            ("https://x/#?share-secret=a", "https://x/#", "a"), ("", "", nil),
            ("https://x/f?名=中&share-secret=密", "https://x/f?名=中", "密"),
        ] as [(String, String, String?)])
    func secrets(url: String, without: String, secret: String?) {
        #expect(AttachmentURL.withoutSecret(url) == without)
        #expect(AttachmentURL.parts(of: url).secret == secret)
    }

    @Test("users are one without their case, conversations have one name")
    func names() {
        #expect(UserID("WZY") == UserID("wzy"))
        #expect(UserID("ÀB").rawValue == "àb")
        #expect(ConversationID.chat(UserID("bob"), UserID("Alice")).description == "chat:alice:bob")
        #expect(ConversationID("room:1:2") == ConversationID(kind: .room, key: "1:2"))
        #expect(ConversationID("pigeon:1") == nil)
        #expect(ConversationID("group:") == nil)
        #expect(ConversationID("group") == nil)
    }
}
