// SPDX-License-Identifier: Apache-2.0

import CZlib

/// The bytes of one good segment, cut into its members.
///
/// It follows `Sources/FORMAT.md` and uses nothing of the log's own code, so that a mistake there is not made here
/// too.
package struct SegmentImage: Sendable {
    package let bytes: [UInt8]
    package private(set) var members: [Member] = []

    /// A member and where it lies.
    package struct Member: Hashable, Sendable {
        package var range: Range<Int>
        package var headerByteCount: Int
        /// `L` lines, `P` pause, `E` end.
        package var kind: UInt8
        package var first: UInt64
        /// The sequence after its last record; that of the member after it.
        package var end: UInt64

        package var records: Range<UInt64> { first..<end }
        package var isMark: Bool { kind != UInt8(ascii: "L") }
    }

    /// - Parameters:
    ///   - bytes: A segment without damage.
    ///   - end: The sequence after its last record.
    package init(_ bytes: [UInt8], end: UInt64) {
        self.bytes = bytes
        var start = 0
        while let header = Header(bytes, at: start) {
            var next = start + header.byteCount
            while next < bytes.count {
                if let following = Header(bytes, at: next), following.previousByteCount == next - start {
                    break
                }
                next += 1
            }
            members.append(
                Member(
                    range: start..<next, headerByteCount: header.byteCount, kind: header.kind,
                    first: header.sequence, end: end))
            start = next
        }
        for index in members.indices.dropLast() { members[index].end = members[index + 1].first }
    }

    package func bytes(of member: Member) -> [UInt8] { Array(bytes[member.range]) }
}

/// The fields of a member's header that a forger would change, by their places in `Sources/FORMAT.md`.
package struct Header {
    package private(set) var bytes: [UInt8]

    /// Nil where no header with a sum that holds begins.
    package init?(_ bytes: [UInt8], at start: Int) {
        guard start + 12 <= bytes.count, bytes[start...].starts(with: [0x1F, 0x8B, 0x08, 0x04]) else {
            return nil
        }
        let size = Int(bytes[start + 10]) + Int(bytes[start + 11]) << 8 + 12
        guard size >= 52, start + size <= bytes.count else { return nil }
        self.bytes = Array(bytes[start..<start + size])
        guard number(at: size - 4, 4) == UInt64(GzipSum.of(self.bytes.dropLast(4))) else { return nil }
    }

    package var byteCount: Int { bytes.count }
    package var kind: UInt8 {
        get { bytes[17] }
        set { change { $0[17] = newValue } }
    }
    package var sequence: UInt64 {
        get { number(at: 20, 8) }
        set { set(newValue, at: 20, 8) }
    }
    package var previousByteCount: Int {
        get { Int(number(at: 36, 4)) }
        set { set(UInt64(newValue), at: 36, 4) }
    }
    package var previousSum: UInt32 {
        get { UInt32(number(at: 40, 4)) }
        set { set(UInt64(newValue), at: 40, 4) }
    }

    private func number(at place: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    }

    private mutating func set(_ value: UInt64, at place: Int, _ count: Int) {
        change { bytes in
            for index in 0..<count {
                bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
            }
        }
    }

    /// Changes the bytes and makes the header's own sum fit again.
    private mutating func change(_ body: (inout [UInt8]) -> Void) {
        body(&bytes)
        let sum = GzipSum.of(bytes.dropLast(4))
        for index in 0..<4 {
            bytes[bytes.count - 4 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index))
        }
    }
}

/// The CRC-32 of gzip.
package enum GzipSum {
    package static func of(_ bytes: some Collection<UInt8>) -> UInt32 {
        let bytes = Array(bytes)
        return UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
    }
}
