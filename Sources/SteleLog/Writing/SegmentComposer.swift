// SPDX-License-Identifier: Apache-2.0

/// Bytes to be written and synced in one step.
struct CommitImage: Sendable {
    /// The segment they belong to, and where in it; offset 0 makes the file.
    var segment = SequenceNumber.zero
    var offset: Int64 = 0
    var bytes: [UInt8] = []
    /// Sequence after the last record once these bytes are durable.
    var end = SequenceNumber.zero
    /// Whether the file ends with these bytes: they close a member and a mark follows it.
    var endsInMark = false
    /// Whether these are the last bytes of the segment.
    var sealsSegment = false
    /// CRC-32 of the last member they belong to, up to their end.
    var memberCRC: UInt32 = 0

    /// Up to where the log is durable once they are.
    ///
    /// A sealed segment is over: it may be written anew, smaller, so its size is no word to give.
    var durable: DurableEnd {
        sealsSegment
            ? DurableEnd(sequence: end, segment: end, offset: 0, memberCRC: memberCRC)
            : DurableEnd(
                sequence: end, segment: segment, offset: offset + Int64(bytes.count), memberCRC: memberCRC)
    }
}

/// The second of the three steps of a commit: lays its lines out as compressed members in segments.
///
/// It does no I/O: ``WriteTarget`` does, with the images made here.
///
/// A segment is sealed while its end mark still has room to list its members: with the last of them, where that is
/// closed, so that wherever no member is running there is room for another one.
struct SegmentComposer {
    private let options: LogOptions
    private let deflater: any DeflateStream
    private let effort: MemberHeader.Effort
    /// Where the log ends with all that was laid out; within a member, `directory` and `previous…` are of the one
    /// before it.
    private var end: LogEnd
    private var member: Member?

    /// The member being written.
    ///
    /// A full one is closed by the commit after it.
    private struct Member {
        var size: UInt32
        var crc: UInt32
        var lineByteCount = 0
        var lineCRC: UInt32 = 0
    }

    /// Goes on after `end` with members as they are written live.
    init(after end: LogEnd, options: LogOptions) {
        self.init(
            after: end, options: options, deflater: LiveDeflater(level: options.compressionLevel),
            effort: .fastest)
    }

    init(
        after end: LogEnd, options: LogOptions, deflater: any DeflateStream, effort: MemberHeader.Effort
    ) {
        self.end = end
        self.options = options
        self.deflater = deflater
        self.effort = effort
    }

    /// Lays out one commit.
    ///
    /// - Parameters:
    ///   - commit: The one after the last that was laid out.
    ///   - image: Overwritten; its room is used again.
    mutating func compose(_ commit: ComposedCommit, into image: inout CommitImage) {
        begin(&image)
        if let member, isFull(member) { closeMember(&image) }
        var member = self.member ?? openMember(&image, for: commit)
        end.next = commit.end
        end.time = commit.lastTime
        end.frontier = commit.frontier
        end.isMarked = false

        let lines = commit.lines
        member.lineCRC = Checksum.combined(member.lineCRC, lines.crc, secondByteCount: lines.bytes.count)
        member.lineByteCount += lines.bytes.count
        append(lines.bytes, closes: false, to: &member, &image)
        self.member = member
        image.end = end.next
        image.memberCRC = member.crc
        guard isFull(member), isSegmentFull else { return }
        closeMember(&image)
        seal(&image)
    }

    private func isFull(_ member: Member) -> Bool { member.lineByteCount >= options.memberByteCount }

    private var isSegmentFull: Bool { end.offset >= Int64(options.segmentByteCount) || isDirectoryFull }

    /// Whether no further member may begin: the list of them, or the four bytes of an offset in it, has no room.
    private var isDirectoryFull: Bool {
        memberCount >= min(options.memberLimit, MemberHeader.directoryLimit)
            || end.offset > Int64(UInt32.max) / 2
    }

    /// Members with lines in the segment so far.
    private var memberCount: Int { end.directory.count }

