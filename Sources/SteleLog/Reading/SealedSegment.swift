// SPDX-License-Identifier: Apache-2.0

/// A sealed segment, open, with what its end mark says: one read leads to any of its members.
struct SealedSegment: Sendable {
    let file: SegmentFile
    /// The sequence after its last record.
    let end: SequenceNumber
    private let directory: [MemberEntry]
    private let markOffset: Int64

    /// Opens the segment.
    ///
    /// - Returns: Nil when it does not end with an end mark that lists its members.
    /// - Throws: ``LogError`` when the file cannot be read.
    init?(_ archive: Archive, _ first: SequenceNumber) throws(LogError) {
        file = try SegmentFile(archive, first)
        guard let mark = try file.mark(endingAt: try file.size()), mark.header.kind == .end,
            !mark.header.directory.isEmpty
        else { return nil }
        end = mark.header.sequence
        directory = mark.header.directory
        markOffset = mark.offset
    }

    /// Capture time of its first record; nil when it has none.
    var begin: CaptureTime? { directory.first?.time }

    /// The last member that begins at or before the target.
    func member(_ target: SeekTarget) -> FoundMember? {
        var low = 0
        var high = directory.count
        while low < high {
            let middle = (low + high) / 2
            if target.isReached(by: sequence(middle), directory[middle].time) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low > 0 else { return nil }
        let isLast = low == directory.count
        return FoundMember(
            offset: Int64(directory[low - 1].offset), sequence: sequence(low - 1),
            end: isLast ? markOffset : Int64(directory[low].offset), following: isLast ? end : sequence(low))
    }

    private func sequence(_ index: Int) -> SequenceNumber {
        SequenceNumber(file.first.rawValue &+ UInt64(directory[index].recordsBefore))
    }
}
