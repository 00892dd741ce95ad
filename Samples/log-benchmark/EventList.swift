// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// The events to append, in memory before any clock runs.
struct EventList: Sendable {
    private let bytes: [UInt8]
    /// Where each line ends: the place of its line feed.
    private let ends: [Int]

    /// Reads JSON events, one a line.
    init(_ url: URL) throws {
        bytes = [UInt8](try Data(contentsOf: url))
        ends = bytes.withUnsafeBytes { buffer in
            var ends: [Int] = []
            var start = 0
            while let base = buffer.baseAddress, start < buffer.count,
                let found = memchr(base + start, 0x0A, buffer.count - start)
            {
                let end = UnsafeRawPointer(found) - base
                ends.append(end)
                start = end + 1
            }
            return ends
        }
    }

    var count: Int { ends.count }
    /// Bytes of all events, line feeds included.
    var byteCount: Int { ends.last.map { $0 + 1 } ?? 0 }

    /// One event; beyond the last they begin again.
    subscript(index: Int) -> ArraySlice<UInt8> {
        let place = index % count
        return bytes[(place == 0 ? 0 : ends[place - 1] + 1)..<ends[place]]
    }

    /// Events as the listener hands callbacks to the log.
    func batch(_ range: Range<Int>) -> LineBatch {
        var batch = LineBatch()
        batch.reserveCapacity(
            byteCount: range.reduce(0) { $0 + self[$1].count + Self.members.count }, count: range.count)
        for index in range {
            batch.append { bytes in
                bytes += Self.members
                bytes += self[index]
            }
        }
        return batch
    }

    private static let members = Array(#""via":"callback","flow":"none","event":"#.utf8)
}
