// SPDX-License-Identifier: Apache-2.0

/// The head of one gzip member of a segment: what it holds, and how it joins on to what came before.
///
/// Stock gzip readers skip the extra field. All numbers are little-endian.
///
/// ```
///  0  1f 8b 08 04              gzip, deflate, an extra field follows
///  4  seconds        4         first capture time, whole seconds since 1970 (what `gzip -lv` shows)
///  8  effort         1         04 written live, 02 rewritten small after sealing
///  9  ff                       no operating system
/// 10  length         2         of the extra field: everything from here to the end of the header
/// 12  'S' 'L' length 2         Stele's one subfield
/// 16  version        1         1
/// 17  kind           1         'L' lines · 'P' pause · 'E' end of the segment
/// 18  hashes         1         how many (h): one for each bit set in the sequence
/// 19  reserved       1         0
/// 20  sequence       8         first record of this member; for marks, the next record of the log
/// 28  time           8         its capture time in microseconds; for marks, the last record's
/// 36  previous size  4         bytes of the member before it in this segment, 0 when it is the first
/// 40  previous CRC   4         CRC-32 of all those bytes, header and trailer included
/// 44  frontier      32 h       ``TreeFrontier`` of the tree over all records before this member
///     directory     16 m       end marks only: a ``MemberEntry`` for each member with lines
///     header size    4         m and h together never bring it past 32 KiB: where m would, there is no directory
///     header CRC     4         CRC-32 of all header bytes before it
/// ```
///
/// A member with lines goes on with one raw deflate stream and gzip's own trailer. A mark holds no lines: its
/// body is always `03 00` and eight zero bytes.
struct MemberHeader: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        case lines = 0x4C
        /// The writer closed here; the segment may go on after it.
        case pause = 0x50
        /// The segment is complete.
        case end = 0x45

        /// Whether a member of this kind may stand behind one of another, as far as marks are concerned: one is enough,
        /// but a segment that was closed may be completed.
        func mayFollow(_ previous: Kind) -> Bool {
            switch (previous, self) {
            case (.lines, _), (_, .lines), (.pause, .end): true
            case (.pause, .pause), (.end, .pause), (.end, .end): false
            }
        }
    }

    var kind: Kind
    var sequence: SequenceNumber
    var time: CaptureTime
    var previousSize: UInt32
    var previousCRC: UInt32
    /// The tree over all records before the member: each member can be checked against it by itself.
    var frontier: TreeFrontier
    var directory: [MemberEntry] = []
    var effort = Effort.fastest

    /// How hard the compressor tried: gzip's own XFL byte.
    enum Effort: UInt8, Sendable {
        case unknown = 0
        /// Rewritten after its segment was sealed.
        case best = 2
        /// As it was written live.
        case fastest = 4
    }

    static let version: UInt8 = 1
    static let magic: [UInt8] = [0x1F, 0x8B, 0x08, 0x04]
    /// What follows a mark's header: an empty deflate stream, CRC 0, length 0.
    static let markBody: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    private static let fixedByteCount = 44
    private static let tailByteCount = 8
    private static let mostHashes = UInt64.bitWidth
    /// Some stock readers refuse longer headers.
    static let maximumByteCount = 32 * 1024
    /// The longest header of a member with lines: it has no directory.
    static let longestOfLines = fixedByteCount + mostHashes * TreeHash.byteCount + tailByteCount
    /// Members that a directory lists at most, whatever the size of the tree.
    ///
    /// An end mark behind more has none.
    static let directoryLimit = (maximumByteCount - longestOfLines) / MemberEntry.byteCount

    var byteCount: Int {
        Self.fixedByteCount + frontier.hashes.count * TreeHash.byteCount + directory.count
            * MemberEntry.byteCount
            + Self.tailByteCount
    }

    func encoded() -> [UInt8] {
        let size = byteCount
        precondition(size <= Self.maximumByteCount)
        var bytes = Self.magic
        bytes.reserveCapacity(size)
        let seconds = max(0, min(Int64(UInt32.max), time.microseconds / 1_000_000))
        bytes.append(integer: UInt32(seconds))
        bytes += [effort.rawValue, 0xFF]
        bytes.append(integer: UInt16(size - 12))
        bytes += [UInt8(ascii: "S"), UInt8(ascii: "L")]
        bytes.append(integer: UInt16(size - 16))
        bytes += [Self.version, kind.rawValue, UInt8(frontier.hashes.count), 0]
        bytes.append(integer: sequence.rawValue)
        bytes.append(integer: UInt64(bitPattern: time.microseconds))
        bytes.append(integer: previousSize)
        bytes.append(integer: previousCRC)
        for hash in frontier.hashes { bytes += hash.bytes }
        for entry in directory { entry.append(to: &bytes) }
        bytes.append(integer: UInt32(size))
        bytes.append(integer: Checksum.crc32(bytes))
        return bytes
    }

    /// Whether an end mark with this header may stand behind these members.
    func lists(_ members: [MemberEntry]) -> Bool {
        directory == members || directory.isEmpty && members.count > Self.directoryLimit
    }

    /// Why bytes at a place are not a header.
    enum Refusal: Error, Hashable {
        /// They end before the header does.
        case short
        /// They are no member of ours, or were changed.
        case invalid
        /// A later version of Stele wrote them.
        case laterVersion
    }

    /// Bytes needed to know a header's whole length.
    static let prefixByteCount = 12

    /// The whole length of the header whose first bytes these are.
    static func byteCount(prefix: [UInt8]) throws(Refusal) -> Int {
        try prefix.withUnsafeBytes { bytes in
            Result { () throws(Refusal) in try byteCount(prefix: bytes) }
        }.get()
    }

    /// Reads the header that `bytes` begin with; more may follow.
    init(_ bytes: [UInt8]) throws(Refusal) {
        self = try bytes.withUnsafeBytes { bytes in
            Result { () throws(Refusal) in try MemberHeader(bytes) }
        }.get()
    }

    /// The whole length of the header whose first bytes these are.
    static func byteCount(prefix: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        guard prefix.prefix(magic.count).elementsEqual(magic.prefix(prefix.count)) else { throw .invalid }
        guard prefix.count >= prefixByteCount else { throw .short }
        let size = Int(prefix.integer(at: 10, as: UInt16.self)) + prefixByteCount
        guard size >= fixedByteCount + tailByteCount, size <= maximumByteCount else { throw .invalid }
        return size
    }

    /// The whole length of the header whose last bytes these are; nil when they say none that can be.
    static func byteCount(suffix: UnsafeRawBufferPointer) -> Int? {
        guard suffix.count >= tailByteCount else { return nil }
        let size = Int(suffix.integer(at: suffix.count - tailByteCount, as: UInt32.self))
        return (fixedByteCount + tailByteCount...maximumByteCount).contains(size) ? size : nil
    }

    /// Reads the header that `bytes` begin with; more may follow.
    init(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let size = try Self.byteCount(prefix: bytes)
        guard bytes.count >= size else { throw .short }
        guard
            bytes.integer(at: size - 4, as: UInt32.self)
                == Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[..<(size - 4)])),
            bytes.integer(at: size - 8, as: UInt32.self) == UInt32(size), bytes[12] == UInt8(ascii: "S"),
            bytes[13] == UInt8(ascii: "L"), Int(bytes.integer(at: 14, as: UInt16.self)) == size - 16
        else { throw .invalid }
        // The check sum holds, so what cannot be read from here on was written by someone who knows more.
        guard bytes[16] == Self.version, let kind = Kind(rawValue: bytes[17]) else { throw .laterVersion }
        self.kind = kind
        effort = Effort(rawValue: bytes[8]) ?? .unknown
        sequence = SequenceNumber(bytes.integer(at: 20, as: UInt64.self))
        time = CaptureTime(microseconds: Int64(bitPattern: bytes.integer(at: 28, as: UInt64.self)))
        // No writer states more: what does was forged, and is not to be counted with.
        guard sequence < .limit, CaptureTime.writable.contains(time) else { throw .invalid }
        previousSize = bytes.integer(at: 36, as: UInt32.self)
        previousCRC = bytes.integer(at: 40, as: UInt32.self)
        let hashCount = Int(bytes[18])
        let directoryStart = Self.fixedByteCount + hashCount * TreeHash.byteCount
        guard directoryStart <= size - Self.tailByteCount,
            (size - Self.tailByteCount - directoryStart) % MemberEntry.byteCount == 0
        else { throw .laterVersion }
        let hashes = (0..<hashCount).map { index in
            let start = Self.fixedByteCount + index * TreeHash.byteCount
            return TreeHash(UnsafeRawBufferPointer(rebasing: bytes[start..<start + TreeHash.byteCount]))
        }
        guard let frontier = TreeFrontier(size: sequence.rawValue, hashes: hashes) else {
            throw .laterVersion
        }
        self.frontier = frontier
        directory = stride(from: directoryStart, to: size - Self.tailByteCount, by: MemberEntry.byteCount)
            .map { MemberEntry(bytes, at: $0) }
    }

    init(
        kind: Kind, sequence: SequenceNumber, time: CaptureTime, previousSize: UInt32, previousCRC: UInt32,
        frontier: TreeFrontier, directory: [MemberEntry] = [], effort: Effort = .fastest
    ) {
        self.kind = kind
        self.effort = effort
        self.sequence = sequence
        self.time = time
        self.previousSize = previousSize
        self.previousCRC = previousCRC
        self.frontier = frontier
        self.directory = directory
    }
}

