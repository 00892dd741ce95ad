// SPDX-License-Identifier: Apache-2.0

import Foundation

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
    package init?(text: String) {
        guard text.hasSuffix("\n") else { return nil }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }), let size = UInt64(lines[1]),
            String(size) == lines[1], let root = Data(base64Encoded: String(lines[2])),
            root.count == TreeHash.byteCount, root.base64EncodedString() == lines[2]
        else { return nil }
        self.init(origin: String(lines[0]), size: size, root: TreeHash(root))
    }

    package var text: String { "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n" }
}
