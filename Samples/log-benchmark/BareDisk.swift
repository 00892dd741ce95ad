// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// The disk without any store: 4 KiB appended to one file and synced, again and again.
///
/// What no store that appends can pass, but for this: a file system syncs faster where room was kept for the file,
/// as the log does. So both are measured, and the plain one is the peer.
final class BareDisk {
    private let file: any OpenFile
    private let hasRoom: Bool
    private let block = [UInt8](repeating: 0x5A, count: 4096)
    private var end: Int64 = 0
    private var reservedEnd: Int64 = 0

    /// Makes the file.
    init(_ url: URL, hasRoom: Bool = false) throws {
        file = try LocalFileSystem().open(url.path(percentEncoded: false), .create(isPrivate: false))
        self.hasRoom = hasRoom
    }

    /// Appends `count` blocks.
    ///
    /// - Returns: Seconds of each with its sync.
    func append(_ count: Int) throws -> [Double] {
        try (0..<count).map { _ in
            try timed {
                if hasRoom, end + Int64(block.count) > reservedEnd {
                    reservedEnd = end + Int64(LogOptions().reservedByteCount)
                    file.reserve(end..<reservedEnd)
                }
                try block.withUnsafeBytes { try file.write($0, at: end) }
                try file.sync()
                end += Int64(block.count)
            }
        }
    }
}
