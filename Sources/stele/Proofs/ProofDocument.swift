// SPDX-License-Identifier: Apache-2.0

import SteleLog

/// A proof as JSON; `Sources/FORMAT.md` describes its members.
enum ProofDocument {
    static func inclusion(
        _ proof: InclusionProof, _ log: SignedSize, line: String?, origin: String
    ) -> JSONLine {
        var document = JSONLine()
        document.add("proof", "inclusion")
        document.add("origin", origin)
        document.add("sequence", proof.sequence.rawValue)
        document.add("leaf", proof.leaf.base64)
        document.add("line", line)
        document.addTree(proof.size, proof.root, log)
        document.add("hashes", proof.hashes.map(\.base64))
        return document
    }

    static func consistency(
        _ proof: ConsistencyProof, _ old: SignedSize, _ new: SignedSize, origin: String
    ) -> JSONLine {
        var before = JSONLine()
        before.addTree(proof.old, proof.oldRoot, old)
        var document = JSONLine()
        document.add("proof", "consistency")
        document.add("origin", origin)
        document.add("old", before)
        document.addTree(proof.size, proof.root, new)
        document.add("hashes", proof.hashes.map(\.base64))
        return document
    }
}

extension JSONLine {
    fileprivate mutating func addTree(_ size: UInt64, _ root: TreeHash, _ log: SignedSize) {
        add("size", size)
        add("root", root.base64)
        add("checkpoint", log.note.map { String(decoding: $0.encoded, as: UTF8.self) })
    }
}
