// SPDX-License-Identifier: Apache-2.0

/// How a segment ends: its size, and its end mark if it is sealed.
///
/// Equal endings mean equal lines and layout, where both were checked.
struct SegmentEnding: Hashable {
    let byteCount: Int64
    /// The end mark, whose frontier stands for every line before it; nil while the segment is active.
    let seal: MemberHeader?

    /// Looks at the end of the first `byteCount` bytes; nil takes all there are.
    init(_ archive: Archive, _ first: SequenceNumber, byteCount: Int64?) throws(MirrorError) {
        let segment = try mirroringLog { () throws(LogError) in try SegmentFile(archive, first) }
        let end: Int64
        if let byteCount { end = byteCount } else { end = try mirroringLog(segment.size) }
        self.byteCount = end
        seal = try mirroringLog { () throws(LogError) in try Self.seal(segment, end) }
    }

    /// A header says its size at its end, so an end mark is found from the back without searching.
    private static func seal(_ segment: SegmentFile, _ end: Int64) throws(LogError) -> MemberHeader? {
        let tailByteCount = 8 + MemberHeader.markBody.count
        guard end > Int64(tailByteCount) else { return nil }
        let tail = try segment.bytes(at: end - Int64(tailByteCount), count: tailByteCount)
        guard tail.count == tailByteCount,
            tail.suffix(MemberHeader.markBody.count) == MemberHeader.markBody[...]
        else { return nil }
        let size = Int64(tail.integer(at: 0, as: UInt32.self))
        let place = try segment.header(at: end - size - Int64(MemberHeader.markBody.count))
        guard let header = place?.header, header.kind == .end, Int64(header.byteCount) == size else {
            return nil
        }
        return header
    }
}

/// Compares a segment of the mirror with the archive.
struct SegmentComparison {
    private let archive: Archive
    private let copy: SegmentFile
    private let copyByteCount: Int64
    /// The mirror's records, read as far as its bytes hold together.
    private let scan: ArrivalScan

    init(_ first: SequenceNumber, mirror: Archive, archive: Archive) throws(MirrorError) {
        self.archive = archive
        copy = try mirroringLog { () throws(LogError) in try SegmentFile(mirror, first) }
        copyByteCount = try mirroringLog(copy.size)
        scan = try Self.scan(copy)
    }

    private static func scan(_ segment: SegmentFile) throws(MirrorError) -> ArrivalScan {
        var scan = ArrivalScan(first: segment.first, after: nil)
        segment.file.dropCache()
        while true {
            let bytes = try mirroringLog { () throws(LogError) in
                try segment.bytes(at: scan.offset, count: 1024 * 1024)
            }
            guard !bytes.isEmpty else { return scan }
            // A torn or damaged end: what stands before it is what the mirror has.
            do throws(ArrivalScan.Fault) { try scan.feed(bytes) } catch { return scan }
        }
    }

    /// Compares bytes, then records, with a segment that the archive has too.
    ///
    /// - Parameters:
    ///   - sourceByteCount: Durable bytes of the archive's.
    ///   - published: Bytes of the mirror's that were checked once.
    ///   - durable: Where the archive ends.
    /// - Returns: Nil when the mirror's holds no record.
    /// - Throws: ``MirrorError`` when a side cannot be read.
    func agreement(sourceByteCount: Int64, published: Int64, durable: DurableEnd) throws(MirrorError)
        -> MirrorPlan.Agreement?
    {
        let source = try mirroringLog { () throws(LogError) in try SegmentFile(archive, copy.first) }
        let common = min(try Self.commonByteCount(source, copy), sourceByteCount)
        if common == copyByteCount || scan.wholeOffset <= common && published <= common {
            return .beginning(byteCount: common)
        }
        return try records(durable: durable) ?? .beginning(byteCount: 0)
    }

    /// Compares the records alone; nil when the mirror's segment holds none.
    func records(durable: DurableEnd) throws(MirrorError) -> MirrorPlan.Agreement? {
        guard scan.next > copy.first else { return nil }
        guard scan.next <= durable.sequence else { return .ahead(scan.next) }
        guard
            var frontier = try mirroringLog({ () throws(LogError) in try copy.header(at: 0) })?.header
                .frontier
        else { return .diverged(copy.first) }
        let last = SequenceNumber(scan.next.rawValue - 1)
        var cursor = try mirroringLog { () throws(LogError) in
            try LogReader(archive).cursor(from: copy.first)
        }
        while frontier.size < scan.next.rawValue {
            guard case .lines(let lines)? = try mirroringLog({ () throws(LogError) in try cursor.next() }),
                lines.first.rawValue == frontier.size
            else {
                throw MirrorError(
                    .damagedArchive, archive.logPath,
                    "record \(frontier.size) cannot be read, so it cannot be compared with the mirror's",
                    remedy: "Run 'stele verify' on the archive and mend it, from the mirror if need be.")
            }
            frontier.append(lines, through: last)
        }
        return frontier == scan.frontier ? .sameRecords : .diverged(copy.first)
    }

    /// How many first bytes of two files are the same.
    static func commonByteCount(_ one: SegmentFile, _ other: SegmentFile) throws(MirrorError) -> Int64 {
        let window = 1024 * 1024
        var offset: Int64 = 0
        while true {
            let (left, right) = try mirroringLog { () throws(LogError) in
                (try one.bytes(at: offset, count: window), try other.bytes(at: offset, count: window))
            }
            let count = min(left.count, right.count)
            guard left.prefix(count) == right.prefix(count), count == window else {
                let same = zip(left, right).prefix { $0 == $1 }.count
                return offset + Int64(same)
            }
            offset += Int64(count)
        }
    }
}
