// SPDX-License-Identifier: Apache-2.0

/// Names what is wrong in one segment, member by member, in the order of the file.
///
/// It takes the bytes as they come, however damaged. What is good has been proven by ``StretchCheck`` before, which is
/// faster and says nothing but that; the two accept the same bytes.
struct SegmentCheck {
    let segment: SegmentFile
    /// Bytes of it that count.
    let byteCount: Int64
    /// First record of the next segment; nil for the last one.
    let following: SequenceNumber?
    /// Up to where the last writer said that the log is durable.
    let published: DurableEnd?
    let options: ReadingOptions

    var isLast: Bool { following == nil }

    struct Outcome {
        var problems: [LogProblem] = []
        var records = 0
        /// Where the segment leads; nil when it does not hold together to its end.
        var end: LogState?
    }

    /// Checks the whole segment.
    ///
    /// - Parameter start: Where the log stands before it; nil after damage.
    /// - Returns: What is wrong, and where the log stands after it.
    /// - Throws: ``LogError`` when the file cannot be read.
    func run(from start: LogState?) throws(LogError) -> Outcome {
        let places = try places()
        guard let first = places.first else { return withoutMembers(start) }
        var outcome = Outcome()
        var expected = start
        if first.offset > 0 {
            outcome.problems.append(
                problem(
                    start?.next ?? segment.first,
                    "the first \(first.offset) bytes are no member: a header was changed",
                    upTo: first.header.sequence))
            expected = nil
        } else {
            if start == nil, first.header.sequence != segment.first {
                outcome.problems.append(
                    problem(
                        first.header.sequence,
                        "the segment begins with record \(first.header.sequence), and its name says \(segment.first)",
                        lost: first.header.sequence..<first.header.sequence))
            }
            if first.header.previousSize != 0 || first.header.previousCRC != 0 {
                outcome.problems.append(
                    problem(first.header.sequence, "a member before byte 0 was removed", upTo: nil))
            }
        }
        let rest = try run(places[...], from: expected)
        outcome.problems += rest.problems
        outcome.records = rest.records
        outcome.end = rest.end
        // Where a member is wrong, that was named.
        if let end = places.last, end.header.kind == .end, outcome.problems.isEmpty {
            outcome.problems += checkDirectory(end, places)
        }
        return outcome
    }

    /// Checks members that stand one after the other up to the segment's end.
    ///
    /// - Parameters:
    ///   - places: Where they stand; at least one.
    ///   - start: Where the log stands before the first; nil after damage.
    /// - Returns: What is wrong, and where the log stands after them.
    /// - Throws: ``LogError`` when the file cannot be read.
    func run(_ places: ArraySlice<SegmentFile.Place>, from start: LogState?) throws(LogError) -> Outcome {
        var outcome = Outcome()
        var expected = start
        let inflater = Inflater()
        for index in places.indices {
            let place = places[index]
            let before = index > places.startIndex ? places[index - 1].header.sequence : nil
            if let expected { outcome.problems += compare(place, with: expected, before: before) }
            if index > places.startIndex, !place.header.kind.mayFollow(places[index - 1].header.kind) {
                outcome.problems.append(
                    harmless(
                        place.header.sequence,
                        "a mark stands at byte \(place.offset) behind another one, where no writer puts one"))
            }
            let next = index + 1 < places.endIndex ? places[index + 1] : nil
            let report = try check(place, next: next, inflater)
            outcome.problems += report.problems
            outcome.records += report.records
            expected = report.end
        }
        outcome.end = expected
        if let last = places.last, !isLast, last.header.kind != .end {
            outcome.problems.append(
                problem(
                    expected?.next ?? last.header.sequence, "the segment does not end with its end mark",
                    upTo: following))
        }
        return outcome
    }

    private func withoutMembers(_ start: LogState?) -> Outcome {
        var outcome = Outcome()
        let isTorn = isLast && published.map { $0.sequence <= segment.first } ?? false
        if byteCount > 0 && !isTorn || !isLast {
            outcome.problems.append(
                problem(
                    start?.next ?? segment.first, "no member of the segment can be read", upTo: following))
        } else {
            outcome.end = start
        }
        return outcome
    }

    private func problem(_ sequence: SequenceNumber?, _ what: String, lost: Range<SequenceNumber>?)
        -> LogProblem
    {
        LogProblem(segment: segment.name, sequence: sequence, what: what, lost: lost)
    }

