// SPDX-License-Identifier: Apache-2.0

import Crypto

/// The public half of a signing key: `NAME+KEYID+BASE64(01, public key)`, as C2SP `signed-note` writes it.
package struct VerifyingKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// 32 bytes, as in RFC 8032.
    package let publicKey: [UInt8]

    /// `signed-note`'s number for Ed25519.
    static let algorithm: UInt8 = 1

    package init?(name: String, publicKey: [UInt8]) {
        guard SignedNote.isName(name), publicKey.count == 32 else { return nil }
        self.name = name
        self.publicKey = publicKey
    }

    /// Reads the one form there is; the key ID must be the key's.
    package init?(_ text: some StringProtocol) {
        // The key itself is base64, in which a plus may stand.
        let parts = Array(text.utf8).split(
            separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let data = Base64.bytes(parts[2]), data.first == Self.algorithm,
            let key = VerifyingKey(
                name: String(decoding: parts[0], as: UTF8.self), publicKey: Array(data.dropFirst())),
            parts[1].elementsEqual(key.keyIDText.utf8)
        else { return nil }
        self = key
    }

    /// The first four bytes of SHA-256 of name, line feed, algorithm and public key.
    package var keyID: UInt32 {
        let hash = SHA256.hash(data: Array(name.utf8) + [UInt8(ascii: "\n"), Self.algorithm] + publicKey)
        return hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Eight hexadecimal digits in lower case.
    var keyIDText: String {
        let digits = String(keyID, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    package var description: String {
        "\(name)+\(keyIDText)+\(Base64.text([Self.algorithm] + publicKey))"
    }

    /// Whether a signature claims to be by this key.
    func isNamed(in signature: SignedNote.Signature) -> Bool {
        signature.keyID == keyID && signature.name.utf8.elementsEqual(name.utf8)
    }

    func isSignature(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        // A key that is no point of the curve has made no signature.
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: text)
    }
}
