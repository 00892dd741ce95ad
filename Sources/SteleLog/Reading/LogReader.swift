// SPDX-License-Identifier: Apache-2.0

/// Reads the log, live or at rest, beside its writer and beside any number of other readers.
///
/// A reader sees only what is durable: while a writer lives, up to where it says it has synced; at rest, every
/// whole commit in the files.
package struct LogReader: Sendable {
    let archive: Archive

    package init(_ archive: Archive) throws(LogError) {
        self.archive = archive
        // An archive without its log folder is refused here rather than read as empty.
        _ = try archive.segments()
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
        LogCursor(archive, next: sequence)
    }

    /// The first record captured at or after a time.
    ///
    /// - Parameter microseconds: Since 1970-01-01T00:00:00Z.
    /// - Returns: ``end()`` when every record is older.
    /// - Throws: ``LogError`` when a file cannot be read.
    package func sequence(atOrAfter microseconds: Int64) throws(LogError) -> SequenceNumber {
        let time = CaptureTime(microseconds: microseconds)
        let segments = try archive.segments()
        guard let first = segments.first else { return .zero }
        // The last segment, then the last member, that begins before the time holds the first record of it, or
        // ends just before it.
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if try SegmentFile(archive, segments[middle]).begins(before: time) {
                low = middle
            } else {
                high = middle - 1
            }
        }
        let segment = try SegmentFile(archive, segments.isEmpty ? first : segments[low])
        let start = try segment.lastMember { $0.time < time } ?? segment.first
        var cursor = try cursor(from: start)
        while let chunk = try cursor.next() {
            guard case .lines(let lines) = chunk else { continue }
            for index in 0..<lines.count {
                if let lineTime = CommitScan.time(ofLine: lines[index]), lineTime >= time {
                    return lines.first.advanced(by: index)
                }
            }
        }
        return cursor.nextSequence
    }
}

extension SegmentFile {
    func begins(before time: CaptureTime) throws(LogError) -> Bool {
        // A damaged first header: its segment is looked into by reading, from the one before it.
        try header(at: 0).map { $0.header.time < time } ?? false
    }

    /// First sequence of the last member that `matches`; members are asked for their first record.
    func lastMember(where matches: (MemberHeader) -> Bool) throws(LogError) -> SequenceNumber? {
        try lastMemberPlace(before: size(), where: matches)?.header.sequence
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
            if next.header.kind == .lines, matches(next.header) { found = next }
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
            // Nil where a header is damaged: the caller walks then.
            guard let place = try header(at: Int64(directory[middle].offset)) else { return nil }
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
