// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What is wrong in a log, and where.
package struct LogProblem: Hashable, Sendable, CustomStringConvertible {
    /// Path within the archive, `log/000000000000.jsonl.gz`.
    package let segment: String
    /// The first record concerned, where it can be told.
    package let sequence: SequenceNumber?
    package let what: String

    package var description: String {
        sequence.map { "\(segment), record \($0): \(what)" } ?? "\(segment): \(what)"
    }
}

/// The outcome of checking a whole log.
package struct LogVerification: Sendable {
    /// In the order of the log.
    package var problems: [LogProblem] = []
    /// Records that can be read and stand where they belong.
    package var records = 0
    /// Where the log ends.
    package var end = SequenceNumber.zero
    /// Root of the tree over all records; nil when the log does not prove itself to its end.
    package var root: TreeHash?

    package var isIntact: Bool { problems.isEmpty }
}

/// Checks every bit of the log against its sums, its sequence and its tree.
///
/// Each member is checked by itself, on all processors: its header says where the sequence and the tree stand
/// before it, so what it must lead to is what the next header says. Of a live log, what is durable is checked.
///
/// What a log cannot show by itself is that it was rewritten as a whole, or cut at a commit after its `lock` file
/// was lost: a checkpoint kept elsewhere shows that.
package struct LogVerifier: Sendable {
    private let archive: Archive
    private let threadCount: Int

    package init(_ archive: Archive, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.archive = archive
        self.threadCount = max(1, threadCount)
    }

    /// Checks the whole log.
    ///
    /// - Parameter progress: Told compressed bytes checked and to check in all, now and then, on this thread.
    /// - Returns: All that is wrong, and the root.
    /// - Throws: ``LogError`` when a file cannot be read at all.
    package func run(progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }) throws(LogError)
        -> LogVerification
    {
        var result = LogVerification()
        let sighting = try WriterLock.look(archive)
        var published: DurableEnd?
        var isLive = false
        switch sighting {
        case .noWriter(let last): published = last
        case .durable(let end):
            published = end
            isLive = true
        case .starting: break
        }
        var segments = try archive.segments()
        if isLive, let published { segments.removeAll { $0 > published.segment } }
        var sizes: [Int64] = []
        for first in segments { sizes.append(try SegmentFile(archive, first).size()) }
        if isLive, let published, segments.last == published.segment {
            sizes[sizes.count - 1] = published.offset
        }
        let total = sizes.reduce(0, +)
        var done: Int64 = 0

        // What the header to come must say; nil after damage.
        var expected: LogState? = LogState()
        for (index, first) in segments.enumerated() {
            let segment = try SegmentFile(archive, first)
            let check = SegmentCheck(
                segment: segment, byteCount: sizes[index], isLast: index == segments.count - 1,
                published: published)
            if let known = expected, known.next != first {
                result.problems.append(
                    LogProblem(
                        segment: segment.name, sequence: known.next,
                        what: first > known.next
                            ? "records \(known.next) to \(SequenceNumber(first.rawValue - 1)) are missing: a segment was removed"
                            : "the segment begins before the one before it ends"))
                expected = nil
            }
            let outcome = try check.run(from: expected, threadCount: threadCount)
            result.problems += outcome.problems
            result.records += outcome.records
            expected = outcome.end
            done += sizes[index]
            progress(done, total)
        }
        if let expected {
            result.end = expected.next
            result.root = expected.frontier.root
        }
        checkEnd(&result, expected, published, segments: segments, sizes: sizes)
        return result
    }

    /// Compares the log's end with what its last writer said was durable.
    private func checkEnd(
        _ result: inout LogVerification, _ state: LogState?, _ published: DurableEnd?,
        segments: [SequenceNumber],
        sizes: [Int64]
    ) {
        guard let published, published.offset > 0 else { return }
        let name = "log/" + Archive.segmentName(published.segment)
        guard let index = segments.firstIndex(of: published.segment) else {
            result.problems.append(
                LogProblem(
                    segment: name, sequence: published.segment,
                    what: "the segment is missing: its writer left it"))
            return
        }
        if sizes[index] < published.offset {
            result.problems.append(
                LogProblem(
                    segment: name, sequence: state?.next,
                    what: "\(published.offset - sizes[index]) bytes that were durable are cut from its end"))
        } else if let state, state.next < published.sequence {
            result.problems.append(
                LogProblem(
                    segment: name, sequence: state.next,
                    what: "acknowledged records are missing, up to \(published.sequence)"))
        }
    }
}

