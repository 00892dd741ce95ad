// SPDX-License-Identifier: Apache-2.0

/// Finds a member in a segment that has no end mark yet, by looking for headers near a few places.
///
/// Sequences and times rise with the offset, and nearly evenly: where the target is likely to be, a window is read and
/// headers are looked for in it. Two windows are the rule; a segment whose members are of very unlike sizes takes as
/// many as halving does.
///
/// ```
/// offset   low ───────────────┬──window──┬──────────── high
/// known    a header           │ h    h   │             a header, or where the bytes end
/// ```
struct MemberSearch {
    let segment: SegmentFile
    let target: SeekTarget
    /// Where the bytes that count end, and what they lead to.
    let end: Int64
    let last: KnownHeaders.Key
    /// Headers seen before, and by now.
    var known: KnownHeaders

    /// Holds two default members, so that the wanted one is often read with the window.
    private static let windowByteCount: Int64 = 128 * 1024
    /// More windows than halving the largest segment takes: a search that needs more is in a damaged segment.
    private static let windowLimit = 48

    /// Looks for the member.
    ///
    /// - Returns: What whoever reads it has to check; nil where it cannot be told in so few reads, because the segment
    ///   is damaged or the target lies past its last member.
    /// - Throws: ``LogError`` when the file cannot be read.
    mutating func run() throws(LogError) -> FoundMember? {
        if known.headers.first?.offset != 0 {
            guard let first = try segment.header(at: 0) else { return nil }
            known.insert([first])
        }
        /// No header begins from here on up to the next one that is known.
        var emptyFrom = end
        for attempt in 0..<Self.windowLimit {
            guard known.isOrdered, let low = known.last(before: target) else { return nil }
            let high = known.first(after: low.offset)
            let gapEnd = min(high?.offset ?? end, emptyFrom)
            // What was known of the file before may lie past its end as it is now.
            guard low.offset < gapEnd else { return nil }
            if low.next == nil, gapEnd - low.offset > Self.windowByteCount {
                try look(in: low.offset..<gapEnd, low.key, high?.key ?? last, attempt, &emptyFrom)
                continue
            }
            if low.next == nil {
                let places = try segment.headers(in: low.offset..<gapEnd)
                guard places.first?.offset == low.offset else { return nil }
                known.insert(places, before: high?.offset)
            }
            guard known.isOrdered, let found = known.last(before: target) else { return nil }
            let following = known.first(after: found.offset)
            return found.kind == .lines || !target.isRecord
                ? FoundMember(
                    offset: found.offset, sequence: found.key.sequence, end: following?.offset ?? end,
                    following: following?.key.sequence)
                : nil
        }
        return nil
    }

    /// Looks for headers where the target is likely to be.
    private mutating func look(
        in gap: Range<Int64>, _ low: KnownHeaders.Key, _ high: KnownHeaders.Key, _ attempt: Int,
        _ emptyFrom: inout Int64
    ) throws(LogError) {
        // Every third time the middle, so that a segment of unlike members takes no more than halving it does.
        let part = attempt % 3 == 2 ? 0.5 : target.fraction(from: low, to: high)
        let place = gap.lowerBound + Int64(Double(gap.count) * part)
        // The header of the member that holds the place is before it, more likely than after it.
        let start = max(
            gap.lowerBound + 1,
            min(place - Self.windowByteCount * 3 / 4, gap.upperBound - Self.windowByteCount))
        let window = start..<min(start + Self.windowByteCount, gap.upperBound)
        let places = try segment.headers(in: window)
        if !places.isEmpty {
            known.insert(places)
        } else if let next = try segment.firstHeader(from: window.upperBound), next.offset < gap.upperBound {
            known.insert([next])
        } else {
            emptyFrom = start
        }
    }
}

/// Headers of one segment whose places are known, in order.
struct KnownHeaders: Sendable {
    struct Key: Hashable, Sendable {
        var sequence: SequenceNumber
        var time: CaptureTime
    }

    struct Header: Hashable, Sendable {
        var offset: Int64
        var kind: MemberHeader.Kind
        var key: Key
        /// Where the next header begins, when no other can be between.
        var next: Int64?
    }

    private(set) var headers: [Header] = []
    /// Whether sequences and times rise with the offset.
    private(set) var isOrdered = true

    /// The last header at or before the target.
    func last(before target: SeekTarget) -> Header? {
        headers.last { target.isReached(by: $0.key.sequence, $0.key.time) }
    }

    func first(after offset: Int64) -> Header? { headers.first { $0.offset > offset } }

    /// Adds headers between which there is no other.
    ///
    /// - Parameters:
    ///   - places: In order.
    ///   - next: Where the next header after them begins; nil when others may be before it.
    mutating func insert(_ places: [SegmentFile.Place], before next: Int64? = nil) {
        guard let first = places.first, let last = places.last else { return }
        var added = places.map {
            Header(
                offset: $0.offset, kind: $0.header.kind,
                key: Key(sequence: $0.header.sequence, time: $0.header.time), next: nil)
        }
        for index in added.indices.dropLast() { added[index].next = added[index + 1].offset }
        let start = headers.firstIndex { $0.offset >= first.offset } ?? headers.count
        let stop = headers.firstIndex { $0.offset > last.offset } ?? headers.count
        let known = start < stop && headers[stop - 1].offset == last.offset ? headers[stop - 1].next : nil
        added[added.count - 1].next = next ?? known
        headers.replaceSubrange(start..<stop, with: added)
        for index in max(1, start)..<max(1, min(headers.count, start + added.count + 1)) {
            let (before, after) = (headers[index - 1].key, headers[index].key)
            if after.sequence < before.sequence || after.time < before.time { isOrdered = false }
        }
    }
}

extension SegmentFile {
    /// All headers that begin in a range, in order.
    fileprivate func headers(in range: Range<Int64>) throws(LogError) -> [Place] {
        let bytes = try bytes(at: range.lowerBound, count: range.count + MemberHeader.longestOfLines)
        return try headers(among: bytes, from: range.lowerBound).filter { $0.offset < range.upperBound }
    }
}
