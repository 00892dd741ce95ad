// SPDX-License-Identifier: Apache-2.0

import Crypto

/// The Ed25519 key an archive signs its checkpoints with.
///
/// As text it is one line, `PRIVATE+KEY+NAME+KEYID+BASE64(01, seed)`. Whoever has it can sign another history.
package struct SigningKey: Sendable {
    package let name: String
    private let key: Curve25519.Signing.PrivateKey

    /// Makes a new key; nil when `name` cannot be a key's name.
    package init?(name: String) {
        guard SignedNote.isName(name) else { return nil }
        self.name = name
        key = Curve25519.Signing.PrivateKey()
    }

    /// Reads the form of ``text``, with or without a line feed at its end.
    init?(text: String) {
        let line = text.utf8.last == UInt8(ascii: "\n") ? text.utf8.dropLast() : text.utf8[...]
        let parts = Array(line).split(
            separator: UInt8(ascii: "+"), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].elementsEqual("PRIVATE".utf8), parts[1].elementsEqual("KEY".utf8),
            let data = Base64.bytes(parts[4]), data.first == VerifyingKey.algorithm,
            // Anything but 32 bytes is no key; there is nothing more to say of it.
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data.dropFirst())
        else { return nil }
        name = String(decoding: parts[2], as: UTF8.self)
        self.key = key
        guard SignedNote.isName(name), parts[3].elementsEqual(verifyingKey.keyIDText.utf8) else { return nil }
    }

    var text: String {
        let seed = Base64.text([VerifyingKey.algorithm] + key.rawRepresentation)
        return "PRIVATE+KEY+\(name)+\(verifyingKey.keyIDText)+\(seed)"
    }

    /// The public half, which others need to check a checkpoint.
    package var verifyingKey: VerifyingKey {
        guard let verifying = VerifyingKey(name: name, publicKey: Array(key.publicKey.rawRepresentation))
        else {
            preconditionFailure("the name was checked and the key has 32 bytes")
        }
        return verifying
    }

    /// Signs a text, which ends with a line feed.
    package func sign(_ text: String) throws(LogError) -> SignedNote {
        precondition(text.utf8.last == UInt8(ascii: "\n"))
        do {
            let signature = try key.signature(for: Array(text.utf8))
            return SignedNote(
                text: text,
                signatures: [.init(name: name, keyID: verifyingKey.keyID, bytes: Array(signature))])
        } catch {
            throw LogError(
                .badKey, file: name, what: "the key cannot sign: \(error)", remedy: "Try again.")
        }
    }
}
