// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// The disk without any store: 4 KiB appended and synced, again and again.
///
/// What no store that appends can pass, but for this: a file system syncs faster where the file was written ahead,
/// as the log does. So both are measured, and the plain one is the peer.
struct BareDisk {
    /// Whether the whole file was written, and synced, before.
    var isWrittenAhead = false

    /// - Returns: Seconds of each append with its sync.
    func run(count: Int, in url: URL) throws -> [Double] {
        let file = try LocalFileSystem().open(url.path(percentEncoded: false), .create(isPrivate: false))
        let block = [UInt8](repeating: 0x5A, count: 4096)
        if isWrittenAhead {
            for index in 0..<count {
                try block.withUnsafeBytes { try file.write($0, at: Int64(index * block.count)) }
            }
            try file.sync()
        }
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
