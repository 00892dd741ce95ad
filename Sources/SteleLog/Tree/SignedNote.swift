// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// A text and the signatures under it, in the form of C2SP `signed-note`.
///
/// ```
/// text, one or more lines, each ended by a line feed
///                                                        an empty line
/// — NAME BASE64(key ID, 4 bytes; Ed25519 signature, 64 bytes)
/// ```
package struct SignedNote: Hashable, Sendable {
    /// The signed text, with its last line feed.
    package let text: String
    package let signatures: [Signature]

    package struct Signature: Hashable, Sendable {
        package let name: String
        package let keyID: UInt32
        package let bytes: [UInt8]
    }

    /// Why a text is no signed note, or not one to rely on.
    package enum Refusal: Error, Hashable, Sendable {
        /// Not UTF-8, control characters, no last line feed, no empty line before the signatures.
        case malformed
        /// A line below the text is no signature line.
        case malformedSignature
        /// No signature is by a known key.
        case unknownSigner
        /// A signature that claims a known key was not made with it.
        case wrongSignature
    }

    package init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    package init(_ bytes: [UInt8]) throws(Refusal) {
        guard let note = String(validating: bytes, as: UTF8.self),
            bytes.allSatisfy({ $0 >= 0x20 || $0 == UInt8(ascii: "\n") }), note.hasSuffix("\n"),
            let split = bytes.lastRange(of: Array("\n\n".utf8))
        else { throw .malformed }
        text = String(decoding: bytes[...split], as: UTF8.self)
        let lines = bytes[(split + 2)...].split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count > 1 else { throw .malformed }
        var signatures: [Signature] = []
        for line in lines.dropLast() {
            let parts = String(decoding: line, as: UTF8.self).split(
                separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\u{2014}", Self.isName(parts[1]),
                let data = Data(base64Encoded: String(parts[2])), data.count > 4
            else { throw .malformedSignature }
            let keyID = data.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            signatures.append(
                Signature(name: String(parts[1]), keyID: keyID, bytes: Array(data.dropFirst(4))))
        }
        self.signatures = signatures
    }

    /// The whole note, as it is kept and sent.
    package var encoded: [UInt8] {
        var result = text + "\n"
        for signature in signatures {
            let keyID = stride(from: UInt32(24), through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: signature.keyID >> $0)
            }
            result += "\u{2014} \(signature.name) \(Data(keyID + signature.bytes).base64EncodedString())\n"
        }
        return Array(result.utf8)
    }

    /// Checks that `key` signed the text; signatures by other keys do not matter.
    package func verify(_ key: VerifyingKey) throws(Refusal) {
        let claims = signatures.filter { $0.name == key.name && $0.keyID == key.keyID }
        guard !claims.isEmpty else { throw .unknownSigner }
        guard claims.allSatisfy({ key.isSignature($0.bytes, of: Array(text.utf8)) }) else {
            throw .wrongSignature
        }
    }

    /// Key names are not empty, and hold neither white space nor `+`.
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && !name.contains { $0.isWhitespace || $0 == "+" }
    }
}

extension [UInt8] {
    /// Where the last occurrence of `pattern` begins.
    fileprivate func lastRange(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return (0...(count - pattern.count)).last { self[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}

/// The public half of a signing key: `NAME+KEYID+BASE64(01, public key)`.
package struct VerifyingKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let publicKey: [UInt8]

    private static let algorithm: UInt8 = 1

    package init?(name: String, publicKey: [UInt8]) {
        guard SignedNote.isName(name), publicKey.count == 32 else { return nil }
        self.name = name
        self.publicKey = publicKey
    }

    package init?(_ text: String) {
        // The key itself is base64, in which a plus may stand.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let data = Data(base64Encoded: String(parts[2])),
            data.first == Self.algorithm,
            let key = VerifyingKey(name: String(parts[0]), publicKey: Array(data.dropFirst())),
            key.keyIDText == parts[1]
        else { return nil }
        self = key
    }

    /// The first four bytes of SHA-256 of name, line feed, algorithm and public key.
    package var keyID: UInt32 {
        let hash = SHA256.hash(data: Array(name.utf8) + [UInt8(ascii: "\n"), Self.algorithm] + publicKey)
        return hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private var keyIDText: String {
        let digits = String(keyID, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    package var description: String {
        "\(name)+\(keyIDText)+\(Data([Self.algorithm] + publicKey).base64EncodedString())"
    }

    func isSignature(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        // A key that is no point of the curve has made no signature.
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: text)
    }
}
