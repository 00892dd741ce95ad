// SPDX-License-Identifier: Apache-2.0

/// How the log ends in a segment, and what makes it end so in good order.
struct LogTail {
    /// The last member that counts.
    var place: SegmentFile.Place
    /// Bytes of the segment that stay as they are.
    var offset: Int64
    /// Bytes that belong behind them, and may be there already.
    var closing: [UInt8]
    /// What is wrong with those behind, where there are any.
    var reason: String
    /// The next record's number.
    var next: SequenceNumber
    /// Capture time of the last record.
    var time: CaptureTime
    /// The tree over all records.
    var frontier: TreeFrontier

    /// Where the segment ends then.
    var closedEnd: Int64 { offset + Int64(closing.count) }

    /// Whether the closing bytes are there.
    func isClosed(in segment: SegmentFile) throws(LogError) -> Bool {
        try segment.bytes(at: offset, count: closing.count) == closing
    }
}

/// Finds where the log ends in its last segment, and touches nothing.
///
/// A header proves by its sum that a writer wrote it, not that it stands where that writer put it: one counts only
/// where it joins on to the member before it, by size, sum, sequence and tree. Where the bytes are those that the last
/// writer vouched for, the log ends there or later, and what is behind must lead back to there.
struct TailSearch {
    let segment: SegmentFile
    /// Where the log stands before the segment; nil where nothing tells.
    let before: LogState?
    /// Where the last writer said that the log is durable.
    let published: DurableEnd?
    /// Records from here on do not count; nil takes all.
    let acknowledgedEnd: SequenceNumber?
    let compressionLevel: Int

    /// - Returns: Nil when no record of the segment stands.
    /// - Throws: ``LogError`` with `.damaged` when the segment is another one than its name says.
    func run() throws(LogError) -> LogTail? {
        try checkBeginning()
        let vouched = try vouchedPlace()
        var limit = try segment.size()
        while let place = try segment.lastHeader(before: limit) {
            if try joins(place, vouched), let tail = try tail(at: place) { return tail }
            limit = place.offset
        }
        return nil
    }

    /// No torn write leaves another segment's first header whole.
    private func checkBeginning() throws(LogError) {
        guard let header = try segment.header(at: 0)?.header else { return }
        guard header.sequence == segment.first else {
            throw .unrecoverable(
                segment.name, at: header.sequence,
                "the file holds other records than its name says: it was renamed, copied or swapped")
        }
        guard before.map({ $0 == LogState(before: header) }) ?? true else {
            throw .unrecoverable(
                segment.name, at: header.sequence, "the segment does not join on to the one before it")
        }
    }

    // MARK: - What counts

    /// The member whose bytes are those that the last writer vouched for; nil when they are not in this segment, or
    /// not as they were.
    private func vouchedPlace() throws(LogError) -> SegmentFile.Place? {
        guard let published else { return nil }
        let size = try segment.size()
        if published.offset > 0 {
            guard published.segment == segment.first, published.offset <= size,
                let place = try segment.lastHeader(before: published.offset)
            else { return nil }
            return try crc(place.offset..<published.offset) == published.memberCRC ? place : nil
        }
        // This one is sealed, and the next one has no file yet.
        guard published.segment > segment.first else { return nil }
        var limit = size
        while let place = try segment.lastHeader(before: limit) {
            if place.header.kind == .end, place.header.sequence == published.sequence,
                published.memberCRC == 0 || published.memberCRC == place.header.markCRC
            {
                return place
            }
            limit = place.offset
        }
        return nil
    }

    private func crc(_ range: Range<Int64>) throws(LogError) -> UInt32 {
        var crc: UInt32 = 0
        var offset = range.lowerBound
        while offset < range.upperBound {
            let bytes = try segment.bytes(at: offset, count: Int(min(1 << 20, range.upperBound - offset)))
            guard !bytes.isEmpty else { break }
            crc = Checksum.crc32(bytes, startingWith: crc)
            offset += Int64(bytes.count)
        }
        return crc
    }

