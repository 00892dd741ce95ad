// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a reader has learnt of the segments, so that its next seek need not ask the disk again.
///
/// Everything in it is checked where it is used: a member that does not stand where the cache says is looked for anew.
/// Bounded: a list of the segments, and of a few of them the open file and where their members are.
final class SegmentCache: Sendable {
    private let archive: Archive
    private let state = Mutex(State())

    private struct State {
        var segments: [SequenceNumber] = []
        var sealed: [SequenceNumber: SealedSegment] = [:]
        /// Of the segment without an end mark that was looked into last.
        var headers: (segment: SequenceNumber, known: KnownHeaders)?
    }

    /// Sealed segments kept open: a thousand members of each take 16 KiB.
    private static let sealedLimit = 32

    init(_ archive: Archive) { self.archive = archive }

    /// The segments there were when they were last listed, in order; none before.
    ///
    /// Others can only have come after them.
    var segments: [SequenceNumber] { state.withLock { $0.segments } }

    /// Lists the segments anew.
    @discardableResult
    func refresh() throws(LogError) -> [SequenceNumber] {
        let segments = try archive.segments()
        state.withLock { $0.segments = segments }
        return segments
    }

    /// The last segment that begins at or before a record, when it is not the last of all.
    ///
    /// With another one after it, all of it is durable, whoever writes.
    func followedSegment(with sequence: SequenceNumber) -> SequenceNumber? {
        let segments = segments
        let index = segments.firstIndex(after: sequence)
        return index > 0 && index < segments.count ? segments[index - 1] : nil
    }

    /// The segment after another one; nil for the last.
    func following(_ first: SequenceNumber) -> SequenceNumber? {
        let segments = segments
        let index = segments.firstIndex(after: first)
        return index < segments.count ? segments[index] : nil
    }

    /// A sealed segment that is open.
    func known(_ first: SequenceNumber) -> SealedSegment? { state.withLock { $0.sealed[first] } }

    /// A segment with its end mark.
    ///
    /// - Returns: Nil when it has none; `isFresh` tells whether it was opened just now.
    /// - Throws: ``LogError`` when the file cannot be read.
    func sealed(_ first: SequenceNumber) throws(LogError) -> (segment: SealedSegment, isFresh: Bool)? {
        if let segment = known(first) { return (segment, false) }
        guard let segment = try SealedSegment(archive, first) else { return nil }
        state.withLock { state in
            if state.sealed.count >= Self.sealedLimit, let any = state.sealed.keys.randomElement() {
                state.sealed[any] = nil
            }
            state.sealed[first] = segment
        }
        return (segment, true)
    }

    /// Headers known of a segment without an end mark.
    func headers(of first: SequenceNumber) -> KnownHeaders {
        state.withLock { $0.headers.flatMap { $0.segment == first ? $0.known : nil } } ?? KnownHeaders()
    }

    func keep(_ known: KnownHeaders, of first: SequenceNumber) {
        state.withLock { $0.headers = known.isOrdered ? (first, known) : nil }
    }

    /// Forgets a segment, in which something was not as it was known.
    func forget(_ first: SequenceNumber) {
        state.withLock { state in
            state.sealed[first] = nil
            if state.headers?.segment == first { state.headers = nil }
        }
    }
}

extension [SequenceNumber] {
    /// Where the first one greater than `sequence` stands, in order; the count when there is none.
    fileprivate func firstIndex(after sequence: SequenceNumber) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
