// SPDX-License-Identifier: Apache-2.0

/// Where the log ends, when every member is closed: all that is needed to write on.
struct LogEnd: Hashable, Sendable {
    /// First sequence of the active segment.
    var segment: SequenceNumber
    /// Bytes of it; 0 when its file is still to be made.
    var offset: Int64 = 0
    /// The next record's number.
    var next: SequenceNumber
    /// Capture time of the last record.
    var time = CaptureTime(microseconds: .min)
    /// Size and CRC-32 of the last member of the segment.
    var previousSize: UInt32 = 0
    var previousCRC: UInt32 = 0
    /// The members of the segment that hold lines.
    var directory: [MemberEntry] = []
    /// The tree over all records.
    var frontier = TreeFrontier()
    /// Whether the last member is a mark, or there is none.
    var isMarked = true

    /// The end of a log without records.
    static let start = LogEnd(segment: .zero, next: .zero)
}

/// Bytes to be written and synced in one step.
struct CommitImage: Sendable {
    /// The segment they belong to, and where in it; offset 0 makes the file.
    var segment: SequenceNumber
    var offset: Int64
    var bytes: [UInt8] = []
    /// Sequence after the last record once these bytes are durable.
    var end: SequenceNumber
    /// Whether these are the last bytes of the segment.
    var sealsSegment = false
    /// CRC-32 of the last member they belong to, up to their end.
    var memberCRC: UInt32 = 0
}

/// Turns batches into the bytes of commits: numbers, times, tree, members, segments.
///
/// It does no I/O: ``WriteTarget`` does, with the images made here.
struct CommitComposer {
    private let options: LogOptions
    private let deflater: Deflater
    private var end: LogEnd
    private var member: Member?

    /// The member being written.
    private struct Member {
        var size: UInt32
        var crc: UInt32
        var lineByteCount: Int
        var lineCRC: UInt32
    }

    init(after end: LogEnd, options: LogOptions) {
        self.end = end
        self.options = options
        deflater = Deflater(level: options.compressionLevel)
    }

    /// The number the next record gets.
    var next: SequenceNumber { end.next }

    /// Lays out one commit of all records of `batches`, which hold at least one.
    mutating func compose(_ batches: [LineBatch]) -> CommitImage {
        // Never back: a clock that was set back, or two machines that do not agree, must not unsort the log.
        end.time = max(end.time, Self.writable(options.clock()))
        let lines = CommitLines(batches, first: end.next, time: end.time)
        var image = CommitImage(segment: end.segment, offset: end.offset, end: end.next)
        var member = self.member ?? openMember(&image)
        append(lines)
        end.isMarked = false

        let start = image.bytes.count
        member.lineCRC = Checksum.combined(member.lineCRC, lines.crc, secondByteCount: lines.bytes.count)
        member.lineByteCount += lines.bytes.count
        let closes = member.lineByteCount >= options.memberByteCount
        lines.bytes.withUnsafeBytes { deflater.deflate($0, finish: closes, into: &image.bytes) }
        if closes { image.bytes.appendTrailer(crc: member.lineCRC, byteCount: member.lineByteCount) }
        member.size += UInt32(image.bytes.count - start)
        member.crc = Checksum.crc32(image.bytes[start...], startingWith: member.crc)
        self.member = member
        end.offset += Int64(image.bytes.count - start)
        if closes { memberIsClosed() }
        image.end = end.next
        image.memberCRC = member.crc
        if closes,
            end.offset >= Int64(options.segmentByteCount) || end.directory.count >= LogOptions.memberLimit
        {
            seal(&image)
        }
        return image
    }

    /// Closes the running member and marks the place as one where a writer stopped in good order.
    ///
    /// - Returns: Nil when the log already ends so.
    mutating func pause() -> CommitImage? {
        guard !end.isMarked else { return nil }
        var image = CommitImage(segment: end.segment, offset: end.offset, end: end.next)
        if var member {
            deflater.deflate(UnsafeRawBufferPointer(start: nil, count: 0), finish: true, into: &image.bytes)
            image.bytes.appendTrailer(crc: member.lineCRC, byteCount: member.lineByteCount)
            member.size += UInt32(image.bytes.count)
            member.crc = Checksum.crc32(image.bytes, startingWith: member.crc)
            self.member = member
            end.offset += Int64(image.bytes.count)
            memberIsClosed()
        }
        appendMark(.pause, to: &image)
        return image
    }

    private mutating func append(_ lines: CommitLines) {
        lines.bytes.withUnsafeBytes { bytes in
            var start = 0
            for lineEnd in lines.ends {
                end.frontier.append(
                    leaf: TreeHash(leaf: UnsafeRawBufferPointer(rebasing: bytes[start..<lineEnd])))
                start = lineEnd + 1
            }
        }
        end.next = end.next.advanced(by: lines.ends.count)
    }

    private mutating func openMember(_ image: inout CommitImage) -> Member {
        end.directory.append(
            MemberEntry(
                offset: UInt32(end.offset), recordsBefore: UInt32(end.next.distance(from: end.segment)),
                time: end.time))
        let header = header(.lines).encoded()
        image.bytes += header
        end.offset += Int64(header.count)
        deflater.reset()
        return Member(size: UInt32(header.count), crc: Checksum.crc32(header), lineByteCount: 0, lineCRC: 0)
    }

    private func header(_ kind: MemberHeader.Kind) -> MemberHeader {
        MemberHeader(
            kind: kind, sequence: end.next, time: end.time, previousSize: end.previousSize,
            previousCRC: end.previousCRC, frontier: end.frontier)
    }

    private mutating func memberIsClosed() {
        guard let member else { return }
        end.previousSize = member.size
        end.previousCRC = member.crc
        self.member = nil
    }

    private mutating func appendMark(_ kind: MemberHeader.Kind, to image: inout CommitImage) {
        var header = header(kind)
        if kind == .end { header.directory = end.directory }
        let mark = header.encoded() + MemberHeader.markBody
        image.bytes += mark
        end.offset += Int64(mark.count)
        end.previousSize = UInt32(mark.count)
        end.previousCRC = Checksum.crc32(mark)
        end.isMarked = true
        image.memberCRC = end.previousCRC
    }

    private mutating func seal(_ image: inout CommitImage) {
        appendMark(.end, to: &image)
        image.sealsSegment = true
        end = LogEnd(segment: end.next, next: end.next, time: end.time, frontier: end.frontier)
    }

    /// The time, kept within the years that four digits hold.
    private static func writable(_ microseconds: Int64) -> CaptureTime {
        CaptureTime(microseconds: min(max(microseconds, -62_167_219_200_000_000), 253_402_300_799_999_999))
    }
}

extension [UInt8] {
    /// Appends gzip's trailer.
    mutating func appendTrailer(crc: UInt32, byteCount: Int) {
        append(integer: crc)
        append(integer: UInt32(truncatingIfNeeded: byteCount))
    }
}
