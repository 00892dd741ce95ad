// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SteleReplay

@Suite("Callbacks signed anew")
struct FreshSignatureTests {
    private func signed(_ payload: String, secret: String = "s") -> String {
        String(decoding: FreshSignature.sign(Array(payload.utf8), secret: secret), as: UTF8.self)
    }

    /// MD5 of `org#app_1` + `s` + `1700000000000`, by md5sum.
    private let signature = "a96302a3a7100bdaba3736c5969c4c1c"

    @Test("only the value of 'security' changes")
    func replaces() {
        let before = #"{ "callId" : "org#app_1", "security":"0123","timestamp":1700000000000 ,"x":"\u4f60"}"#
        let after =
            #"{ "callId" : "org#app_1", "security":"SIGNATURE","timestamp":1700000000000 ,"x":"\u4f60"}"#
        #expect(signed(before) == after.replacing("SIGNATURE", with: signature))
    }

    @Test("a timestamp written as text signs the same")
    func textTimestamp() {
        #expect(
            signed(#"{"callId":"org#app_1","timestamp":"1700000000000","security":""}"#).contains(signature))
    }

    @Test("one recorded without a signature gets one, as its last member")
    func adds() {
        let before = "{\"callId\":\"org#app_1\",\"timestamp\":1700000000000}\n"
        let after = "{\"callId\":\"org#app_1\",\"timestamp\":1700000000000,\"security\":\"\(signature)\"}\n"
        #expect(signed(before) == after)
    }

    @Test(
        "what cannot be signed stays as it is",
        arguments: [
            "not json", "[1]", #"{"callId":"a"}"#, #"{"timestamp":1}"#, #"{"callId":7,"timestamp":1}"#,
        ])
    func leavesAlone(payload: String) { #expect(signed(payload) == payload) }
}
