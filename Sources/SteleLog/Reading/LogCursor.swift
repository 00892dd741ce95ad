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
/// Bounded memory: a piece of the file, a commit of up to ``ReadingOptions/commitByteLimit`` that is being put
/// together, and the lines handed out. A cursor that has come to the end may be asked again: it goes on where it
/// stood, in the middle of a running member too.
package struct LogCursor {
    /// The record it hands out next.
    package private(set) var nextSequence: SequenceNumber

    private let archive: Archive
    private let cache: SegmentCache
    private let options: ReadingOptions
    private let inflater = Inflater()
    private var position: Position?
    /// How far the log can be read, once that was asked for in this call.
    private var extent: LogExtent?
    /// After a hole without an end: nothing is looked for until the log is longer than this.
    private var stuck: LogExtent?
    /// The record at which damage was skipped last.
    private var skippedAt: SequenceNumber?

    /// A place within a segment.
    private struct Position {
        var segment: SegmentFile
        var place: SegmentFile.Place
        var scan: MemberScan
        var ahead = ReadAhead()
        /// Whether where it is was known before: it may be an old file that is not the segment any more.
        var isRemembered = false

        /// Where the next bytes of the segment are read.
        var offset: Int64 { place.bodyOffset + Int64(scan.usedByteCount) }
    }

    init(
        _ archive: Archive, next: SequenceNumber, cache: SegmentCache,
        options: ReadingOptions = ReadingOptions()
    ) {
        self.archive = archive
        self.cache = cache
        self.options = options
        nextSequence = next
    }

    init(_ archive: Archive, next: SequenceNumber) {
        self.init(archive, next: next, cache: SegmentCache(archive))
    }

    /// Reads on.
    ///
    /// - Returns: Nil when there is nothing more now.
    package mutating func next() throws(LogError) -> LogChunk? { try next(inSmallChunks: false) }

    /// Reads on, commit by commit when so asked: for those who look for one record, and not for all.
    mutating func next(inSmallChunks: Bool) throws(LogError) -> LogChunk? {
        extent = nil
        if let stuck, try currentExtent() == stuck { return nil }
        stuck = nil
        while true {
            if position == nil {
                switch try seek() {
                case .found: break
                case .nothing: return try missingEnd()
                case .hole(let hole): return .hole(hole)
                }
            }
            switch try step(inSmallChunks) {
            case .lines(let lines): return .lines(lines)
            case .moved: continue
            case .tail:
                // Without a writer the last bytes may be torn, and the next writer cuts them: they must not
                // stay in the inflater.
                if try currentExtent()?.isLive != true { position = nil }
                return try missingEnd()
            case .damaged(let what, let name):
                // A file that was known before may have been replaced by a good one.
                if let position, position.isRemembered {
                    forget(position)
                    continue
                }
                if let hole = try skipDamage(what, in: name) { return .hole(hole) }
                guard position != nil else { return nil }
            }
        }
    }

    /// What is to be said where nothing more can be read: records that were durable may be missing.
    private mutating func missingEnd() throws(LogError) -> LogChunk? {
        guard let extent = try currentExtent(), let promised = extent.promisedEnd, promised > nextSequence
        else { return nil }
        stuck = extent
        let segment = "log/" + Archive.segmentName(extent.lastSegment)
        let what = "the log ends here, and its writer said that the records before \(promised) were durable"
        // A writer that goes on will not change what is lost; one that opens the log may cut it and write it anew.
        return .hole(
            extent.isLive
                ? hole(to: promised, segment, what)
                : LogHole(first: nextSequence, end: nil, segment: segment, what: what))
    }

    /// How far the log can be read now; nil when there is none.
    private mutating func currentExtent() throws(LogError) -> LogExtent? {
        if extent == nil { extent = try LogExtent(archive) }
        return extent
    }

    /// Bytes of a segment that can be read: all of them where another segment follows.
    private mutating func byteCount(of segment: SegmentFile) throws(LogError) -> Int64 {
        if cache.following(segment.first) != nil { return try segment.size() }
        guard let extent = try currentExtent(), extent.isLive, segment.first == extent.lastSegment else {
            return try segment.size()
        }
        return extent.byteCount
    }

    // MARK: - Finding the place

    private enum Seek {
        case found
        case nothing
        case hole(LogHole)
    }

    private mutating func seek() throws(LogError) -> Seek {
        if try seekSealed() { return .found }
        try cache.refresh()
        guard let extent = try currentExtent() else { return .nothing }
        let segments = cache.segments.filter { $0 <= extent.lastSegment }
        if let last = segments.last, last == extent.lastSegment, last <= nextSequence,
            try seekActive(try SegmentFile(archive, last), extent)
        {
            return .found
        }
        return try seek(among: segments)
    }

    /// Goes to a member of a segment that another one follows, by its end mark.
    ///
    /// - Returns: Whether the member is where it should be.
    private mutating func seekSealed() throws(LogError) -> Bool {
        guard let first = cache.followedSegment(with: nextSequence) else { return false }
        // What is not as it is remembered may have been replaced, and is looked into once more.
        for _ in 0..<2 {
            guard let (sealed, isFresh) = try cache.sealed(first), nextSequence < sealed.end,
                let member = sealed.member(.record(nextSequence))
            else { return false }
            if try enter(member, of: sealed.file) {
                position?.isRemembered = !isFresh
                return true
            }
            cache.forget(first)
            if isFresh { return false }
        }
        return false
    }

    /// Goes to a member of the last segment, by looking at few places in it.
    ///
    /// - Returns: Whether the member is where it was found.
    private mutating func seekActive(_ segment: SegmentFile, _ extent: LogExtent) throws(LogError) -> Bool {
        var end = try byteCount(of: segment)
        var last = KnownHeaders.Key(sequence: nextSequence, time: CaptureTime(microseconds: .max))
        if extent.isWhole, let promised = extent.promisedEnd {
            guard nextSequence < promised else { return false }
            last.sequence = promised
        } else {
            guard let place = try segment.lastHeader(before: end), nextSequence < place.header.sequence else {
                return false
            }
            end = place.offset
            last.sequence = place.header.sequence
        }
        guard let member = try segment.member(.record(nextSequence), before: end, leadingTo: last, cache)
        else {
            return false
        }
        if try enter(member, of: segment) { return true }
        cache.forget(segment.first)
        return false
    }

    /// Goes to a member by whatever headers stand.
    private mutating func seek(among segments: [SequenceNumber]) throws(LogError) -> Seek {
        let wanted = nextSequence
        // The last one whose name allows it, unless the name lies.
        var nearest: SequenceNumber?
        for first in segments.filter({ $0 <= wanted }).reversed() {
            let segment = try SegmentFile(archive, first)
            let end = try byteCount(of: segment)
            if let place = try segment.lastMemberPlace(before: end, where: { $0.sequence <= wanted }),
                place.header.sequence >= first
            {
                enter(place, of: segment)
                return .found
            }
            guard try segment.isInPlace(among: segments) else { continue }
            nearest = nearest ?? first
        }
        guard let first = nearest else {
            guard let start = segments.first(where: { $0 > nextSequence }) else { return .nothing }
            return .hole(
                hole(to: start, "log/" + Archive.segmentName(nextSequence), "the segment is missing"))
        }
        let segment = try SegmentFile(archive, first)
        let end = try byteCount(of: segment)
        let following = segments.first { $0 > first }
        guard
            let place = try segment.lowestLines(
                before: end,
                { place in
                    place.header.sequence > wanted && following.map { place.header.sequence < $0 } ?? true
                })
        else {
            guard let following else { return .nothing }
            return .hole(hole(to: following, segment.name, "no member of the segment can be read"))
        }
        return .hole(
            hole(to: place.header.sequence, segment.name, "the segment's first members cannot be read"))
    }

    /// The first of `some` of the segments that holds what its name says, as far as its first header tells.
    private func firstInPlace(_ some: [SequenceNumber], of segments: [SequenceNumber]) throws(LogError)
        -> SequenceNumber?
    {
        for first in some where try SegmentFile(archive, first).isInPlace(among: segments) { return first }
        return nil
    }

    private mutating func hole(to end: SequenceNumber, _ segment: String, _ what: String) -> LogHole {
        defer { nextSequence = end }
        return LogHole(first: nextSequence, end: end, segment: segment, what: what)
    }

    /// Reads a member that should stand where it was found, as far as the wanted record is likely to be.
    ///
    /// - Returns: False when it does not.
    private mutating func enter(_ member: FoundMember, of segment: SegmentFile) throws(LogError) -> Bool {
        var ahead = ReadAhead()
        let end = member.likelyEnd(of: nextSequence)
        // An end mark may list anything.
        guard member.offset < end else { return false }
        try ahead.load(segment, member.offset..<min(end, member.offset + ReadAhead.largestByteCount))
        guard let place = try ahead.header(at: member.offset, in: segment, before: end),
            place.header.kind == .lines, place.header.sequence == member.sequence,
            // A file that was renamed says otherwise than its name.
            place.header.sequence >= segment.first
        else { return false }
        enter(place, of: segment, ahead)
        return true
    }

    private mutating func enter(
        _ place: SegmentFile.Place, of segment: SegmentFile, _ ahead: ReadAhead = ReadAhead()
    ) {
        position = Position(
            segment: segment, place: place,
            scan: MemberScan(place.header, inflater: inflater, options: options), ahead: ahead)
    }

    // MARK: - Reading on

    private enum Step {
        case lines(LogLines)
        /// There is more to read.
        case moved
        /// Nothing more now.
        case tail
        /// What is wrong, and in which segment.
        case damaged(String, in: String)
    }

    private mutating func step(_ inSmallChunks: Bool) throws(LogError) -> Step {
        guard var position = self.position else { return .moved }
        // Given back below, so that nothing is copied for being held twice.
        self.position = nil
        defer { self.position = self.position ?? position }
        if let lines = position.scan.takeCommits(from: nextSequence) {
            nextSequence = lines.end
            return .lines(lines)
        }
        switch position.scan.state {
        case .invalid(let what): return .damaged(what, in: position.segment.name)
        case .ended: return try step(pastMember: &position)
        case .hungry:
            let bytes = try bytes(&position)
            guard bytes.isEmpty else {
                // Up to the record that is looked for, no more is inflated than must be.
                let stopsEarly = inSmallChunks || position.scan.next < nextSequence
                bytes.withUnsafeBytes { _ = position.scan.feed($0, stopsEarly: stopsEarly) }
                return .moved
            }
            guard try isInLastSegment(position) else {
                return .damaged("the segment ends within a member", in: position.segment.name)
            }
            if let promised = try currentExtent()?.promisedEnd, nextSequence < promised {
                return .damaged(
                    "the bytes end before the records do that were durable", in: position.segment.name)
            }
            return .tail
        }
    }

    /// The member's next bytes; none where those that count end.
    private mutating func bytes(_ position: inout Position) throws(LogError) -> ArraySlice<UInt8> {
        let offset = position.offset
        let bytes = position.ahead.bytes(from: offset)
        guard bytes.isEmpty else { return bytes }
        let end = min(try byteCount(of: position.segment), offset + ReadAhead.usualByteCount)
        guard offset < end else { return [] }
        try position.ahead.load(position.segment, offset..<end)
        return position.ahead.bytes(from: offset)
    }

    private mutating func isInLastSegment(_ position: Position) throws(LogError) -> Bool {
        guard cache.following(position.segment.first) == nil, let extent = try currentExtent() else {
            return false
        }
        return position.segment.first == extent.lastSegment
    }

    private mutating func step(pastMember position: inout Position) throws(LogError) -> Step {
        let end = try byteCount(of: position.segment)
        guard position.offset >= end else {
            return try enter(position.segment, at: position.offset, before: end, &position)
        }
        guard let following = try followingSegment(position.segment.first) else { return .tail }
        position.ahead = ReadAhead()
        let segment = try SegmentFile(archive, following)
        return try enter(segment, at: 0, before: try byteCount(of: segment), &position)
    }

    /// The segment to be read after another one: that of the next record, else the next there is.
    private mutating func followingSegment(_ first: SequenceNumber) throws(LogError) -> SequenceNumber? {
        if cache.following(first) == nil { try cache.refresh() }
        guard let following = cache.following(first) else { return nil }
        let isLast = cache.following(following) == nil
        if following == nextSequence, !isLast { return following }
        guard let extent = try currentExtent() else { return nil }
        // The last one may be there without a durable byte in it.
        if following == nextSequence { return following <= extent.lastSegment ? following : nil }
        let segments = try cache.refresh().filter { $0 <= extent.lastSegment }
        let later = segments.filter { $0 > first }
        return later.contains(nextSequence) ? nextSequence : try firstInPlace(later, of: segments)
    }

    /// Begins the member at `offset`, over any marks that stand there.
    private mutating func enter(
        _ segment: SegmentFile, at offset: Int64, before end: Int64, _ position: inout Position
    ) throws(LogError) -> Step {
        guard let place = try position.ahead.header(at: offset, in: segment, before: end) else {
            return .damaged("a member's header was changed", in: segment.name)
        }
        guard place.header.sequence == nextSequence else {
            return .damaged(
                "record \(place.header.sequence) stands where record \(nextSequence) belongs",
                in: segment.name)
        }
        position = Position(
            segment: segment, place: place,
            scan: MemberScan(place.header, inflater: inflater, options: options), ahead: position.ahead,
            isRemembered: position.isRemembered && segment.first == position.segment.first)
        return .moved
    }

    private mutating func forget(_ position: Position) {
        cache.forget(position.segment.first)
        self.position = nil
    }

    /// Goes to the first good member after the damage.
    ///
    /// - Returns: Nil when no record is lost by it.
    private mutating func skipDamage(_ what: String, in name: String) throws(LogError) -> LogHole? {
        guard let damaged = position, let extent = try currentExtent() else { return nil }
        forget(damaged)
        // Back in the segment too, to a member that was moved; but not twice for one record: what is found may be
        // damaged as well.
        let mayGoBack = skippedAt != nextSequence
        skippedAt = nextSequence
        var segment = damaged.segment
        while true {
            let end = try byteCount(of: segment)
            let following = try followingSegment(segment.first)
            let wanted = nextSequence
            let isDamaged = segment.first == damaged.segment.first
            let place = try segment.lowestLines(before: end) { place in
                // Another one may say that it begins with the same record as this one, and be right.
                guard
                    place.header.sequence >= wanted || place.header.sequence == damaged.place.header.sequence
                else { return false }
                if let following, place.header.sequence >= following { return false }
                return !isDamaged || place.offset > damaged.place.offset
                    || (mayGoBack && place.offset != damaged.place.offset)
            }
            if let place {
                enter(place, of: segment)
                guard place.header.sequence > nextSequence else { return nil }
                return hole(to: place.header.sequence, name, what)
            }
            guard let following else { break }
            segment = try SegmentFile(archive, following)
        }
        stuck = extent
        if let promised = extent.promisedEnd {
            // Torn: a write that its writer did not live to finish, and nobody was told of.
            guard promised > nextSequence else { return nil }
            // A writer that goes on will not change what is lost; one that opens the log may cut it and write it anew.
            if extent.isLive { return hole(to: promised, name, what) }
        }
        return LogHole(first: nextSequence, end: nil, segment: name, what: what)
    }
}

extension SegmentFile {
    /// Whether the segment begins with a record that its name and the next one's allow.
    ///
    /// A file that was renamed or copied does not; of one whose first header is damaged nobody can tell.
    func isInPlace(among segments: [SequenceNumber]) throws(LogError) -> Bool {
        guard let place = try header(at: 0) else { return true }
        guard place.header.sequence >= first else { return false }
        return segments.first { $0 > first }.map { place.header.sequence < $0 || place.header.kind != .lines }
            ?? true
    }

    /// The member with lines whose sequence is lowest, among those wanted.
    fileprivate func lowestLines(before end: Int64, _ isWanted: (Place) -> Bool) throws(LogError) -> Place? {
        var lowest: Place?
        var offset: Int64 = 0
        while let place = try firstHeader(from: offset), place.offset < end {
            if place.header.kind == .lines, isWanted(place),
                lowest.map({ place.header.sequence < $0.header.sequence }) ?? true
            {
                lowest = place
            }
            offset = place.offset + 1
        }
        return lowest
    }
}
