// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Foundation

/// The Ed25519 key an archive signs its checkpoints with.
///
/// Its file holds one line, `PRIVATE+KEY+NAME+KEYID+BASE64(01, seed)`, readable by the owner only. Whoever has it can
/// sign another history: keep checkpoints, and better the key too, away from the archive.
package struct SigningKey: Sendable {
    package let name: String
    private let key: Curve25519.Signing.PrivateKey

    package init(name: String) {
        precondition(SignedNote.isName(name))
        self.name = name
        key = Curve25519.Signing.PrivateKey()
    }

    /// The public half, which others need to check a checkpoint.
    package var verifyingKey: VerifyingKey {
        guard let verifying = VerifyingKey(name: name, publicKey: Array(key.publicKey.rawRepresentation))
        else {
            preconditionFailure("the name was checked and the key has 32 bytes")
        }
        return verifying
    }

    /// Reads the key at `url`, or makes one there, readable by the owner only.
    ///
    /// - Parameters:
    ///   - url: The key's file; nil is `key` in the archive.
    ///   - archive: Whose origin names the key.
    /// - Returns: The key.
    /// - Throws: ``LogError`` when the file cannot be read or written, or holds no key.
    package static func readOrCreate(_ url: URL? = nil, for archive: Archive) throws(LogError) -> SigningKey {
        let path = url?.path(percentEncoded: false) ?? archive.keyPath
        if archive.files.exists(path) {
            guard let key = SigningKey(try read(path, archive)) else {
                throw LogError(
                    .notAnArchive, file: path, what: "this is not a signing key",
                    remedy: "Name the right file, or restore it: a new key cannot speak for old checkpoints.")
            }
            return key
        }
        let key = SigningKey(name: archive.origin)
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        do throws(FileFailure) {
            try archive.files.writeWhole(
                Array((key.text + "\n").utf8), to: path, in: folder.withoutTrailingSlash, isPrivate: true)
        } catch {
            throw LogError(error)
        }
        return key
    }

    private static func read(_ path: String, _ archive: Archive) throws(LogError) -> String {
        do throws(FileFailure) {
            return String(decoding: try archive.files.contents(of: path), as: UTF8.self)
        } catch {
            throw LogError(error)
        }
    }

    private init?(_ text: String) {
        let line = text.hasSuffix("\n") ? text.dropLast() : text[...]
        let parts = line.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", SignedNote.isName(parts[2]),
            let data = Data(base64Encoded: String(parts[4])), data.first == 1,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data.dropFirst())
        else { return nil }
        name = String(parts[2])
        self.key = key
        guard verifyingKey.description.split(separator: "+")[1] == parts[3] else { return nil }
    }

    private var text: String {
        let keyID = verifyingKey.description.split(separator: "+")[1]
        return "PRIVATE+KEY+\(name)+\(keyID)+\(Data([1] + key.rawRepresentation).base64EncodedString())"
    }

    /// Signs a text that ends with a line feed.
    package func sign(_ text: String) throws -> SignedNote {
        let signature = try key.signature(for: Array(text.utf8))
        return SignedNote(
            text: text,
            signatures: [.init(name: name, keyID: verifyingKey.keyID, bytes: Array(signature))])
    }
}
