// SPDX-License-Identifier: Apache-2.0

/// The log's size and root at one moment, in the form of C2SP `tlog-checkpoint`.
///
/// ```
/// stele/3b0f…                                    origin
/// 421184                                         records, decimal
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    root, base64
/// ```
package struct Checkpoint: Hashable, Sendable {
    package let origin: String
    package let size: UInt64
    package let root: TreeHash

    package init(origin: String, size: UInt64, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a signed note; lines after the third are extensions, which others may use.
    package init(text: String) throws(NoteRefusal) {
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count > 1, lines.last?.isEmpty == true else { throw .noLastLineFeed }
        guard lines.count > 3 else { throw .tooFewLines }
        guard lines.dropLast().allSatisfy({ !$0.isEmpty }) else { throw .emptyLine }
        guard let size = UInt64(decimal: lines[1]) else { throw .malformedSize }
        guard let root = Base64.bytes(lines[2]), root.count == TreeHash.byteCount else {
            throw .malformedRoot
        }
        self.init(
            origin: String(decoding: lines[0], as: UTF8.self), size: size, root: TreeHash(root))
    }

    package var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }

    /// Whether it speaks of the log that calls itself `origin`.
    package func isOf(_ origin: String) -> Bool { self.origin.utf8.elementsEqual(origin.utf8) }
}

extension UInt64 {
    /// Reads decimal digits without sign or leading zeros.
    fileprivate init?(decimal digits: ArraySlice<UInt8>) {
        let text = String(decoding: digits, as: UTF8.self)
        guard let value = UInt64(text), String(value) == text else { return nil }
        self = value
    }
}

/// A checkpoint as it is kept and sent: a signed note whose text is one.
package struct CheckpointNote: Hashable, Sendable {
    package let checkpoint: Checkpoint
    package let note: SignedNote

    package init(_ bytes: [UInt8]) throws(NoteRefusal) {
        note = try SignedNote(bytes)
        checkpoint = try Checkpoint(text: note.text)
    }

    init(_ checkpoint: Checkpoint, signedBy key: SigningKey) throws(LogError) {
        self.checkpoint = checkpoint
        note = try key.sign(checkpoint.text)
    }

    /// Its file's bytes.
    package var encoded: [UInt8] { note.encoded }
}
