// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

@Suite struct TreeTests {
    /// The leaves and roots that certificate transparency's implementations share as test data.
    private static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        Array(0x50...0x57), Array(0x60...0x6F),
    ]
    private static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    private func leaf(_ bytes: [UInt8]) -> TreeHash { bytes.withUnsafeBytes { TreeHash(leaf: $0) } }
    private func hexadecimal(_ hash: TreeHash) -> String {
        hash.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    private func root(_ leaves: some Collection<TreeHash>) -> TreeHash {
        var frontier = TreeFrontier()
        for leaf in leaves { frontier.append(leaf: leaf) }
        return frontier.root
    }

    @Test("roots are those of RFC 6962's test data")
    func knownRoots() {
        #expect(
            hexadecimal(TreeHash.empty) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for size in 1...8 {
            #expect(hexadecimal(root(Self.leaves[..<size].map(leaf))) == Self.roots[size - 1])
        }
    }

    @Test("every proof of every small tree holds, and no changed one does")
    func proofs() {
        let leaves = (0..<33).map { leaf([UInt8($0)]) }
        func subtree(_ range: Range<UInt64>) -> TreeHash {
            root(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        for size in UInt64(1)...33 {
            let whole = subtree(0..<size)
            for index in 0..<size {
                let proof = TreeProof.inclusion(of: index, in: size, subtree: subtree)
                let leaf = leaves[Int(index)]
                #expect(TreeProof.isIncluded(leaf, at: index, in: size, root: whole, proof: proof))
                #expect(
                    !TreeProof.isIncluded(leaf, at: index, in: size, root: leaf, proof: proof) || size == 1)
                #expect(
                    !TreeProof.isIncluded(whole, at: index, in: size, root: whole, proof: proof) || size == 1)
                #expect(!TreeProof.isIncluded(leaf, at: index, in: size, root: whole, proof: proof + [whole]))
                if size > 1 {
                    #expect(
                        !TreeProof.isIncluded(
                            leaf, at: (index + 1) % size, in: size, root: whole, proof: proof))
                    #expect(
                        !TreeProof.isIncluded(
                            leaf, at: index, in: size, root: whole, proof: Array(proof.dropLast())))
                }
            }
            for old in 1...size {
                let proof = TreeProof.consistency(from: old, to: size, subtree: subtree)
                let oldRoot = subtree(0..<old)
                #expect(TreeProof.isConsistent(old, oldRoot, with: size, whole, proof: proof))
                #expect(!TreeProof.isConsistent(old, leaves[0], with: size, whole, proof: proof) || old == 1)
                #expect(
                    !TreeProof.isConsistent(old, oldRoot, with: size, oldRoot, proof: proof) || old == size)
                #expect(!TreeProof.isConsistent(old, oldRoot, with: size, whole, proof: proof + [whole]))
            }
        }
    }

    @Test("a note signed elsewhere is accepted, and refused once changed")
    func foreignNote() throws {
        let key = try #require(
            VerifyingKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))
        let text = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.

            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

            """
        let note = try SignedNote(Array(text.utf8))
        try note.verify(key)
        #expect(note.encoded == Array(text.utf8))
        let changed = try SignedNote(Array(text.replacing("answer", with: "Answer").utf8))
        #expect(throws: SignedNote.Refusal.wrongSignature) { try changed.verify(key) }
        let other = SigningKey(name: "PeterNeumann").verifyingKey
        #expect(throws: SignedNote.Refusal.unknownSigner) { try note.verify(other) }
    }

    @Test(
        "what is no signed note is refused",
        arguments: [
            "", "text\n", "text\n\n", "text\n\n\u{2014} name AAAAAAAA", "text\n\n- name AAAAAAAA\n",
            "text\n\n\u{2014} AAAAAAAA\n", "text\n\n\u{2014} na+me AAAAAAAA\n",
            "text\n\n\u{2014} name AAAAAA==\n",
            "text\n\n\u{2014} name !AAAAAAA\n", "te\u{1}xt\n\n\u{2014} name AAAAAAAA\n",
            "text\n\n\u{2014} name AAAAAAAA\nmore\n",
        ])
    func malformedNotes(text: String) {
        #expect(throws: SignedNote.Refusal.self) { try SignedNote(Array(text.utf8)) }
    }

    @Test(
        "checkpoints are read by their rules",
        arguments: [
            ("origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true),
            ("origin\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n", true),
            ("origin\n012\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false),
            ("origin\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false),
            ("\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false),
            ("origin\n12\n47DEQpj8HBSa\n", false), ("origin\n12\n", false),
            ("origin\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", false),
            ("origin\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n", false),
        ])
    func checkpoints(text: String, isGood: Bool) {
        #expect((Checkpoint(text: text) != nil) == isGood)
    }

    @Test("the key is made once, private to its owner, and signs what others can check")
    func key() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let key = try SigningKey.readOrCreate(for: archive)
            #expect(try SigningKey.readOrCreate(for: archive).verifyingKey == key.verifyingKey)
            let attributes = try FileManager.default.attributesOfItem(atPath: archive.keyPath)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let checkpoint = Checkpoint(origin: archive.origin, size: 7, root: .empty)
            let note = try SignedNote(try key.sign(checkpoint.text).encoded)
            try note.verify(try #require(VerifyingKey(key.verifyingKey.description)))
            #expect(Checkpoint(text: note.text) == checkpoint)
        }
    }

    @Test("checkpoints of every size match the log, and proofs from it hold")
    func checkpointsOfTheLog() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions.small
            options.memberByteCount = 1500
            options.segmentByteCount = 3000
            let writer = try LogWriter.open(archive, options: options)
            let reader = try LogReader(archive)
            var kept: [Checkpoint] = []
            for part in 0..<12 {
                _ = try await writer.append(LineBatch(part * 7..<part * 7 + 7))
                kept.append(try reader.checkpoint())
            }
            try await writer.close()
            #expect(kept.map(\.size) == (1...12).map { $0 * 7 })
            for checkpoint in kept { #expect(try reader.matches(checkpoint)) }
            #expect(try LogVerifier(archive).run().root == kept.last?.root)
            let forged = Checkpoint(origin: archive.origin, size: kept[3].size, root: kept[4].root)
            #expect(try !reader.matches(forged))
            #expect(try !reader.matches(Checkpoint(origin: archive.origin, size: 85, root: kept[4].root)))
            func subtree(_ range: Range<UInt64>) throws -> TreeHash {
                try #require(try reader.subtree(range))
            }
            let last = try #require(kept.last)
            for checkpoint in kept {
                let proof = try TreeProof.consistency(from: checkpoint.size, to: last.size, subtree: subtree)
                #expect(
                    TreeProof.isConsistent(
                        checkpoint.size, checkpoint.root, with: last.size, last.root, proof: proof))
            }
            let lines = try reader.everything().lines
            for index in [0, 1, 41, 83] {
                let proof = try TreeProof.inclusion(of: UInt64(index), in: last.size, subtree: subtree)
                let leaf = leaf(Array(lines[index].utf8))
                #expect(
                    TreeProof.isIncluded(
                        leaf, at: UInt64(index), in: last.size, root: last.root, proof: proof))
            }
        }
    }
}
