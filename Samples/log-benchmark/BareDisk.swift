// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// The disk without any store: 4 KiB appended and synced, again and again.
///
/// What no store that appends can pass, but for this: a file system syncs faster where blocks were allocated ahead,
/// as the log does. So both are measured, and the plain one is the peer.
struct BareDisk {
    /// Whether blocks are allocated ahead of the end, without changing the file's size.
    var isAllocatedAhead = false

    /// - Returns: Seconds of each append with its sync.
    func run(count: Int, in url: URL) throws -> [Double] {
        let file = try LocalFileSystem().open(url.path(percentEncoded: false), .create(isPrivate: false))
        let block = [UInt8](repeating: 0x5A, count: 4096)
        if isAllocatedAhead { file.reserve(from: 0, byteCount: Int64(count * block.count)) }
        var times: [Double] = []
        times.reserveCapacity(count)
        for index in 0..<count {
            times.append(
                try timed {
                    try block.withUnsafeBytes { try file.write($0, at: Int64(index * block.count)) }
                    try file.sync()
                })
        }
        return times
    }
}
