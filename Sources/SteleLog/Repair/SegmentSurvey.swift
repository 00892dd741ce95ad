// SPDX-License-Identifier: Apache-2.0

/// A member found in a segment's file and good by itself: its header, its lines, its sums.
///
/// Whether it belongs where it lies is told by the members round it: see ``MemberRoutes``.
struct SurveyedMember: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case own
        case copy
        /// A file in `damaged`, by its path within the archive.
        case kept(String)

        var isKept: Bool {
            switch self {
            case .kept: true
            case .own, .copy: false
            }
        }
    }

    var source: Source
    /// The segment it was found in.
    var segment: SequenceNumber
    var offset: Int64
    var byteCount: Int64
    /// CRC-32 of its bytes, header and trailer included.
    var crc: UInt32
    var header: MemberHeader
    /// Where the log stands after it.
    var end: LogState
    /// Whether it is running: without an end of its own, and vouched for by `lock`.
    var isOpen = false

    /// Where the log stands before it, as it says itself.
    var start: LogState { LogState(before: header) }
    var records: Int { end.next.distance(from: header.sequence) }
    var range: Range<Int64> { offset..<offset + byteCount }
}

/// Looks for good members in a segment's file, however damaged.
struct SegmentSurvey {
    let segment: SegmentFile
    let source: SurveyedMember.Source
    /// Up to where the last writer said that the log is durable.
    let published: DurableEnd?

    /// All that are good, in the order of the file.
    func members() throws(LogError) -> [SurveyedMember] {
        let inflater = Inflater()
        var members: [SurveyedMember] = []
        var offset: Int64 = 0
        while true {
            // Where one ends the next begins, unless something is wrong.
            var found = try segment.header(at: offset)
            if found == nil { found = try segment.firstHeader(from: offset) }
            guard let place = found else { return members }
            if let member = try member(at: place, inflater) {
                members.append(member)
                offset = place.offset + member.byteCount
            } else {
                offset = place.offset + 1
            }
        }
    }

    /// The one whose header stands at a place; nil when it is not good to its end.
    func member(at place: SegmentFile.Place, _ inflater: Inflater) throws(LogError) -> SurveyedMember? {
        guard place.header.kind == .lines else { return try mark(place) }
        var member = SurveyedMember(
            source: source, segment: segment.first, offset: place.offset,
            byteCount: Int64(place.header.byteCount), crc: Checksum.crc32(place.header.encoded()),
            header: place.header, end: LogState(before: place.header))
        var scan = MemberScan(place.header, inflater: inflater)
        while scan.state == .hungry {
            let offset = place.offset + member.byteCount
            let stop = vouchedEnd.map { offset < $0 ? $0 - offset : .max } ?? .max
            let bytes = try segment.bytes(at: offset, count: Int(min(Self.pieceByteCount, stop)))
            guard !bytes.isEmpty else { return nil }
            feed(bytes[...], to: &scan, &member)
            if scan.state == .hungry, isVouchedFor(member) {
                member.isOpen = true
                return member
            }
        }
        return scan.state == .ended ? member : nil
    }

    private static let pieceByteCount: Int64 = 256 * 1024

    /// Byte of this segment up to which the writer vouches for a running member.
    private var vouchedEnd: Int64? { published.flatMap { $0.segment == segment.first ? $0.offset : nil } }

    private func isVouchedFor(_ member: SurveyedMember) -> Bool {
        guard let published, let vouchedEnd else { return false }
        return member.range.upperBound == vouchedEnd && member.end.next == published.sequence
            && member.crc == published.memberCRC
    }

    private func feed(_ bytes: ArraySlice<UInt8>, to scan: inout MemberScan, _ member: inout SurveyedMember) {
        var rest = bytes
        repeat {
            let used = rest.withUnsafeBytes { scan.feed($0) }
            member.crc = Checksum.crc32(rest.prefix(used), startingWith: member.crc)
            member.byteCount += Int64(used)
            rest = rest.dropFirst(used)
            while let lines = scan.takeCommits() {
                member.end.frontier.append(lines)
                member.end.next = lines.end
            }
        } while scan.state == .hungry && !rest.isEmpty
    }

    private func mark(_ place: SegmentFile.Place) throws(LogError) -> SurveyedMember? {
        let body = MemberHeader.markBody
        guard try segment.bytes(at: place.bodyOffset, count: body.count) == body else { return nil }
        return SurveyedMember(
            source: source, segment: segment.first, offset: place.offset,
            byteCount: Int64(place.header.byteCount + body.count),
            crc: Checksum.crc32(body, startingWith: Checksum.crc32(place.header.encoded())),
            header: place.header, end: LogState(before: place.header))
    }
}
