// SPDX-License-Identifier: Apache-2.0

/// Segments in a row in which something is wrong, between states of the log that stand.
struct DamagedRegion: Hashable {
    /// Where the log stands before it: what the segment before states in its end mark.
    var start: LogState
    /// Our segments in it, in order; none where all are missing.
    var segments: [SequenceNumber]
    /// The good segment after it, and the state it begins with; nil at the log's end.
    var following: LogState?

    /// Whether a segment of this name belongs in it.
    func covers(_ first: SequenceNumber) -> Bool {
        first >= start.next && following.map { first < $0.next } ?? true
    }
}

extension DamagedRegion {
    /// One of our segments, as its first and last bytes tell.
    struct Outline: Hashable {
        var first: SequenceNumber
        /// Whether verifying named nothing in it.
        var isGood: Bool
        /// What its first header states; nil where that cannot be read.
        var start: LogState?
        /// What its end mark states; nil where there is none.
        var end: LogState?
    }

    /// The region and a segment more on either side, which may be to blame for what does not join on.
    func widened(_ outlines: [Outline]) -> DamagedRegion {
        var wider = self
        if let before = outlines.last(where: {
            $0.first < start.next && !segments.contains($0.first) && $0.end == start
        }),
            let start = before.start
        {
            wider.segments.insert(before.first, at: 0)
            wider.start = start
        }
        if let following, let index = outlines.firstIndex(where: { $0.first == following.next }) {
            wider.segments.append(outlines[index].first)
            let rest = outlines[(index + 1)...]
            wider.following = rest.first.flatMap(\.start)
        }
        return wider
    }

    /// The regions of a log of these segments.
    ///
    /// - Parameters:
    ///   - outlines: All segments, in order.
    ///   - published: Where the last writer said that the log is durable.
    /// - Returns: The regions, and segments that stand behind one that is good and active: they do not belong.
    static func find(_ outlines: [Outline], published: DurableEnd?) -> (
        regions: [DamagedRegion], strays: [SequenceNumber]
    ) {
        var regions: [DamagedRegion] = []
        var state = LogState()
        var index = 0
        while index < outlines.count {
            let outline = outlines[index]
            if outline.isGood, outline.start == state {
                index += 1
                guard let end = outline.end else {
                    // Active, and good to its end.
                    return (regions, outlines[index...].map(\.first))
                }
                state = end
                continue
            }
            // A good one that does not join on is where the region ends, when what is before it does not join on.
            var region = DamagedRegion(start: state, segments: [])
            while index < outlines.count {
                let outline = outlines[index]
                if outline.isGood, let start = outline.start, start.next == outline.first,
                    start == state || start.next > state.next
                {
                    region.following = start
                    state = start
                    break
                }
                region.segments.append(outline.first)
                index += 1
            }
            regions.append(region)
            if region.following == nil { return (regions, []) }
        }
        if let published, published.sequence > state.next {
            regions.append(DamagedRegion(start: state, segments: []))
        }
        return (regions, [])
    }
}