    /// Whether a header stands where its writer put it.
    ///
    /// Where nobody vouches for a member before it, the one right before it has to do; and where that one is damaged, that
    /// the header leads to it: damage further in is for a repair, and must not take what is good behind it along.
    private func joins(_ place: SegmentFile.Place, _ vouched: SegmentFile.Place?) throws(LogError) -> Bool {
        if let acknowledgedEnd, place.header.sequence > acknowledgedEnd { return false }
        var place = place
        let survey = SegmentSurvey(segment: segment, source: .own, published: nil)
        while place != vouched {
            let header = place.header
            if place.offset == 0 {
                return header.kind == .lines && header.previousSize == 0 && header.previousCRC == 0
            }
            guard vouched.map({ $0.offset < place.offset }) ?? true,
                let previous = try segment.header(before: place), previous.header.kind != .end
            else { return false }
            guard let member = try survey.member(at: previous, Inflater()) else {
                return vouched == nil && Self.mayLead(from: previous, to: place)
            }
            guard MemberRoutes.Joint(behind: member).takes(header) else { return false }
            if vouched == nil { return true }
            place = previous
        }
        return true
    }

    /// Whether a damaged member may have led to the header that stands behind it and leads back to it.
    private static func mayLead(from previous: SegmentFile.Place, to place: SegmentFile.Place) -> Bool {
        let records = place.header.sequence.distance(from: previous.header.sequence)
        let isPossible = 0...Int(place.offset - previous.offset) * mostRecordsInByte
        return previous.header.kind == .lines ? records > 0 && isPossible.contains(records) : records == 0
    }

    /// Deflate makes at most 1032 bytes of one, and no record is shorter than 46.
    private static let mostRecordsInByte = 23

    // MARK: - How it ends

    private func tail(at place: SegmentFile.Place) throws(LogError) -> LogTail? {
        guard place.header.kind == .lines else {
            return LogTail(
                place: place, offset: place.bodyOffset, closing: MemberHeader.markBody,
                reason: place.header.kind == .end ? "bytes after the end mark" : "bytes after the pause mark",
                next: place.header.sequence, time: place.header.time, frontier: place.header.frontier)
        }
        var scan = MemberScan(place.header, findsBoundaries: true)
        var frontier = place.header.frontier
        var offset = place.bodyOffset
        var taken: [UInt8] = []
        while scan.state == .hungry {
            let bytes = try segment.bytes(at: offset, count: 64 * 1024)
            guard !bytes.isEmpty else { break }
            offset += Int64(bytes.withUnsafeBytes { scan.feed($0) })
            while let lines = scan.takeCommits(endingBy: acknowledgedEnd) {
                frontier.append(lines)
                taken += lines.bytes
            }
        }
        guard scan.takenByteCount > 0 else { return nil }
        let reason =
            switch scan.state {
            case .hungry: "the bytes end within a commit or before the member does"
            case .ended: "bytes after the last member"
            case .invalid(let what): what
            }
        let cut = scan.cut
        var closing: [UInt8] = []
        if !cut.isComplete {
            // Lines that are whole although the end of their block is not are written again.
            taken[cut.lineByteCount...].withUnsafeBytes {
                Deflater(level: compressionLevel).deflate($0, finish: true, into: &closing)
            }
        }
        closing.appendTrailer(crc: scan.takenCRC, byteCount: scan.takenByteCount)
        return LogTail(
            place: place, offset: place.bodyOffset + Int64(cut.used), closing: closing, reason: reason,
            next: scan.next, time: scan.time, frontier: frontier)
    }
}

extension LogEnd {
    /// The end of the log in a segment, once that is closed as `tail` says.
    init(behind tail: LogTail, of segment: SegmentFile) throws(LogError) {
        let place = tail.place
        guard place.header.kind != .end else {
            self.init(segment: tail.next, next: tail.next, time: tail.time, frontier: tail.frontier)
            sealCRC = place.header.markCRC
            return
        }
        self.init(segment: segment.first, next: tail.next, time: tail.time, frontier: tail.frontier)
        let bytes = try segment.bytes(at: place.offset, count: Int(tail.offset - place.offset)) + tail.closing
        offset = tail.closedEnd
        isMarked = place.header.kind != .lines
        previousSize = UInt32(clamping: bytes.count)
        previousCRC = Checksum.crc32(bytes)
        var places = [place]
        while let last = places.last, let before = try segment.header(before: last) { places.append(before) }
        directory = places.reversed().filter { $0.header.kind == .lines }.map { MemberEntry($0, in: segment) }
    }
}

extension MemberHeader {
    /// CRC-32 of the whole mark that begins so.
    var markCRC: UInt32 { Checksum.crc32(Self.markBody, startingWith: Checksum.crc32(encoded())) }
}
