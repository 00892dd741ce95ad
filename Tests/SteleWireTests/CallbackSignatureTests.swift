// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport
import SteleWire
import Testing

struct CallbackSignatureTests {
    /// The documentation's bare envelope is the one message sample whose signature no known secret makes.
    static let signed = (try? Fixtures.files(in: "callback-post"))?.filter {
        $0.contains("/msg-") && !$0.contains("doc-envelope")
    }

    @Test("there are samples to check") func samplesExist() throws {
        #expect(try #require(Self.signed).count == 20)
    }

    @Test("agrees with every signed sample, and with no other secret or timestamp", arguments: signed ?? [])
    func agrees(file: String) throws {
        let root = try JSONDocument(Fixtures.bytes(file)).root
        let callID = try #require(root["callId"]?.string)
        let signature = try #require(root["security"]?.string)
        let timestamp = try #require(root["timestamp"]?.text)
        func matches(_ secrets: [String], _ signature: String, _ timestamp: String) -> Bool {
            CallbackSignature.matches(signature, callID: callID, secrets: secrets, timestamp: timestamp)
        }
        #expect(
            CallbackSignature.md5Hex(callID: callID, secret: "test-secret", timestamp: timestamp) == signature
        )
        #expect(matches(["test-secret"], signature, timestamp))
        #expect(matches(["another", "test-secret", "third"], signature, timestamp))
        #expect(!matches(["another"], signature, timestamp))
        #expect(!matches([], signature, timestamp))
        #expect(!matches(["test-secret"], signature, timestamp + "0"))
        #expect(!matches(["test-secret"], String(signature.dropLast()), timestamp))
        #expect(!matches(["test-secret"], "", timestamp))
        #expect(!matches(["test-secret"], signature.uppercased() + "é", timestamp))
    }
}
