// SPDX-License-Identifier: Apache-2.0

/// Reads the log, live or at rest, beside its writer and beside any number of other readers.
///
/// A reader sees only what is durable: while a writer lives, up to where it says it has synced; at rest, every
/// whole commit in the files.
///
/// One reader for many seeks is faster than one for each: it remembers where the members of a few segments are.
package struct LogReader: Sendable {
    let archive: Archive
    private let options: ReadingOptions
    private let cache: SegmentCache

    package init(_ archive: Archive, options: ReadingOptions = ReadingOptions()) throws(LogError) {
        self.archive = archive
        self.options = options
        cache = SegmentCache(archive)
        // An archive without its log folder is refused here rather than read as empty.
        try cache.refresh()
    }

    /// The sequence after the last record that can be read now.
    package func end() throws(LogError) -> SequenceNumber {
        if case .durable(let end) = try WriterLock.look(archive) { return end.sequence }
        let segments = try archive.segments()
        guard let last = segments.last else { return .zero }
        let segment = try SegmentFile(archive, last)
        guard let place = try segment.lastHeader(before: try segment.size()) else { return last }
        guard place.header.kind == .lines else { return place.header.sequence }
        var cursor = try cursor(from: place.header.sequence)
        while let chunk = try cursor.next() {
            // A damaged tail: what cannot be read is not counted.
            if case .hole(let hole) = chunk, hole.end == nil { break }
        }
        return cursor.nextSequence
    }

    /// A cursor that stands before the record `sequence`, which may still be to come.
    package func cursor(from sequence: SequenceNumber) throws(LogError) -> LogCursor {
        LogCursor(archive, next: sequence, cache: cache, options: options)
    }

    /// The first record captured at or after a time.
    ///
    /// - Parameter microseconds: Since 1970-01-01T00:00:00Z.
    /// - Returns: ``end()`` when every record is older.
    /// - Throws: ``LogError`` when a file cannot be read.
    package func sequence(atOrAfter microseconds: Int64) throws(LogError) -> SequenceNumber {
        let time = CaptureTime(microseconds: microseconds)
        guard let first = try lastSegment(before: time) else { return .zero }
        let found = try lastMember(of: first, before: time)
        var cursor = try cursor(from: found?.sequence ?? first)
        while let chunk = try cursor.next(inSmallChunks: true) {
            // What cannot be read is not the first record of a time.
            guard case .lines(let lines) = chunk else { continue }
            for index in 0..<lines.count {
                if let lineTime = CommitScan.time(ofLine: lines[index]), lineTime >= time {
                    return lines.first.advanced(by: index)
                }
            }
            // The next member was not chosen: it begins with a record that is late enough.
            if cursor.nextSequence == found?.following { break }
        }
        return cursor.nextSequence
    }

    /// The last segment that begins before a time, or the first of all.
    private func lastSegment(before time: CaptureTime) throws(LogError) -> SequenceNumber? {
        let segments = try cache.refresh()
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if try begin(of: segments[middle]).map({ $0 < time }) ?? false {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return segments.isEmpty ? nil : segments[low]
    }

    /// Capture time of a segment's first record; nil where its first header is damaged: it is looked into by reading,
    /// from the segment before it.
    private func begin(of first: SequenceNumber) throws(LogError) -> CaptureTime? {
        if let begin = cache.known(first)?.begin { return begin }
        return try SegmentFile(archive, first).header(at: 0)?.header.time
    }

    /// The last member of a segment that begins before a time, where the log can tell without reading all of it.
    private func lastMember(of first: SequenceNumber, before time: CaptureTime) throws(LogError)
        -> FoundMember?
    {
        if let sealed = try cache.sealed(first) { return sealed.segment.member(.time(time)) }
        let segment = try SegmentFile(archive, first)
        var end = try segment.size()
        if case .durable(let durable) = try WriterLock.look(archive), durable.segment == first {
            end = durable.offset
        }
        guard let last = try segment.lastHeader(before: end) else { return nil }
        if last.header.time < time {
            return FoundMember(offset: last.offset, sequence: last.header.sequence)
        }
        return try segment.member(.time(time), before: last, cache)
    }
}

extension SegmentFile {
    /// The last member that begins at or before the target, in a segment without an end mark.
    ///
    /// - Parameters:
    ///   - target: What is looked for.
    ///   - end: A header after it.
    ///   - cache: Remembers what is seen on the way.
    /// - Returns: Nil where it cannot be told.
    /// - Throws: ``LogError`` when the file cannot be read.
    func member(_ target: SeekTarget, before end: Place, _ cache: SegmentCache) throws(LogError)
        -> FoundMember?
    {
        try member(
            target, before: end.offset,
            leadingTo: KnownHeaders.Key(sequence: end.header.sequence, time: end.header.time), cache)
    }

    func member(
        _ target: SeekTarget, before end: Int64, leadingTo last: KnownHeaders.Key, _ cache: SegmentCache
    ) throws(LogError) -> FoundMember? {
        var search = MemberSearch(
            segment: self, target: target, end: end, last: last, known: cache.headers(of: first))
        let found = try search.run()
        cache.keep(search.known, of: first)
        return found
    }

    /// The last member with lines, among those that begin before `end`, whose header `matches`.
    func lastMemberPlace(before end: Int64, where matches: (MemberHeader) -> Bool) throws(LogError) -> Place?
    {
        guard var place = try lastHeader(before: end) else { return nil }
        if place.header.kind == .end, let found = try search(place.header.directory, matches) { return found }
        while true {
            if place.header.kind == .lines, matches(place.header) { return place }
            guard let before = try header(before: place) else { break }
            place = before
        }
        guard place.offset > 0 else { return nil }
        // The chain is broken by damage: look at every header there is.
        var found: Place?
        var offset: Int64 = 0
        while let next = try firstHeader(from: offset), next.offset < end {
            // By number, not by place: members may have been moved.
            if next.header.kind == .lines, matches(next.header),
                found.map({ $0.header.sequence <= next.header.sequence }) ?? true
            {
                found = next
            }
            offset = next.offset + 1
        }
        return found
    }

    /// Searches an end mark's directory, whose members match up to some place and not after it.
    private func search(_ directory: [MemberEntry], _ matches: (MemberHeader) -> Bool) throws(LogError)
        -> Place?
    {
        var low = 0
        var high = directory.count
        var found: Place?
        while low < high {
            let middle = (low + high) / 2
            // Nil where a header is damaged, or another member's: the caller walks then.
            guard let place = try header(at: Int64(directory[middle].offset)),
                MemberEntry(place, in: self) == directory[middle]
            else { return nil }
            if matches(place.header) {
                found = place
                low = middle + 1
            } else {
                high = middle
            }
        }
        return found
    }
}