/// Where sequence and tree stand between two members.
struct LogState: Hashable, Sendable {
    var next = SequenceNumber.zero
    var frontier = TreeFrontier()
}

/// Checks one segment.
struct SegmentCheck: Sendable {
    let segment: SegmentFile
    let byteCount: Int64
    let isLast: Bool
    let published: DurableEnd?

    struct Outcome: Sendable {
        var problems: [LogProblem] = []
        var records = 0
        /// Where the segment leads; nil when it does not hold together to its end.
        var end: LogState?
    }

    func run(from start: LogState?, threadCount: Int) throws(LogError) -> Outcome {
        var outcome = Outcome()
        let places = try places()
        guard !places.isEmpty else {
            if byteCount > 0 || !isLast {
                outcome.problems.append(
                    problem(start?.next ?? segment.first, "no member of the segment can be read"))
            } else {
                outcome.end = start
            }
            return outcome
        }
        let reports = try reports(places, threadCount: threadCount)
        var expected = start
        if let first = places.first, first.offset > 0 {
            outcome.problems.append(
                problem(
                    expected?.next ?? segment.first,
                    "the first \(first.offset) bytes are no member: a header was changed"))
            expected = nil
        }
        for (place, report) in zip(places, reports) {
            outcome.problems += report.problems
            outcome.records += report.records
            if let expected { outcome.problems += compare(place, with: expected) }
            expected = report.end
        }
        outcome.end = expected
        if let last = places.last {
            let isSealed = last.header.kind == .end
            if !isLast, !isSealed {
                outcome.problems.append(problem(expected?.next, "the segment does not end with its end mark"))
            }
            if isSealed { outcome.problems += checkDirectory(last, places) }
        }
        return outcome
    }

    private func problem(_ sequence: SequenceNumber?, _ what: String) -> LogProblem {
        LogProblem(segment: segment.name, sequence: sequence, what: what)
    }

