// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// Events from a file, one a line, read a piece at a time so that the memory measured is not theirs.
struct EventFile {
    private static let members = Array(#""via":"callback","flow":"none","event":"#.utf8)

    private let file: FileHandle
    private var bytes: [UInt8] = []
    private var position = 0

    init(_ path: String) throws { file = try FileHandle(forReadingFrom: URL(filePath: path)) }

    /// The next line without its line feed; nil after the last.
    mutating func nextLine() throws -> ArraySlice<UInt8>? {
        while true {
            let end = bytes[position...].withUnsafeBytes { rest in
                rest.baseAddress.flatMap { base in
                    memchr(base, 0x0A, rest.count).map { UnsafeRawPointer($0) - base }
                }
            }
            if let end {
                defer { position += end + 1 }
                return bytes[position..<position + end]
            }
            guard let more = try file.read(upToCount: 1 << 20), !more.isEmpty else { return nil }
            bytes.removeFirst(position)
            position = 0
            bytes += more
        }
    }

    /// The next events as the listener hands callbacks to the log; nil after the last.
    mutating func nextBatch(_ count: Int) throws -> LineBatch? {
        var batch = LineBatch()
        while batch.count < count, let line = try nextLine() {
            batch.append { bytes in
                bytes += Self.members
                bytes += line
            }
        }
        return batch.isEmpty ? nil : batch
    }
}
