// SPDX-License-Identifier: Apache-2.0

/// The sum by which `stele.json` vouches for itself.
///
/// Its member `crc32` is the CRC-32 of all bytes of the file as they stand with `00000000` in the place of its own
/// eight digits: the rule of a commit's first line.
enum DescriptionSum {
    /// The digits before the sum is known.
    static let open = "00000000"

    /// The bytes with the sum in its place.
    static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        guard let place = place(in: bytes) else { return bytes }
        return replacing(place, in: bytes, with: digits(of: bytes))
    }

    /// Whether the bytes are as they were written.
    static func holds(_ bytes: [UInt8]) -> Bool {
        guard let place = place(in: bytes) else { return false }
        let zeroed = replacing(place, in: bytes, with: Array(open.utf8))
        return Array(bytes[place]) == digits(of: zeroed)
    }

    private static func digits(of bytes: [UInt8]) -> [UInt8] {
        let text = String(Checksum.crc32(bytes), radix: 16)
        return Array((String(repeating: "0", count: 8 - text.count) + text).utf8)
    }

    private static func replacing(_ place: Range<Int>, in bytes: [UInt8], with digits: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.replaceSubrange(place, with: digits)
        return bytes
    }

    /// Where the eight digits stand.
    private static func place(in bytes: [UInt8]) -> Range<Int>? {
        guard let key = bytes.firstRange(of: Array(#""crc32" : ""#.utf8)), key.upperBound + 8 <= bytes.count
        else { return nil }
        return key.upperBound..<key.upperBound + 8
    }
}