    /// All headers that stand, in order.
    private func places() throws(LogError) -> [SegmentFile.Place] {
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

    private func compare(_ place: SegmentFile.Place, with expected: LogState) -> [LogProblem] {
        guard place.header.sequence == expected.next else {
            return [
                problem(
                    min(place.header.sequence, expected.next),
                    place.header.sequence > expected.next
                        ? "records \(expected.next) to \(SequenceNumber(place.header.sequence.rawValue - 1)) are missing before byte \(place.offset)"
                        : "record \(place.header.sequence) stands at byte \(place.offset), where record \(expected.next) belongs"
                )
            ]
        }
        guard place.header.frontier == expected.frontier else {
            return [problem(expected.next, "the records before byte \(place.offset) do not match the tree")]
        }
        return []
    }

    private func checkDirectory(_ end: SegmentFile.Place, _ places: [SegmentFile.Place]) -> [LogProblem] {
        let found = places.filter { $0.header.kind == .lines }.map {
            MemberEntry(
                offset: UInt32($0.offset),
                recordsBefore: UInt32(clamping: $0.header.sequence.rawValue &- segment.first.rawValue),
                time: $0.header.time)
        }
        return found == end.header.directory
            ? []
            : [problem(nil, "the members are not those the end mark lists: one was removed, added or moved")]
    }

    // MARK: - Members, in parallel

    struct Report: Sendable {
        var problems: [LogProblem] = []
        var records = 0
        var end: LogState?
    }

    private func reports(_ places: [SegmentFile.Place], threadCount: Int) throws(LogError) -> [Report] {
        let shared = Mutex<(next: Int, reports: [Report?], error: LogError?)>(
            (0, Array(repeating: nil, count: places.count), nil))
        DispatchQueue.concurrentPerform(iterations: min(threadCount, places.count)) { _ in
            let inflater = Inflater()
            while let index = shared.withLock({ state -> Int? in
                guard state.next < places.count, state.error == nil else { return nil }
                defer { state.next += 1 }
                return state.next
            }) {
                do throws(LogError) {
                    let following = index + 1 < places.count ? places[index + 1] : nil
                    let report = try check(places[index], following: following, inflater)
                    shared.withLock { $0.reports[index] = report }
                } catch {
                    shared.withLock { $0.error = error }
                }
            }
        }
        let (reports, error) = shared.withLock { ($0.reports, $0.error) }
        if let error { throw error }
        return reports.compactMap { $0 }
    }

    private func check(_ place: SegmentFile.Place, following: SegmentFile.Place?, _ inflater: Inflater)
        throws(LogError)
        -> Report
    {
        var report = Report()
        let end = following?.offset ?? byteCount
        var scan = MemberScan(place.header, inflater: inflater)
        var frontier = place.header.frontier
        var crc: UInt32 = 0
        var offset = place.offset
        while offset < end {
            let bytes = try segment.bytes(at: offset, count: Int(min(256 * 1024, end - offset)))
            guard !bytes.isEmpty else { break }
            crc = Checksum.crc32(bytes, startingWith: crc)
            let body = max(0, min(bytes.count, Int(place.bodyOffset - offset)))
            bytes[body...].withUnsafeBytes { _ = scan.feed($0) }
            offset += Int64(bytes.count)
            while let lines = scan.takeCommits() {
                frontier.append(lines)
                report.records += lines.count
            }
        }
        let isOver = place.bodyOffset + Int64(scan.usedByteCount) == end
        let isTail = following == nil && isLast
        switch scan.state {
        case .invalid(let what): report.problems.append(problem(scan.next, what))
        case .hungry where !isTail:
            report.problems.append(problem(scan.next, "the member at byte \(place.offset) is cut short"))
        case .ended where !isOver:
            report.problems.append(
                problem(
                    scan.next,
                    "\(end - place.bodyOffset - Int64(scan.usedByteCount)) bytes after the member at byte \(place.offset) are no member: a header was changed, or bytes were inserted"
                ))
        case .hungry, .ended:
            report.end = LogState(next: scan.next, frontier: frontier)
            report.problems += checkBytes(place, following: following, crc: crc, end: end, next: scan.next)
        }
        return report
    }

    /// Checks bits that change nothing in the lines: gzip has some, and forgeries begin there.
    private func checkBytes(
        _ place: SegmentFile.Place, following: SegmentFile.Place?, crc: UInt32, end: Int64,
        next: SequenceNumber
    ) -> [LogProblem] {
        let what =
            "bytes of the member at byte \(place.offset) were changed, though its lines still read the same"
        if let following {
            if following.header.previousSize != UInt32(clamping: end - place.offset) {
                return [
                    problem(
                        following.header.sequence,
                        "a member before byte \(following.offset) was removed, added or moved")
                ]
            }
            return following.header.previousCRC == crc ? [] : [problem(place.header.sequence, what)]
        }
        guard place.header.kind == .lines else {
            let expected = Checksum.crc32(
                MemberHeader.markBody, startingWith: Checksum.crc32(place.header.encoded()))
            return crc == expected ? [] : [problem(place.header.sequence, what)]
        }
        guard let published, published.segment == segment.first, published.offset == end else { return [] }
        return published.memberCRC == crc ? [] : [problem(place.header.sequence, what)]
    }
}
