// SPDX-License-Identifier: Apache-2.0

/// Where the log ends, when every member is closed: all that is needed to write on.
struct LogEnd: Hashable, Sendable {
    /// First sequence of the active segment.
    var segment: SequenceNumber
    /// Bytes of it; 0 when its file is still to be made.
    var offset: Int64 = 0
    /// The next record's number.
    var next: SequenceNumber
    /// Capture time of the last record.
    var time = CaptureTime(microseconds: .min)
    /// Size and CRC-32 of the last member of the segment.
    var previousSize: UInt32 = 0
    var previousCRC: UInt32 = 0
    /// The members of the segment that hold lines.
    var directory: [MemberEntry] = []
    /// The tree over all records.
    var frontier = TreeFrontier()
    /// Whether the last member is a mark, or there is none.
    var isMarked = true
    /// CRC-32 of the end mark behind which the segment is still to be made; 0 where there is none.
    var sealCRC: UInt32 = 0

    /// The end of a log without records.
    static let start = LogEnd(segment: .zero, next: .zero)

    /// What `lock` says of it.
    var durable: DurableEnd {
        DurableEnd(
            sequence: next, segment: segment, offset: offset,
            memberCRC: offset > 0 ? previousCRC : sealCRC)
    }
}
