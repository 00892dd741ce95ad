// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleWire

/// Signs a recorded callback anew.
///
/// The platform signs `callId`, the app's secret and `timestamp`; those two members stay as recorded, so that a
/// receiver recognises the event as the one it was. Only the value of `security` changes, and every other byte stays.
enum FreshSignature {
    /// The payload with a signature by `secret`, added as the last member when it had none.
    ///
    /// A payload without `callId` or `timestamp` cannot be signed and stays as it is: the platform sends such
    /// callbacks too.
    static func sign(_ payload: [UInt8], secret: String) -> [UInt8] {
        // What is not JSON has nothing to sign.
        guard let document = try? JSONDocument(payload, maximumDepth: .max),
            let callID = document.root["callId"]?.string, let timestamp = document.root["timestamp"]?.text
        else { return payload }
        let signature = CallbackSignature.md5Hex(callID: callID, secret: secret, timestamp: timestamp)
        var signed = payload
        if let old = document.root["security"] {
            signed.replaceSubrange(old.range, with: "\"\(signature)\"".utf8)
        } else {
            // Not empty, as `callId` is in it: the new member follows a comma, before the closing brace.
            let brace = document.root.range.upperBound - 1
            signed.insert(contentsOf: ",\"security\":\"\(signature)\"".utf8, at: brace)
        }
        return signed
    }
}
