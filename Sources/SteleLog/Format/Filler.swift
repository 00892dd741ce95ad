// SPDX-License-Identifier: Apache-2.0

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

    /// Whole units from `start` on, where a unit begins, as far as they end before `end`.
    static func units(from start: Int64, to end: Int64) -> [UInt8] {
        let count = Int(max(0, end - start)) / unit.count
        return [UInt8](unsafeUninitializedCapacity: count * unit.count) { buffer, filled in
            for index in 0..<count {
                for (place, byte) in unit.enumerated() { buffer[index * unit.count + place] = byte }
            }
            filled = count * unit.count
        }
    }

    /// How many of `bytes`, which stand after a commit that ends at `offset`, are anything else: those of a commit
    /// that was being written.
    static func foreignByteCount(_ bytes: [UInt8], at offset: Int64) -> Int {
        // The commit's own last block is empty too, and may already be among the bytes.
        let flush = bytes.starts(with: unit) ? unit.count : 0
        return min(foreignByteCount(bytes[...], at: offset), foreignByteCount(bytes[flush...], at: offset))
    }

    private static func foreignByteCount(_ bytes: ArraySlice<UInt8>, at offset: Int64) -> Int {
        let offset = offset + Int64(bytes.startIndex)
        let pad = pad(at: offset)
        let last = bytes.indices.last { index in
            let place = index - bytes.startIndex
            let expected = place < pad.count ? pad[place] : unit[Int((offset + Int64(place)) % 5)]
            return bytes[index] != expected
        }
        return last.map { $0 + 1 } ?? 0
    }
}