/// Where a member with lines stands in its segment: offset (4), records of the segment before it (4), first
/// capture time in microseconds (8).
struct MemberEntry: Hashable, Sendable {
    var offset: UInt32
    var recordsBefore: UInt32
    var time: CaptureTime

    static let byteCount = 16

    init(offset: UInt32, recordsBefore: UInt32, time: CaptureTime) {
        self.offset = offset
        self.recordsBefore = recordsBefore
        self.time = time
    }

    init(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        offset = bytes.integer(at: start, as: UInt32.self)
        recordsBefore = bytes.integer(at: start + 4, as: UInt32.self)
        time = CaptureTime(microseconds: Int64(bitPattern: bytes.integer(at: start + 8, as: UInt64.self)))
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(integer: offset)
        bytes.append(integer: recordsBefore)
        bytes.append(integer: UInt64(bitPattern: time.microseconds))
    }
}

extension [UInt8] {
    /// Appends a number, lowest byte first.
    mutating func append<Number: FixedWidthInteger & UnsignedInteger>(integer: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: integer >> Number(shift)))
        }
    }

    /// The number whose bytes begin at `offset`, lowest byte first.
    func integer<Number: FixedWidthInteger & UnsignedInteger>(at offset: Int, as type: Number.Type) -> Number
    {
        withUnsafeBytes { $0.integer(at: offset, as: type) }
    }
}

extension UnsafeRawBufferPointer {
    /// The number whose bytes begin at `offset`, lowest byte first.
    func integer<Number: FixedWidthInteger & UnsignedInteger>(at offset: Int, as _: Number.Type) -> Number {
        var value: Number = 0
        for index in 0..<(Number.bitWidth / 8) { value |= Number(self[offset + index]) << Number(8 * index) }
        return value
    }
}
