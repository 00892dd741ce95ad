// SPDX-License-Identifier: Apache-2.0

/// A text and the signatures under it, in the form of C2SP `signed-note`.
///
/// ```
/// text, one or more lines, each ended by a line feed
///                                                        an empty line
/// — NAME BASE64(key ID, 4 bytes; Ed25519 signature, 64 bytes)
/// ```
///
/// Bytes decide everywhere: what Swift holds for the same text (an accent in one or two code points) is not the
/// same note.
package struct SignedNote: Hashable, Sendable {
    /// The signed text, with its last line feed.
    package let text: String
    package let signatures: [Signature]

    package struct Signature: Hashable, Sendable {
        package let name: String
        package let keyID: UInt32
        package let bytes: [UInt8]
    }

    /// The largest note that is read: room for any number of witnesses.
    package static let maximumByteCount = 1_000_000
    /// The standard asks for room for 16 at least.
    package static let maximumSignatureCount = 100

    private static let lineFeed = UInt8(ascii: "\n")

    package init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note; whether to rely on it is for ``verify(_:)`` to say.
    package init(_ bytes: [UInt8]) throws(NoteRefusal) {
        guard bytes.count <= Self.maximumByteCount else { throw .tooLarge }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == Self.lineFeed }) else { throw .controlCharacter }
        guard bytes.last == Self.lineFeed else { throw .noLastLineFeed }
        // The text may have empty lines of its own: the last one parts it from its signatures.
        guard
            let split = bytes.indices.dropLast().last(where: {
                bytes[$0...].starts(with: [Self.lineFeed, Self.lineFeed])
            }),
            split + 2 < bytes.count
        else { throw .noSignatures }
        text = String(decoding: bytes[...split], as: UTF8.self)
        let lines = bytes[(split + 2)...].dropLast().split(
            separator: Self.lineFeed, omittingEmptySubsequences: false)
        guard lines.count <= Self.maximumSignatureCount else { throw .tooManySignatures }
        let textLineCount = bytes[...split].count { $0 == Self.lineFeed }
        var signatures: [Signature] = []
        for (index, line) in lines.enumerated() {
            guard let signature = Signature(line: line) else {
                throw .malformedSignature(line: textLineCount + 2 + index)
            }
            signatures.append(signature)
        }
        self.signatures = signatures
    }

    /// The whole note, as it is kept and sent.
    package var encoded: [UInt8] { Array((text + "\n" + signatures.map(\.line).joined()).utf8) }

    /// Checks that one of `keys` signed the text.
    ///
    /// Signatures by other keys do not matter, also where they share a name or an ID with a known one; one that
    /// claims to be by a known key and is not spoils the note.
    package func verify(_ keys: [VerifyingKey]) throws(NoteRefusal) {
        var isSigned = false
        for signature in signatures {
            for key in keys where key.isNamed(in: signature) {
                guard key.isSignature(signature.bytes, of: Array(text.utf8)) else { throw .wrongSignature }
                isSigned = true
            }
        }
        guard isSigned else { throw .unknownSigner }
    }

    /// Whether it has a signature that claims to be by this key.
    package func names(_ key: VerifyingKey) -> Bool { signatures.contains { key.isNamed(in: $0) } }

    /// Key names are not empty, and hold neither white space nor `+`, nor what no note may hold.
    package static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }
}

extension SignedNote.Signature {
    /// `— NAME BASE64`, without its line feed.
    fileprivate init?(line: ArraySlice<UInt8>) {
        guard line.starts(with: Self.dash) else { return nil }
        let parts = line.dropFirst(Self.dash.count).split(
            separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let name = String(decoding: parts[0], as: UTF8.self)
        guard SignedNote.isName(name), let data = Base64.bytes(parts[1]), data.count > 4 else { return nil }
        self.name = name
        keyID = data.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        bytes = Array(data.dropFirst(4))
    }

    fileprivate var line: String {
        let keyID = stride(from: UInt32(24), through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: self.keyID >> $0)
        }
        return "\u{2014} \(name) \(Base64.text(keyID + bytes))\n"
    }

    private static let dash = Array("\u{2014} ".utf8)
}
