// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// One record of a round: who wrote it, as which of its batches, and where in the batch it stands.
///
/// ```
/// … "event":{"r":12,"w":63,"n":4,"i":0,"of":3,"text":"…"}}
/// ```
struct Entry: Hashable {
    /// A batch.
    struct Key: Hashable {
        var round: Int
        var writer: Int
        var number: Int
    }

    var key: Key
    var index: Int
    var count: Int

    /// One to three records of up to some hundred bytes, the same for the same numbers.
    static func batch(round: Int, writer: Int, number: Int) -> LineBatch {
        var batch = LineBatch()
        let salt = (round * 31 + writer) * 131 + number
        let count = salt % 3 + 1
        for index in 0..<count {
            let text = String(repeating: "石碑 \(salt * 7919 % 10_007) ", count: (salt + index) % 23 + 1)
            batch.append { bytes in
                bytes += Array(
                    #""via":"callback","flow":"none","event":{"r":\#(round),"w":\#(writer),"n":\#(number),"i":\#(index),"of":\#(count),"text":"\#(text)"}"#
                        .utf8)
            }
        }
        return batch
    }

    init?(line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        guard let start = text.range(of: #""event":{"r":"#)?.upperBound else { return nil }
        let numbers = text[start...].split(separator: ",", maxSplits: 5).prefix(5).compactMap { part in
            Int(part.split(separator: ":").last ?? part)
        }
        guard numbers.count == 5 else { return nil }
        key = Key(round: numbers[0], writer: numbers[1], number: numbers[2])
        index = numbers[3]
        count = numbers[4]
    }
}
