// SPDX-License-Identifier: Apache-2.0

/// Which bytes of a log are checked.
struct VerificationScope: Sendable {
    let archive: Archive
    /// Those that hold what their names say, as far as their first headers tell.
    let segments: [SequenceNumber]
    /// The others.
    let strangers: [LogProblem]
    /// Bytes of each that count.
    let sizes: [Int64]
    /// Up to where the last writer said that the log is durable.
    let published: DurableEnd?
    let options: ReadingOptions

    /// `sighting` is what is known of the writer; nil to look.
    init(_ archive: Archive, options: ReadingOptions, sighting: WriterLock.Sighting? = nil) throws(LogError) {
        self.archive = archive
        self.options = options
        var live: DurableEnd?
        let seen: WriterLock.Sighting
        if let sighting { seen = sighting } else { seen = try WriterLock.look(archive) }
        switch seen {
        case .noWriter(let last): published = last
        case .durable(let end):
            published = end
            live = end
        case .starting: published = nil
        }
        var segments = try archive.segments()
        if let live { segments.removeAll { $0 > live.segment } }
        let all = segments
        var strangers: [LogProblem] = []
        for first in all {
            let segment = try SegmentFile(archive, first)
            guard try !segment.isInPlace(among: all) else { continue }
            segments.removeAll { $0 == first }
            strangers.append(
                LogProblem(
                    segment: segment.name, sequence: first,
                    what:
                        "the file holds other records than its name says: it was renamed, copied or swapped",
                    lost: first..<first))
        }
        self.strangers = strangers
        var sizes: [Int64] = []
        for first in segments {
            let size = try SegmentFile(archive, first).size()
            // What is behind the durable bytes is not promised; what is missing of them is told at the end.
            sizes.append(live.map { first == $0.segment ? min(size, $0.offset) : size } ?? size)
        }
        self.segments = segments
        self.sizes = sizes
    }

    /// The active segment, where it has no file yet: the one before it is sealed then.
    private var unbegun: SequenceNumber? {
        published.flatMap { $0.offset == 0 && $0.segment > (segments.last ?? $0.segment) ? $0.segment : nil }
    }

    /// The check of the segment with this index, which is opened for it.
    func check(_ index: Int) throws(LogError) -> SegmentCheck {
        SegmentCheck(
            segment: try SegmentFile(archive, segments[index]), byteCount: sizes[index],
            following: index + 1 < segments.count ? segments[index + 1] : unbegun, published: published,
            options: options)
    }
}

/// How a segment is checked: in stretches by all threads, and what is left of it for ``SegmentCheck``.
struct SegmentPlan: Sendable {
    /// From the segment's start on, without a gap; none where its members cannot be told without looking closely.
    var stretches: [Stretch] = []
    /// The members after them: the running one, and the marks where a writer stopped.
    var rest: [SegmentFile.Place] = []
}

extension SegmentCheck {
    /// How the segment can be checked by several threads.
    func plan() throws(LogError) -> SegmentPlan {
        guard let mark = try segment.mark(endingAt: byteCount), mark.header.kind == .end else {
            // Only the last segment may be without its end mark.
            return isLast ? SegmentPlan(try places(), of: segment) : SegmentPlan()
        }
        return SegmentPlan(mark, of: segment, byteCount: byteCount)
    }
}

extension SegmentPlan {
    /// Of a segment with this end mark.
    fileprivate init(_ mark: SegmentFile.Place, of segment: SegmentFile, byteCount: Int64) {
        let directory = mark.header.directory
        guard directory.first?.offset == 0 else { return }
        for (index, entry) in directory.enumerated() {
            let isLast = index + 1 == directory.count
            let end = isLast ? byteCount : Int64(directory[index + 1].offset)
            guard entry.offset < end else {
                stretches = []
                return
            }
            stretches.append(
                Stretch(
                    segment: segment, range: Int64(entry.offset)..<end, entry: entry, endsSegment: isLast))
        }
    }

    /// Of the active segment, whose members stand at these places.
    fileprivate init(_ places: [SegmentFile.Place], of segment: SegmentFile) {
        // Nothing else may begin a segment.
        guard let first = places.first, first.offset == 0, first.header.kind == .lines,
            let last = places.lastIndex(where: { $0.header.kind == .lines })
        else {
            return
        }
        let members = places[...last].filter { $0.header.kind == .lines }
        for (member, next) in zip(members, members.dropFirst()) {
            stretches.append(
                Stretch(
                    segment: segment, range: member.offset..<next.offset, entry: nil, endsSegment: false))
        }
        rest = Array(places[last...])
    }
}