    /// A problem that takes the records from `sequence` up to `end` with it, where both are known.
    private func problem(_ sequence: SequenceNumber?, _ what: String, upTo end: SequenceNumber?) -> LogProblem
    {
        let lost = sequence.flatMap { sequence in end.map { sequence..<max(sequence, $0) } }
        return problem(sequence, what, lost: lost)
    }

    /// A problem that leaves every record readable.
    private func harmless(_ sequence: SequenceNumber, _ what: String) -> LogProblem {
        problem(sequence, what, lost: sequence..<sequence)
    }

    /// All headers that stand, in order.
    func places() throws(LogError) -> [SegmentFile.Place] {
        // From the back where the chain holds; else by looking at every byte.
        if var place = try segment.lastHeader(before: byteCount) {
            var places = [place]
            while let before = try segment.header(before: place) {
                place = before
                places.append(place)
            }
            if place.offset == 0 { return places.reversed() }
        }
        var places: [SegmentFile.Place] = []
        var offset: Int64 = 0
        while let place = try segment.firstHeader(from: offset), place.offset < byteCount {
            places.append(place)
            offset = place.bodyOffset
        }
        return places
    }

    // MARK: - Between members

    private func compare(_ place: SegmentFile.Place, with expected: LogState, before: SequenceNumber?)
        -> [LogProblem]
    {
        let found = place.header.sequence
        if found > expected.next {
            return [
                problem(
                    expected.next,
                    "records \(expected.next) to \(SequenceNumber(found.rawValue - 1)) are missing before byte \(place.offset)",
                    upTo: found)
            ]
        }
        if found < expected.next {
            return [
                harmless(
                    found,
                    "record \(found) stands at byte \(place.offset), where record \(expected.next) belongs")
            ]
        }
        guard place.header.frontier == expected.frontier else {
            return [
                problem(
                    expected.next, "the records before byte \(place.offset) do not match the tree",
                    lost: before.map { min($0, expected.next)..<expected.next })
            ]
        }
        return []
    }

    private func checkDirectory(_ end: SegmentFile.Place, _ places: [SegmentFile.Place]) -> [LogProblem] {
        let found = places.filter { $0.header.kind == .lines }.map {
            MemberEntry($0, in: segment)
        }
        return end.header.lists(found)
            ? []
            : [harmless(end.header.sequence, "the end mark does not list the members that stand before it")]
    }

    // MARK: - Within a member

    private struct Report {
        var problems: [LogProblem] = []
        var records = 0
        var end: LogState?
    }

    /// CRC-32 of a member's bytes.
    private struct Sums {
        var whole: UInt32 = 0
        /// Of those up to where the last writer said that the log is durable.
        var vouchedFor: UInt32?
    }

    private func check(_ place: SegmentFile.Place, next: SegmentFile.Place?, _ inflater: Inflater)
        throws(LogError) -> Report
    {
        guard place.header.kind == .lines else { return try check(mark: place, next: next) }
        var report = Report()
        let end = next?.offset ?? byteCount
        var scan = MemberScan(place.header, inflater: inflater, options: options)
        var frontier = place.header.frontier
        var sums = Sums()
        var offset = place.offset
        while offset < end {
            // Up to where the writer vouches for a running member, and then on.
            let stop = published.map { offset < $0.offset ? min($0.offset, end) : end } ?? end
            let bytes = try segment.bytes(at: offset, count: Int(min(256 * 1024, stop - offset)))
            guard !bytes.isEmpty else { break }
            sums.whole = Checksum.crc32(bytes, startingWith: sums.whole)
            if offset + Int64(bytes.count) == published?.offset { sums.vouchedFor = sums.whole }
            var body = max(0, min(bytes.count, Int(place.bodyOffset - offset)))
            offset += Int64(bytes.count)
            repeat {
                let used = bytes[body...].withUnsafeBytes { scan.feed($0) }
                body += used
                while let lines = scan.takeCommits() {
                    frontier.append(lines)
                    report.records += lines.count
                }
            } while scan.state == .hungry && body < bytes.count
        }
        let used = Int64(scan.usedByteCount)
        let resumption = next?.header.sequence ?? following
        // Past what was acknowledged: a write that its writer did not live to finish.
        let isTorn =
            next == nil && isLast
            && published.map { $0.segment <= segment.first && $0.sequence <= scan.next } ?? false
        switch scan.state {
        case .invalid where isTorn, .ended where isTorn && place.bodyOffset + used != end:
            report.end = LogState(next: scan.next, frontier: frontier)
            report.problems += checkBytes(place, next: nil, sums, end: end)
        case .invalid(let what): report.problems.append(problem(scan.next, what, upTo: resumption))
        case .hungry where next != nil || !isLast:
            report.problems.append(
                problem(scan.next, "the member at byte \(place.offset) is cut short", upTo: resumption))
        case .ended where place.bodyOffset + used != end:
            report.problems.append(
                problem(
                    scan.next,
                    "\(end - place.bodyOffset - used) bytes after the member at byte \(place.offset) are no member: a header was changed, or bytes were inserted",
                    upTo: resumption))
        case .hungry, .ended:
            report.end = LogState(next: scan.next, frontier: frontier)
            report.problems += checkBytes(place, next: next, sums, end: end)
        }
        return report
    }

