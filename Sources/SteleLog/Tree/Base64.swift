// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Standard base64: RFC 4648, section 4.
enum Base64 {
    static func text(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// The bytes that `text` stands for; nil when it is anything but what encoding them gives.
    ///
    /// Padding belongs to it; line breaks, other alphabets and stray bits in the last digit are refused, so that
    /// the same bytes are never written in two ways.
    static func bytes(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let text = Data(text)
        guard let bytes = Data(base64Encoded: text), bytes.base64EncodedData() == text else { return nil }
        return [UInt8](bytes)
    }
}

extension TreeHash {
    /// Standard base64, 44 characters.
    package var base64: String { Base64.text(bytes) }

    /// Reads the form of ``base64``, and no other.
    package init?(base64 text: some StringProtocol) {
        guard let bytes = Base64.bytes(text.utf8), bytes.count == Self.byteCount else { return nil }
        self.init(bytes)
    }
}
