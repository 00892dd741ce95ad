// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

@testable import SteleListener

@Suite("Blanking of credentials")
struct CredentialBlankingTests {
    private func blank(_ json: String) throws -> (String, [String])? {
        try CredentialBlanking(JSONDocument(text: json)).map {
            (String(decoding: $0.document.bytes, as: UTF8.self), $0.paths)
        }
    }

    @Test("replaces the value and leaves every other byte")
    func replaces() throws {
        let json =
            "{ \"at\":1,\t\"message\" : {\"accessToken\" :  \"YWMt\\u0041\\\"x\" , \"secret\":\"keep\"} }"
        let (text, paths) = try #require(try blank(json))
        #expect(
            text == "{ \"at\":1,\t\"message\" : {\"accessToken\" :  \"[blanked]\" , \"secret\":\"keep\"} }")
        #expect(paths == ["message.accessToken"])
    }

    @Test("finds every name, at any depth", arguments: CredentialBlanking.names.sorted())
    func names(_ name: String) throws {
        let (text, paths) = try #require(try blank(#"{"a":[{},{"b":{"\#(name)":"s3cret"}}]}"#))
        #expect(text == #"{"a":[{},{"b":{"\#(name)":"[blanked]"}}]}"#)
        #expect(paths == ["a[1].b.\(name)"])
    }

    @Test("finds a name written with escapes, and numbers")
    func escapes() throws {
        let (text, paths) = try #require(try blank(#"{"acce\u0073sToken":"s3cret","pwd":1234}"#))
        #expect(text == #"{"acce\u0073sToken":"[blanked]","pwd":"[blanked]"}"#)
        #expect(paths == ["accessToken", "pwd"])
    }

    /// A length-delimited protobuf field.
    private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        // A key of one byte up to field 15, of two above; contents here are shorter than 128 bytes.
        let key = number < 16 ? [number << 3 | 2] : [(number << 3 | 2) | 0x80, number >> 4]
        return key + [UInt8(content.count)] + content
    }

    private func line(_ frame: [UInt8], type: String = "easemob.pb.MSync") -> String {
        var base64: [UInt8] = []
        Base64.append(frame, to: &base64)
        return #"{"at":1,"base64":"\#(String(decoding: base64, as: UTF8.self))","frame":"\#(type)"}"#
    }

    @Test("takes the token out of a frame that opens a connection, and leaves its other fields")
    func frames() throws {
        func frame(_ secret: String, _ token: String) -> [UInt8] {
            let provision =
                field(1, [1]) + field(11, Array(secret.utf8)) + field(14, Array(secret.utf8))
                + field(18, Array(token.utf8)) + [0x45, 1, 2, 3, 4]
            return [8, 1] + field(3, Array("$t$\(secret)".utf8)) + [64, 3] + field(9, provision) + [
                80, 0x96, 1,
            ]
        }
        let (text, paths) = try #require(try blank(line(frame("s3cret", #"{"token":"s3cret"}"#))))
        let kept = try JSONDocument(text: text).root["base64"]?.string.flatMap { Base64.decode($0.utf8) }
        let provision =
            field(1, [1]) + [11, 14, 18].flatMap { field($0, Array("[blanked]".utf8)) } + [0x45, 1, 2, 3, 4]
        #expect(
            kept == [8, 1] + field(3, Array("[blanked]".utf8)) + [64, 3] + field(9, provision) + [
                80, 0x96, 1,
            ])
        #expect(
            paths == [
                "base64.auth", "base64.payload.password", "base64.payload.auth", "base64.payload.auth_token",
            ])
        #expect(try blank(text) == nil, "what was blanked stays as it is")
    }

    @Test("leaves frames without credentials alone, and shows nothing of one it cannot read")
    func otherFrames() throws {
        // Of another command, field 9 holds chat.
        let chat = [8, 1, 64, 0] + field(9, field(14, Array("hello".utf8)))
        #expect(try blank(line(chat)) == nil)
        #expect(try blank(line(field(3, [1]), type: "easemob.pb.Meta")) == nil)
        for torn in [
            line(field(3, [65, 66]).dropLast()), line([64, 3] + field(9, [0xFF])),
            #"{"frame":"MSync","base64":"?"}"#,
        ] {
            let (text, paths) = try #require(try blank(torn))
            #expect(try JSONDocument(text: text).root["base64"]?.string == "[blanked]")
            #expect(paths == ["base64"])
        }
    }

    @Test(
        "leaves a payload without live credentials alone",
        arguments: [
            #"{"message":{"secret":"a","thumb_secret":"b","url":"https://x/?share-secret=c"}}"#,
            #"{"accessToken":null,"pwd":{},"text":"accessToken"}"#, #"{"accesstoken":"x"}"#, #""pwd""#,
            #"{"accessToken":"[blanked]"}"#,
        ])
    func leaves(_ json: String) throws {
        #expect(try blank(json) == nil)
    }
}