    /// A mark holds no lines: its header vouches for itself, and its body can be one thing only.
    private func check(mark place: SegmentFile.Place, next: SegmentFile.Place?) throws(LogError) -> Report {
        var report = Report(end: LogState(before: place.header))
        let body = try segment.bytes(at: place.bodyOffset, count: MemberHeader.markBody.count)
        let markEnd = place.bodyOffset + Int64(MemberHeader.markBody.count)
        let end = next?.offset ?? byteCount
        let isTail = next == nil && isLast
        // Where the writer says that the mark was durable, it was; else it may not have lived to finish it.
        let isUnfinished =
            isTail
            && published.map {
                $0.segment < segment.first || ($0.segment == segment.first && $0.offset < markEnd)
            } ?? false
        if body != MemberHeader.markBody {
            if !isUnfinished {
                report.problems.append(
                    harmless(
                        place.header.sequence,
                        "bytes of the mark at byte \(place.offset) were changed, which holds no records"))
            }
        } else if end > markEnd {
            let mayBeTorn = try mayBeTorn(behind: place.header.kind, at: markEnd)
            if !(isTail && published != nil && mayBeTorn) {
                report.problems.append(
                    problem(
                        place.header.sequence,
                        "\(end - markEnd) bytes after the mark at byte \(place.offset) are no member: a header was changed, or bytes were inserted",
                        upTo: next?.header.sequence ?? following))
            }
        } else if place.header.kind == .end, let next {
            report.problems.append(
                harmless(
                    next.header.sequence, "the segment goes on at byte \(next.offset), after its end mark"))
        } else {
            let crc = Checksum.crc32(body, startingWith: Checksum.crc32(place.header.encoded()))
            report.problems += checkBytes(place, next: next, Sums(whole: crc), end: end)
        }
        return report
    }

    /// Whether a writer may have left the bytes behind a mark: it begins a member there, and its blocks may be empty
    /// still.
    private func mayBeTorn(behind mark: MemberHeader.Kind, at offset: Int64) throws(LogError) -> Bool {
        // Behind its end mark nobody writes in a segment.
        guard mark == .pause else { return false }
        let magic = MemberHeader.magic
        let start = try segment.bytes(at: offset, count: magic.count)
        return start.allSatisfy { $0 == 0 } || start == Array(magic.prefix(start.count))
    }

    /// Checks bits that change nothing in the lines: gzip has some, and forgeries begin there.
    private func checkBytes(
        _ place: SegmentFile.Place, next: SegmentFile.Place?, _ sums: Sums, end: Int64
    ) -> [LogProblem] {
        let what =
            "bytes of the member at byte \(place.offset) were changed, though its lines still read the same"
        if let next {
            if next.header.previousSize != UInt32(clamping: end - place.offset) {
                return [
                    problem(
                        next.header.sequence,
                        "a member before byte \(next.offset) was removed, added or moved", lost: nil)
                ]
            }
            return next.header.previousCRC == sums.whole ? [] : [harmless(place.header.sequence, what)]
        }
        // What follows the durable bytes is a commit that nobody was told is safe.
        guard let published, published.segment == segment.first, let sum = sums.vouchedFor else {
            return []
        }
        return published.memberCRC == sum ? [] : [harmless(place.header.sequence, what)]
    }
}

extension MemberEntry {
    /// What an end mark says of the member with lines at `place`.
    init(_ place: SegmentFile.Place, in segment: SegmentFile) {
        self.init(
            offset: UInt32(truncatingIfNeeded: place.offset),
            recordsBefore: UInt32(clamping: place.header.sequence.rawValue &- segment.first.rawValue),
            time: place.header.time)
    }
}
