// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// The tree of RFC 6962, its proofs, and the known answers that implementations of certificate transparency share.
@Suite struct TreeTests {
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
    /// The root over a range of the known leaves.
    private func knownRoot(_ range: Range<UInt64>) -> TreeHash {
        root(Self.leaves[Int(range.lowerBound)..<Int(range.upperBound)].map(leaf))
    }

    @Test("roots are those of RFC 6962's test data")
    func knownRoots() {
        #expect(
            hexadecimal(TreeHash.empty) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for size in 1...8 {
            #expect(hexadecimal(knownRoot(0..<UInt64(size))) == Self.roots[size - 1])
        }
    }

    @Test(
        "inclusion proofs are those of certificate transparency's test data",
        arguments: [
            (0, 1, []),
            (
                0, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                5, 8,
                [
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
            (
                1, 5,
                [
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ] as [(UInt64, UInt64, [String])])
    func knownInclusion(index: UInt64, size: UInt64, expected: [String]) {
        let proof = TreeProof.inclusion(of: index, in: size, subtree: knownRoot)
        #expect(proof.map(hexadecimal) == expected)
        #expect(
            TreeProof.isIncluded(
                leaf(Self.leaves[Int(index)]), at: index, in: size, root: knownRoot(0..<size), proof: proof))
    }

    @Test(
        "consistency proofs are those of certificate transparency's test data",
        arguments: [
            (1, 1, []),
            (
                1, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                6, 8,
                [
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (
                2, 5,
                [
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
            (
                6, 7,
                [
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
        ] as [(UInt64, UInt64, [String])])
    func knownConsistency(old: UInt64, size: UInt64, expected: [String]) {
        let proof = TreeProof.consistency(from: old, to: size, subtree: knownRoot)
        #expect(proof.map(hexadecimal) == expected)
        #expect(
            TreeProof.isConsistent(old, knownRoot(0..<old), with: size, knownRoot(0..<size), proof: proof))
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
}
