// SPDX-License-Identifier: Apache-2.0

import Crypto
import SteleEvents
import Testing

@testable import SteleListener

@Suite("Gate for callbacks")
struct CallbackGateTests {
    private static let secrets: [AppKey: [String]] = [
        AppKey("org#app"): ["one", "two"], AppKey("org#b"): ["three"],
    ]

    /// The platform's rule: lower-case hexadecimal MD5 of callId, secret and timestamp.
    private static func signed(
        _ id: String, _ secret: String, app: String? = nil, timestamp: String = "17", more: String = ""
    ) -> String {
        let digest = Insecure.MD5.hash(data: Array((id + secret + timestamp).utf8))
        let hex = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let app = app.map { #","appkey":"\#($0)""# } ?? ""
        return #"{"callId":"\#(id)","security":"\#(hex)","timestamp":\#(timestamp)\#(app)\#(more)}"#
    }

    private func code(
        _ json: String, secrets: [AppKey: [String]] = secrets,
        unsigned: Set<CallbackGate.UnsignedKind> = [], isLoopback: Bool = true
    ) throws -> Rejection.Code? {
        let gate = CallbackGate(secrets: secrets, allowUnsigned: unsigned, isLoopback: isLoopback)
        let document = try JSONDocument(text: json)
        do throws(Rejection) {
            try gate.check(document.root)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("lets a callback in that any secret of its app signed", arguments: ["one", "two"])
    func anySecret(_ secret: String) throws {
        #expect(try code(Self.signed("org#app_1", secret, app: "org#app")) == nil)
        #expect(
            try code(Self.signed("org#app_1", secret)) == nil,
            "pre-send callbacks name their app in callId alone")
    }

    @Test("refuses a wrong, foreign, altered or missing signature")
    func refuses() throws {
        #expect(try code(Self.signed("org#app_1", "wrong", app: "org#app")) == .badSignature)
        #expect(try code(Self.signed("org#app_1", "three", app: "org#app")) == .badSignature)
        #expect(try code(Self.signed("org#app_1", "one", app: "org#c")) == .unknownApp)
        #expect(try code(Self.signed("x_1", "one", app: "org#c")) == .unknownApp)
        #expect(try code(#"{"callId":"org#app_1","appkey":"org#app","timestamp":17}"#) == .unsigned)
        #expect(
            try code(#"{"callId":"org#app_1","security":"","appkey":"org#app","timestamp":17}"#)
                == .badSignature)
        #expect(try code(#"{"callId":1,"security":[],"appkey":"org#app"}"#) == .unsigned)
        #expect(try code("[]") == .unsigned)
    }

    @Test("trusts whoever can connect only without secrets and on a loopback address")
    func open() throws {
        let unsigned = #"{"chat_type":"chat","msg_id":"1"}"#
        #expect(try code(unsigned, secrets: [:]) == nil)
        #expect(try code(unsigned, secrets: [:], isLoopback: false) == .unsigned)
        #expect(
            try code(unsigned, secrets: [AppKey("a#b"): []]) == nil, "an app without secrets is no secret")
        #expect(try code(unsigned) == .unsigned)
    }

    @Test(
        "lets named kinds in unsigned, and never with a wrong signature",
        arguments: [
            (CallbackGate.UnsignedKind.reaction, #""chat_type":"notify","payload":{"type":"reaction"}"#),
            (.thread, #""chat_type":"notify","payload":{"type":"thread"}"#),
            (.push, #""step":"push","status":"success""#),
        ])
    func unsignedKinds(_ kind: CallbackGate.UnsignedKind, _ members: String) throws {
        #expect(try code("{\(members)}", unsigned: [kind]) == nil)
        #expect(try code("{\(members)}") == .unsigned)
        let others = Set(CallbackGate.UnsignedKind.allCases).subtracting([kind])
        #expect(try code("{\(members)}", unsigned: others) == .unsigned)
        let forged = Self.signed("org#app_1", "wrong", app: "org#app", more: ",\(members)")
        #expect(try code(forged, unsigned: [kind]) == .badSignature)
    }
}
