// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// Invented callbacks, in the platform's documented form.
struct SampleCallback {
    static let app = "tea-house#atelier"
    static let secret = "invented-secret"

    var number: Int
    var from = "lin"
    var to = "alice"
    var text = "hello"
    /// Milliseconds since 1970.
    var time: Int64

    init(
        _ number: Int, from: String = "lin", to: String = "alice", text: String = "hello", time: Int64? = nil
    ) {
        self.number = number
        self.from = from
        self.to = to
        self.text = text
        self.time = time ?? 1_763_600_000_000 + Int64(number) * 1000
    }

    var id: String { "90000000000\(1000 + number)" }
    var callID: String { "\(Self.app)_\(id)" }

    var signature: String { Self.signature(callID: callID, timestamp: time) }

    /// One line of JSON, signed.
    func line(signature: String? = nil) -> String {
        #"{"callId":"\#(callID)","eventType":"chat","timestamp":\#(time),"chat_type":"chat","from":"\#(from)","#
            + #""to":"\#(to)","msg_id":"\#(id)","payload":{"ext":{},"bodies":[{"msg":"\#(text)","type":"txt"}]},"#
            + #""securityVersion":"1.0.0","security":"\#(signature ?? self.signature)","appkey":"\#(Self.app)","#
            + #""host":"msync@example","content_type":"chat:user:text"}"#
    }

    /// `numbers` as JSON Lines.
    static func lines(_ numbers: Range<Int>) -> String {
        numbers.map { SampleCallback($0, text: "message \($0)").line() + "\n" }.joined()
    }

    static func signature(callID: String, timestamp: Int64, secret: String = secret) -> String {
        let digest = Insecure.MD5.hash(data: Data("\(callID)\(secret)\(timestamp)".utf8))
        return digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
