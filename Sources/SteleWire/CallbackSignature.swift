// SPDX-License-Identifier: Apache-2.0

import Crypto

/// The signature of a callback: its `security` member.
///
/// The platform sends the MD5 of `callId`, the rule's secret and `timestamp`, one after the other, in lower-case
/// hexadecimal. MD5 is the platform's choice; nothing of ours rests on it.
package enum CallbackSignature {
    /// The signature the platform gives a callback.
    ///
    /// `timestamp` is in decimal digits, as the callback writes it.
    package static func md5Hex(callID: String, secret: String, timestamp: String) -> String {
        var hash = Insecure.MD5()
        hash.update(data: Array(callID.utf8))
        hash.update(data: Array(secret.utf8))
        hash.update(data: Array(timestamp.utf8))
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * Insecure.MD5.byteCount)
        for byte in hash.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether one of the secrets gives this signature.
    ///
    /// Takes the same time whichever byte or secret differs, so that an answer's delay tells nothing of either.
    package static func matches(
        _ signature: String, callID: String, secrets: [String], timestamp: String
    ) -> Bool {
        var isMatch = false
        for secret in secrets {
            let expected = md5Hex(callID: callID, secret: secret, timestamp: timestamp)
            isMatch = isEqual(Array(signature.utf8), Array(expected.utf8)) || isMatch
        }
        return isMatch
    }

    private static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference == 0
    }
}
