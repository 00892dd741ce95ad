// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What stands in the active segment's file after the last commit: room for the next ones, written ahead.
///
/// A sync of bytes that lie within a file, on blocks that were written before, is about twice as fast as one that
/// makes the file longer. So the file is filled ahead with deflate blocks that hold nothing, and commits are
/// written over them: to every reader the running member simply has no end yet.
///
/// ```
/// … commit │ pad, 0…13 bytes │ 00 00 00 ff ff │ 00 00 00 ff ff │ …        one unit: an empty stored block
///                            └ file offset divisible by 5
/// pad      6 bytes   02 00 00 00 ff ff              one empty block of fixed codes, one empty stored block
///          7         02 08 00 00 00 ff ff           two of fixed codes
///          9         02 08 20 00 00 00 00 ff ff     three
///         13         the first and the second
/// ```
///
/// None of it is part of the record: it is cut when the writer closes, when the segment is sealed, and by recovery.
enum Filler {
    static let unit: [UInt8] = [0x00, 0x00, 0x00, 0xFF, 0xFF]

    private static let one: [UInt8] = [0x02, 0x00, 0x00, 0x00, 0xFF, 0xFF]
    private static let two: [UInt8] = [0x02, 0x08, 0x00, 0x00, 0x00, 0xFF, 0xFF]
    private static let three: [UInt8] = [0x02, 0x08, 0x20, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF]

    /// What leads from a commit that ends at `offset` to the next unit.
    static func pad(at offset: Int64) -> [UInt8] {
        switch offset % 5 {
        case 1: three
        case 2: one + two
        case 3: two
        case 4: one
        default: []
        }
    }

    /// At least `count` bytes of whole units, which a place divisible by 5 begins.
    static func units(count: Int) -> [UInt8] {
        var bytes = unit
        bytes.reserveCapacity(2 * count)
        while bytes.count < count { bytes += bytes }
        return bytes
    }

    /// How many of `bytes`, which stand after a commit that ends at `offset`, are anything else: those of a commit
    /// that was being written.
    static func foreignByteCount(_ bytes: [UInt8], at offset: Int64) -> Int {
        // The commit's own last block is empty too, and may already be among the bytes.
        let flush = bytes.starts(with: unit) ? unit.count : 0
        let afterFlush = foreignByteCount(bytes[flush...], at: offset + Int64(flush))
        guard afterFlush > 0 else { return 0 }
        return min(foreignByteCount(bytes[...], at: offset), flush + afterFlush)
    }

    private static func foreignByteCount(_ bytes: ArraySlice<UInt8>, at offset: Int64) -> Int {
        let count = bytes.count
        let expected = pad(at: offset) + units(count: bytes.count)
        return bytes.withUnsafeBytes { bytes in
            expected.withUnsafeBytes { expected in
                guard let bytes = bytes.baseAddress, let expected = expected.baseAddress else { return 0 }
                // Where the rest is filler, the rest of the rest is: the first such place is found by halving.
                var low = 0
                var high = count
                while low < high {
                    let middle = (low + high) / 2
                    if memcmp(bytes + middle, expected + middle, count - middle) == 0 {
                        high = middle
                    } else {
                        low = middle + 1
                    }
                }
                return low
            }
        }
    }
}
