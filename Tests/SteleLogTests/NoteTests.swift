// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// The rules of C2SP `signed-note` and `tlog-checkpoint`, each with what keeps it and what breaks it.
@Suite struct NoteTests {
    /// A note of the standard's own, and the key it names for it.
    private static let standardKey =
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    private static let standardNote = """
        This is an example message.

        \u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

        """
    /// A note of Go's `golang.org/x/mod/sumdb/note`.
    private static let goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let goNote = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """
    private static let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    private func key(_ text: String) throws -> VerifyingKey { try #require(VerifyingKey(text)) }

    // MARK: - Notes of others

    @Test("notes signed elsewhere are accepted, and refused once changed", arguments: [0, 1])
    func foreignNotes(number: Int) throws {
        let (keyText, text) = [(Self.standardKey, Self.standardNote), (Self.goKey, Self.goNote)][number]
        let key = try key(keyText)
        #expect(key.description == keyText)
        let note = try SignedNote(Array(text.utf8))
        try note.verify([key])
        #expect(note.encoded == Array(text.utf8))
        for place in note.text.utf8.indices.dropLast() {
            var bytes = Array(text.utf8)
            let offset = text.utf8.distance(from: text.utf8.startIndex, to: place)
            bytes[offset] = bytes[offset] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
            let changed = try SignedNote(bytes)
            #expect(throws: NoteRefusal.wrongSignature) { try changed.verify([key]) }
        }
        let other = try #require(SigningKey(name: key.name)).verifyingKey
        #expect(throws: NoteRefusal.unknownSigner) { try note.verify([other]) }
        #expect(throws: NoteRefusal.unknownSigner) { try note.verify([]) }
    }

    // MARK: - Signed notes

    private static let good = "text\n\n\u{2014} name AAAAAAA=\n"

    @Test(
        "a note is read by its rules",
        arguments: [
            ("text, empty line, signature line", good, nil),
            ("several signatures", good + "\u{2014} other AAAAAAA=\n", nil),
            ("empty lines in the text", "a\n\n\nb\n\n\u{2014} name AAAAAAA=\n", nil),
            ("the last empty line parts them", "a\n\n\u{2014} name AAAAAAA=\n\n\u{2014} n AAAAAAA=\n", nil),
            ("any UTF-8", "文本 e\u{301}\n\n\u{2014} 名字/e\u{301} AAAAAAA=\n", nil),
            ("a name may begin with an accent", "text\n\n\u{2014} \u{301}name AAAAAAA=\n", nil),
            ("a text that looks like a signature", "\u{2014} name AAAAAAA=\n\n\u{2014} name AAAAAAA=\n", nil),
            ("nothing", "", .noLastLineFeed),
            ("no last line feed", "text\n\n\u{2014} name AAAAAAA=", .noLastLineFeed),
            ("no signatures", "text\n", .noSignatures),
            ("no signatures after the empty line", "text\n\n", .noSignatures),
            ("no empty line", "text\n\u{2014} name AAAAAAA=\n", .noSignatures),
            ("no text", "\n\u{2014} name AAAAAAA=\n", .noSignatures),
            ("a tab", "te\txt\n\n\u{2014} name AAAAAAA=\n", .controlCharacter),
            ("a carriage return", "text\r\n\n\u{2014} name AAAAAAA=\n", .controlCharacter),
            ("a zero", "te\0xt\n\n\u{2014} name AAAAAAA=\n", .controlCharacter),
            ("a hyphen for the dash", "text\n\n- name AAAAAAA=\n", .malformedSignature(line: 3)),
            ("an en dash", "text\n\n\u{2013} name AAAAAAA=\n", .malformedSignature(line: 3)),
            ("no space after the dash", "text\n\n\u{2014}name AAAAAAA=\n", .malformedSignature(line: 3)),
            ("two spaces", "text\n\n\u{2014} name  AAAAAAA=\n", .malformedSignature(line: 3)),
            ("a space at the end", "text\n\n\u{2014} name AAAAAAA= \n", .malformedSignature(line: 3)),
            ("no name", "text\n\n\u{2014} AAAAAAA=\n", .malformedSignature(line: 3)),
            ("an empty name", "text\n\n\u{2014}  AAAAAAA=\n", .malformedSignature(line: 3)),
            ("a plus in the name", "text\n\n\u{2014} na+me AAAAAAA=\n", .malformedSignature(line: 3)),
            (
                "a plus with an accent in the name", "text\n\n\u{2014} na+\u{301}me AAAAAAA=\n",
                .malformedSignature(line: 3)
            ),
            (
                "a wide space in the name", "text\n\n\u{2014} na\u{3000}me AAAAAAA=\n",
                .malformedSignature(line: 3)
            ),
            (
                "a no-break space in the name", "text\n\n\u{2014} na\u{A0}me AAAAAAA=\n",
                .malformedSignature(line: 3)
            ),
            ("four bytes only", "text\n\n\u{2014} name AAAAAA==\n", .malformedSignature(line: 3)),
            ("no padding", "text\n\n\u{2014} name AAAAAAA\n", .malformedSignature(line: 3)),
            ("padding too much", "text\n\n\u{2014} name AAAAAAA==\n", .malformedSignature(line: 3)),
            (
                "stray bits in the last digit", "text\n\n\u{2014} name AAAAAAB=\n",
                .malformedSignature(line: 3)
            ),
            ("another alphabet", "text\n\n\u{2014} name AAAA-_A=\n", .malformedSignature(line: 3)),
            ("what is no base64", "text\n\n\u{2014} name !AAAAAA=\n", .malformedSignature(line: 3)),
            ("another line among the signatures", good + "more\n", .malformedSignature(line: 4)),
        ] as [(String, String, NoteRefusal?)])
    func noteRules(rule: String, text: String, refusal: NoteRefusal?) {
        do throws(NoteRefusal) {
            let note = try SignedNote(Array(text.utf8))
            #expect(refusal == nil, "\(rule)")
            #expect(note.encoded == Array(text.utf8), "\(rule)")
        } catch {
            #expect(error == refusal, "\(rule)")
        }
    }

    @Test("bytes that are not UTF-8 are refused")
    func notUTF8() {
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x80]] as [[UInt8]] {
            #expect(throws: NoteRefusal.notUTF8) { try SignedNote(bytes + Array(Self.good.utf8)) }
        }
    }

    @Test("sixteen signatures of five kilobytes are read, and there is a limit to both")
    func limits() throws {
        let signature = "\u{2014} name \(Data(repeating: 7, count: 5000).base64EncodedString())\n"
        let wide = try SignedNote(
            Array(("text\n\n" + String(repeating: signature, count: 16)).utf8))
        #expect(wide.signatures.count == 16)
        let short = "\u{2014} name AAAAAAA=\n"
        #expect(throws: NoteRefusal.tooManySignatures) {
            try SignedNote(Array(("text\n\n" + String(repeating: short, count: 101)).utf8))
        }
        #expect(throws: NoteRefusal.tooLarge) {
            try SignedNote([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000) + Array(Self.good.utf8))
        }
    }

    // MARK: - Who signed

    @Test("unknown signatures are ignored, and a false one by a known key spoils the note")
    func signers() throws {
        let (alice, bob) = (
            try #require(SigningKey(name: "alice")), try #require(SigningKey(name: "bob"))
        )
        let text = "text\n"
        let (byAlice, byBob) = (try alice.sign(text), try bob.sign(text))
        let both = SignedNote(text: text, signatures: byBob.signatures + byAlice.signatures)
        for keys in [[alice.verifyingKey], [bob.verifyingKey], [alice.verifyingKey, bob.verifyingKey]] {
            try both.verify(keys)
        }
        // The same ID under another name, and the same name with another ID, are others' business.
        let signature = try #require(byAlice.signatures.first)
        let renamed = SignedNote.Signature(name: "carol", keyID: signature.keyID, bytes: signature.bytes)
        let renumbered = SignedNote.Signature(name: "alice", keyID: signature.keyID ^ 1, bytes: [1, 2, 3])
        try SignedNote(text: text, signatures: [renamed, renumbered, signature]).verify([alice.verifyingKey])
        #expect(throws: NoteRefusal.unknownSigner) {
            try SignedNote(text: text, signatures: [renamed, renumbered]).verify([alice.verifyingKey])
        }
        // A good one does not make up for a false one that claims to be by the same key.
        let false1 = SignedNote.Signature(
            name: "alice", keyID: signature.keyID, bytes: signature.bytes.reversed())
        for signatures in [[signature, false1], [false1, signature]] {
            #expect(throws: NoteRefusal.wrongSignature) {
                try SignedNote(text: text, signatures: signatures).verify([alice.verifyingKey])
            }
        }
        // Names are compared byte for byte, not as Swift compares text.
        let composed = try #require(SigningKey(name: "\u{E9}"))
        let byComposed = try #require(try composed.sign(text).signatures.first)
        let decomposed = SignedNote.Signature(
            name: "e\u{301}", keyID: byComposed.keyID, bytes: byComposed.bytes)
        #expect(throws: NoteRefusal.unknownSigner) {
            try SignedNote(text: text, signatures: [decomposed]).verify([composed.verifyingKey])
        }
    }

    @Test(
        "a verifying key is read by its rules",
        arguments: [
            ("name, ID and key", standardKey, true), ("a plus in the base64", goKey, true),
            ("nothing", "", false), ("no key", "example.com/foo+530d903a", false),
            ("another ID", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", false),
            ("another name", "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", false),
            (
                "an ID in capitals", "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                false
            ),
            ("a space", " example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", false),
            ("a line feed", standardKey + "\n", false),
            ("padding where none belongs", goKey + "=", false),
            // The key IDs are right: only the rule named is broken.
            (
                "another algorithm", "example.com/foo+7c264079+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                false
            ),
            ("a short key", "example.com/foo+64bb65a9+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", false),
        ])
    func verifyingKeys(rule: String, text: String, isGood: Bool) {
        #expect((VerifyingKey(text) != nil) == isGood, "\(rule)")
    }

    @Test("a key ID is the beginning of SHA-256 of name, line feed, algorithm and key")
    func keyID() throws {
        #expect(try key(Self.standardKey).keyID == 0x530d_903a)
        #expect(try key(Self.goKey).keyID == 0xc74f_20a3)
        #expect(try key(Self.standardKey).publicKey.count == 32)
    }

    @Test("what cannot be a key's name makes no key")
    func names() {
        for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb", "a\u{1}b"] {
            #expect(SigningKey(name: name) == nil, "\(name)")
            #expect(!SignedNote.isName(name))
        }
        for name in ["stele/3b0f", "example.com/log42", "碑"] { #expect(SigningKey(name: name) != nil) }
    }

    // MARK: - Checkpoints

    @Test(
        "a checkpoint is read by its rules",
        arguments: [
            ("an empty log", "origin\n0\n\(root)\n", nil),
            ("extension lines", "origin\n12\n\(root)\nextension\nmore 1\n", nil),
            ("any origin", "an origin + with spaces\n12\n\(root)\n", nil),
            ("the largest size", "origin\n18446744073709551615\n\(root)\n", nil),
            ("a leading zero", "origin\n012\n\(root)\n", .malformedSize),
            ("two zeros", "origin\n00\n\(root)\n", .malformedSize),
            ("a sign", "origin\n-1\n\(root)\n", .malformedSize),
            ("a plus", "origin\n+1\n\(root)\n", .malformedSize),
            ("a space", "origin\n 1\n\(root)\n", .malformedSize),
            ("hexadecimal", "origin\n0x1\n\(root)\n", .malformedSize),
            ("other digits", "origin\n\u{0661}\n\(root)\n", .malformedSize),
            ("a size too large", "origin\n18446744073709551616\n\(root)\n", .malformedSize),
            ("no origin", "\n12\n\(root)\n", .emptyLine),
            ("an empty line", "origin\n12\n\(root)\n\n", .emptyLine),
            ("an empty line before an extension", "origin\n12\n\(root)\n\nextension\n", .emptyLine),
            ("a short root", "origin\n12\n47DEQpj8HBSa\n", .malformedRoot),
            ("a root without padding", "origin\n12\n\(root.dropLast())\n", .malformedRoot),
            (
                "stray bits in the root", "origin\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
                .malformedRoot
            ),
            ("two lines", "origin\n12\n", .tooFewLines), ("nothing", "", .noLastLineFeed),
            ("no last line feed", "origin\n12\n\(root)", .noLastLineFeed),
        ] as [(String, String, NoteRefusal?)])
    func checkpointRules(rule: String, text: String, refusal: NoteRefusal?) throws {
        do throws(NoteRefusal) {
            let checkpoint = try Checkpoint(text: text)
            #expect(refusal == nil, "\(rule)")
            #expect(text.hasPrefix(checkpoint.text), "\(rule)")
        } catch {
            #expect(error == refusal, "\(rule)")
        }
    }

    @Test("what is signed here keeps the rules, and its text is what was stated")
    func own() throws {
        let key = try #require(SigningKey(name: "stele/example"))
        let checkpoint = Checkpoint(origin: "stele/example", size: 421_184, root: .empty)
        let note = try CheckpointNote(checkpoint, signedBy: key)
        let read = try CheckpointNote(note.encoded)
        #expect(read == note && read.checkpoint == checkpoint)
        try read.note.verify([try self.key("\(key.verifyingKey)")])
        #expect(note.note.text == "stele/example\n421184\n\(Self.root)\n")
    }
}