    /// Closes the running member and marks the place as one where a writer stopped in good order; or ends the segment,
    /// when it is full.
    ///
    /// - Returns: Nil when the log already ends so.
    mutating func pause() -> CommitImage? {
        guard !end.isMarked else { return nil }
        var image = CommitImage()
        begin(&image)
        closeMember(&image)
        if isDirectoryFull { seal(&image) } else { appendMark(.pause, to: &image) }
        return image
    }

    /// Ends the segment when no further member may begin in it.
    ///
    /// - Returns: Nil when one may.
    mutating func sealIfFull() -> CommitImage? { isDirectoryFull ? seal() : nil }

    /// Closes the running member and ends the segment, whatever its size.
    mutating func seal() -> CommitImage {
        var image = CommitImage()
        begin(&image)
        closeMember(&image)
        seal(&image)
        return image
    }

    private func begin(_ image: inout CommitImage) {
        image.segment = end.segment
        image.offset = end.offset
        image.bytes.removeAll(keepingCapacity: true)
        image.end = end.next
        image.endsInMark = false
        image.sealsSegment = false
    }

    private mutating func openMember(_ image: inout CommitImage, for commit: ComposedCommit) -> Member {
        end.directory.append(
            MemberEntry(
                offset: UInt32(clamping: end.offset),
                recordsBefore: UInt32(clamping: end.next.distance(from: end.segment)),
                time: commit.time))
        let header = MemberHeader(
            kind: .lines, sequence: commit.first, time: commit.time, previousSize: end.previousSize,
            previousCRC: end.previousCRC, frontier: commit.frontierBefore, effort: effort
        ).encoded()
        image.bytes += header
        end.offset += Int64(header.count)
        deflater.reset()
        return Member(size: UInt32(header.count), crc: Checksum.crc32(header))
    }

    private mutating func closeMember(_ image: inout CommitImage) {
        guard var member else { return }
        append([], closes: true, to: &member, &image)
        self.member = member
        memberIsClosed()
    }

    /// Compresses lines, whose sum and length the member has already, and gzip's trailer when it closes.
    private mutating func append(
        _ lines: [UInt8], closes: Bool, to member: inout Member, _ image: inout CommitImage
    ) {
        let start = image.bytes.count
        lines.withUnsafeBytes { deflater.deflate($0, finish: closes, into: &image.bytes) }
        if closes { image.bytes.appendTrailer(crc: member.lineCRC, byteCount: member.lineByteCount) }
        member.size += UInt32(image.bytes.count - start)
        member.crc = Checksum.crc32(image.bytes[start...], startingWith: member.crc)
        end.offset += Int64(image.bytes.count - start)
    }

    private mutating func memberIsClosed() {
        guard let member else { return }
        end.previousSize = member.size
        end.previousCRC = member.crc
        self.member = nil
    }

    private mutating func appendMark(_ kind: MemberHeader.Kind, to image: inout CommitImage) {
        let header = MemberHeader(
            kind: kind, sequence: end.next, time: end.time, previousSize: end.previousSize,
            previousCRC: end.previousCRC, frontier: end.frontier,
            // Behind more members than it can list, it lists none.
            directory: kind == .end && memberCount <= MemberHeader.directoryLimit ? end.directory : [],
            effort: effort)
        let mark = header.encoded() + MemberHeader.markBody
        image.bytes += mark
        end.offset += Int64(mark.count)
        end.previousSize = UInt32(mark.count)
        end.previousCRC = Checksum.crc32(mark)
        end.isMarked = true
        image.endsInMark = true
        image.memberCRC = end.previousCRC
    }

    private mutating func seal(_ image: inout CommitImage) {
        appendMark(.end, to: &image)
        image.sealsSegment = true
        let sealCRC = end.previousCRC
        end = LogEnd(segment: end.next, next: end.next, time: end.time, frontier: end.frontier)
        end.sealCRC = sealCRC
    }
}

extension [UInt8] {
    /// Appends gzip's trailer.
    mutating func appendTrailer(crc: UInt32, byteCount: Int) {
        append(integer: crc)
        append(integer: UInt32(truncatingIfNeeded: byteCount))
    }
}
