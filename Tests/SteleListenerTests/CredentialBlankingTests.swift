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
