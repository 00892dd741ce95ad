// SPDX-License-Identifier: Apache-2.0

/// How far a log can be read at one moment.
struct LogExtent: Hashable, Sendable {
    var lastSegment: SequenceNumber
    /// Bytes of it.
    var byteCount: Int64
    /// Whether a writer vouches for them.
    var isLive: Bool
    /// The sequence they lead to, where a writer has said so.
    var promisedEnd: SequenceNumber?
    /// Whether the bytes reach as far as those did that were durable.
    var isWhole = true

    /// Looks at the lock and the segments.
    ///
    /// - Returns: Nil when there is no segment, and nobody said that there was one.
    /// - Throws: ``LogError`` when one of them cannot be read.
    init?(_ archive: Archive) throws(LogError) {
        var promised: DurableEnd?
        switch try WriterLock.look(archive) {
        case .durable(let end) where end.offset > 0:
            self.init(
                lastSegment: end.segment, byteCount: end.offset, isLive: true, promisedEnd: end.sequence)
            return
        case .durable(let end):
            // The active segment has no file yet: the log ends with the one before it.
            guard let last = try archive.segments().last(where: { $0 < end.segment }) else { return nil }
            self.init(
                lastSegment: last, byteCount: try SegmentFile(archive, last).size(), isLive: true,
                promisedEnd: end.sequence)
            return
        case .noWriter(let last): promised = last
        case .starting: break
        }
        guard let last = try archive.segments().last else {
            guard let promised else { return nil }
            self.init(
                lastSegment: promised.segment, byteCount: 0, isLive: false, promisedEnd: promised.sequence,
                isWhole: promised.offset == 0)
            return
        }
        let byteCount = try SegmentFile(archive, last).size()
        self.init(
            lastSegment: last, byteCount: byteCount, isLive: false, promisedEnd: promised?.sequence,
            isWhole: promised.map { $0.segment == last && $0.offset <= byteCount } ?? false)
    }

    private init(
        lastSegment: SequenceNumber, byteCount: Int64, isLive: Bool, promisedEnd: SequenceNumber?,
        isWhole: Bool = true
    ) {
        self.lastSegment = lastSegment
        self.byteCount = byteCount
        self.isLive = isLive
        self.promisedEnd = promisedEnd
        self.isWhole = isWhole
    }
}
