// SPDX-License-Identifier: Apache-2.0

import CZlib

/// The CRC-32 of gzip.
enum Checksum {
    static func crc32(_ bytes: UnsafeRawBufferPointer, startingWith sum: UInt32 = 0) -> UInt32 {
        guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return sum }
        return UInt32(truncatingIfNeeded: CZlib.crc32_z(UInt(sum), base, bytes.count))
    }

    static func crc32(_ bytes: [UInt8], startingWith sum: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { crc32($0, startingWith: sum) }
    }

    static func crc32(_ bytes: ArraySlice<UInt8>, startingWith sum: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { crc32($0, startingWith: sum) }
    }

    /// The sum of two runs of bytes one after the other, from the sum of each.
    static func combined(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), secondByteCount))
    }
}
