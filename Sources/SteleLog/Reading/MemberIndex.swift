// SPDX-License-Identifier: Apache-2.0

/// Where each header of a segment stands.
///
/// A sealed segment says it in its end mark; the active one, and one of more members than an end mark lists, is walked
/// from its last header to its first.
struct MemberIndex {
    struct Entry: Hashable {
        /// First record of the member; for marks, the next record of the log.
        var sequence: SequenceNumber
        var offset: Int64
    }

    let segment: SegmentFile
    /// In the order of the file.
    private let entries: [Entry]

    init(_ segment: SegmentFile) throws(LogError) {
        self.segment = segment
        guard var place = try segment.lastHeader(before: try segment.size()) else {
            entries = []
            return
        }
        var entries = [Entry(place)]
        if place.header.kind == .end, !place.header.directory.isEmpty {
            let directory = place.header.directory.map {
                Entry(
                    sequence: segment.first.advanced(by: Int($0.recordsBefore)), offset: Int64($0.offset))
            }
            self.entries = directory + entries
            return
        }
        while let before = try segment.header(before: place) {
            place = before
            entries.append(Entry(place))
        }
        entries.reverse()
        // Where damage broke the chain, only a look at every byte finds the headers before it.
        var offset: Int64 = 0
        var found: [Entry] = []
        while let first = entries.first, offset < first.offset,
            let place = try segment.firstHeader(from: offset), place.offset < first.offset
        {
            found.append(Entry(place))
            offset = place.bodyOffset
        }
        self.entries = found + entries
    }

    /// The last header that says where the tree stands before `sequence` or an earlier record.
    ///
    /// - Returns: Nil when no header that can be read does; one that was changed is passed over.
    func lastPlace(atOrBefore sequence: SequenceNumber) throws(LogError) -> SegmentFile.Place? {
        for entry in entries.reversed() where entry.sequence <= sequence {
            if let place = try segment.header(at: entry.offset), place.header.sequence == entry.sequence {
                return place
            }
        }
        return nil
    }
}

extension MemberIndex.Entry {
    fileprivate init(_ place: SegmentFile.Place) {
        self.init(sequence: place.header.sequence, offset: place.offset)
    }
}
