// SPDX-License-Identifier: Apache-2.0

/// What a cursor comes upon.
package enum LogChunk: Sendable {
    /// Whole lines, in order: some hundred kilobytes of them.
    case lines(LogLines)
    /// Records that cannot be read.
    case hole(LogHole)
}

/// Records that are damaged or missing, between good ones.
package struct LogHole: Hashable, Sendable {
    /// The first record that cannot be read.
    package let first: SequenceNumber
    /// The next one that can; nil when there is none, and how many are lost is not known.
    package let end: SequenceNumber?
    /// Path of the segment within the archive.
    package let segment: String
    package let what: String
}

/// Where a reader stands in the log.
///
/// Bounded memory: one member, and the lines handed out. A cursor that has come to the end may be asked again: it
/// goes on where it stood, in the middle of a running member too.
package struct LogCursor {
    /// The record it hands out next.
    package private(set) var nextSequence: SequenceNumber

    private let archive: Archive
    private let inflater = Inflater()
    private var position: Position?
    /// After a hole without an end: nothing is looked for until the log is longer than this.
    private var stuck: Extent?

    /// A place within a segment.
    private struct Position {
        var segment: SegmentFile
        var place: SegmentFile.Place
        var scan: MemberScan

        /// Where the next bytes of the segment are read.
        var offset: Int64 { place.bodyOffset + Int64(scan.usedByteCount) }
    }

    /// How far the log can be read now.
    private struct Extent: Hashable {
        var lastSegment: SequenceNumber
        /// Bytes of it.
        var byteCount: Int64
        /// Whether a writer vouches for them.
        var isLive: Bool
        /// The sequence they lead to, where a writer has said so.
        var promisedEnd: SequenceNumber?
        /// Up to where the last writer had acknowledged records, when it left word.
        var acknowledgedEnd: SequenceNumber?
    }

    init(_ archive: Archive, next: SequenceNumber) {
        self.archive = archive
        nextSequence = next
    }

    /// Reads on.
    ///
    /// - Returns: Nil when there is nothing more now.
    package mutating func next() throws(LogError) -> LogChunk? {
        guard let extent = try extent(), extent != stuck else { return nil }
        stuck = nil
        while true {
            if position == nil {
                switch try seek(extent) {
                case .found: break
                case .nothing: return nil
                case .hole(let hole): return .hole(hole)
                }
            }
            switch try step(extent) {
            case .lines(let lines): return .lines(lines)
            case .moved: continue
            case .tail:
                // Without a writer the last bytes may be torn, and the next writer cuts them: they must not
                // stay in the inflater.
                if !extent.isLive { position = nil }
                return nil
            case .damaged(let what):
                if let hole = try skipDamage(what, extent) { return .hole(hole) }
                guard position != nil else { return nil }
            }
        }
    }

    private func extent() throws(LogError) -> Extent? {
        var promised: DurableEnd?
        switch try WriterLock.look(archive) {
        case .durable(let end) where end.offset > 0:
            return Extent(
                lastSegment: end.segment, byteCount: end.offset, isLive: true, promisedEnd: end.sequence)
        case .durable(let end):
            // The active segment has no file yet: the log ends with the one before it.
            guard let last = try archive.segments().last(where: { $0 < end.segment }) else { return nil }
            return Extent(
                lastSegment: last, byteCount: try SegmentFile(archive, last).size(), isLive: true,
                promisedEnd: end.sequence)
        case .noWriter(let last): promised = last
        case .starting: break
        }
        guard let last = try archive.segments().last else { return nil }
        let byteCount = try SegmentFile(archive, last).size()
        // Bytes that are cut off are not damage to those that stand: the next writer says what is lost.
        let isWhole = promised.map { $0.segment == last && $0.offset <= byteCount } ?? false
        return Extent(
            lastSegment: last, byteCount: byteCount, isLive: false,
            promisedEnd: isWhole ? promised?.sequence : nil, acknowledgedEnd: promised?.sequence)
    }

    /// Bytes of a segment that can be read.
    private func byteCount(of segment: SegmentFile, _ extent: Extent) throws(LogError) -> Int64 {
        segment.first == extent.lastSegment ? extent.byteCount : try segment.size()
    }

    // MARK: - Finding the place

    private enum Seek {
        case found
        case nothing
        case hole(LogHole)
    }

    private mutating func seek(_ extent: Extent) throws(LogError) -> Seek {
        let segments = try archive.segments().filter { $0 <= extent.lastSegment }
        guard let first = segments.last(where: { $0 <= nextSequence }) else {
            guard let start = segments.first else { return .nothing }
            return .hole(
                hole(to: start, "log/" + Archive.segmentName(nextSequence), "the segment is missing"))
        }
        let segment = try SegmentFile(archive, first)
        let wanted = nextSequence
        let end = try byteCount(of: segment, extent)
        if let place = try segment.lastMemberPlace(before: end, where: { $0.sequence <= wanted }) {
            position = Position(
                segment: segment, place: place, scan: MemberScan(place.header, inflater: inflater))
            return .found
        }
        guard let place = try segment.firstHeader(from: 0), place.offset < end, place.header.kind == .lines
        else {
            guard end > 0, segments.last != first else { return .nothing }
            let following = segments.first { $0 > first } ?? first
            return .hole(hole(to: following, segment.name, "no member of the segment can be read"))
        }
        return .hole(
            hole(to: place.header.sequence, segment.name, "the segment's first members cannot be read"))
    }

    private mutating func hole(to end: SequenceNumber, _ segment: String, _ what: String) -> LogHole {
        defer { nextSequence = end }
        return LogHole(first: nextSequence, end: end, segment: segment, what: what)
    }

    // MARK: - Reading on

    private enum Step {
        case lines(LogLines)
        /// There is more to read.
        case moved
        /// Nothing more now.
        case tail
        case damaged(String)
    }

    private mutating func step(_ extent: Extent) throws(LogError) -> Step {
        guard var position else { return .moved }
        defer { self.position = position }
        if let lines = position.scan.takeCommits() {
            guard lines.end > nextSequence else { return .moved }
            let wanted = lines.dropping(before: nextSequence)
            nextSequence = wanted.end
            return .lines(wanted)
        }
        switch position.scan.state {
        case .invalid(let what): return .damaged(what)
        case .ended: return try step(pastMember: &position, extent)
        case .hungry:
            let end = try byteCount(of: position.segment, extent)
            let wanted = min(64 * 1024, end - position.offset)
            let bytes = wanted > 0 ? try position.segment.bytes(at: position.offset, count: Int(wanted)) : []
            guard bytes.isEmpty else {
                bytes.withUnsafeBytes { _ = position.scan.feed($0) }
                return .moved
            }
            guard position.segment.first == extent.lastSegment else {
                return .damaged("the segment ends within a member")
            }
            if let promised = extent.promisedEnd, nextSequence < promised {
                return .damaged("the compressed bytes are whole, and do not hold the records they should")
            }
            return .tail
        }
    }

    private func step(pastMember position: inout Position, _ extent: Extent) throws(LogError) -> Step {
        let end = try byteCount(of: position.segment, extent)
        guard position.offset < end else {
            guard position.segment.first != extent.lastSegment else { return .tail }
            guard let following = try archive.segments().first(where: { $0 > position.segment.first }) else {
                return .tail
            }
            return try enter(try SegmentFile(archive, following), at: 0, &position)
        }
        return try enter(position.segment, at: position.offset, &position)
    }

    /// Begins the member at `offset`, over any marks that stand there.
    private func enter(_ segment: SegmentFile, at offset: Int64, _ position: inout Position) throws(LogError)
        -> Step
    {
        guard let place = try segment.header(at: offset) else {
            return .damaged("a member's header was changed")
        }
        guard place.header.sequence == nextSequence else {
            return .damaged("record \(place.header.sequence) stands where record \(nextSequence) belongs")
        }
        position = Position(
            segment: segment, place: place, scan: MemberScan(place.header, inflater: inflater))
        return .moved
    }

    /// Goes to the first good member after the damage.
    ///
    /// - Returns: Nil when no record is lost by it.
    private mutating func skipDamage(_ what: String, _ extent: Extent) throws(LogError) -> LogHole? {
        guard let damaged = position else { return nil }
        position = nil
        var segment = damaged.segment
        var offset = damaged.place.offset + 1
        while true {
            let end = try byteCount(of: segment, extent)
            while let place = try segment.firstHeader(from: offset), place.offset < end {
                if place.header.kind == .lines, place.header.sequence >= nextSequence {
                    position = Position(
                        segment: segment, place: place, scan: MemberScan(place.header, inflater: inflater))
                    guard place.header.sequence > nextSequence else { return nil }
                    return hole(to: place.header.sequence, damaged.segment.name, what)
                }
                offset = place.offset + 1
            }
            guard let following = try archive.segments().first(where: { $0 > segment.first }),
                following <= extent.lastSegment
            else { break }
            segment = try SegmentFile(archive, following)
            offset = 0
        }
        stuck = extent
        // A writer that goes on will not change what is lost; one that opens the log may cut it and write it anew.
        if extent.isLive, let promised = extent.promisedEnd {
            return promised > nextSequence ? hole(to: promised, damaged.segment.name, what) : nil
        }
        // Torn: a write that its writer did not live to finish, and nobody was told of.
        if let acknowledged = extent.acknowledgedEnd, acknowledged <= nextSequence { return nil }
        return LogHole(first: nextSequence, end: nil, segment: damaged.segment.name, what: what)
    }
}
