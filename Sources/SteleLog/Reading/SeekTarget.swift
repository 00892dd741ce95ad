// SPDX-License-Identifier: Apache-2.0

/// What a member is looked for by: it is the last one that begins at or before the target.
enum SeekTarget: Hashable, Sendable {
    /// The member with this record, where the log has it.
    case record(SequenceNumber)
    /// The last member whose first record is older than this: the first record of this time or later is in it, or
    /// follows it.
    case time(CaptureTime)

    /// Whether the member that begins so is at or before the target.
    func isReached(by sequence: SequenceNumber, _ time: CaptureTime) -> Bool {
        switch self {
        case .record(let wanted): sequence <= wanted
        case .time(let wanted): time < wanted
        }
    }

    func isReached(by header: MemberHeader) -> Bool { isReached(by: header.sequence, header.time) }

    var isRecord: Bool {
        switch self {
        case .record: true
        case .time: false
        }
    }

    /// How far from `low` to `high` the target is likely to be: 0…1.
    func fraction(from low: KnownHeaders.Key, to high: KnownHeaders.Key) -> Double {
        func part(_ wanted: Double, _ low: Double, _ high: Double) -> Double {
            high > low ? min(1, max(0, (wanted - low) / (high - low))) : 0.5
        }
        return switch self {
        case .record(let wanted):
            part(Double(wanted.rawValue), Double(low.sequence.rawValue), Double(high.sequence.rawValue))
        case .time(let wanted):
            part(
                Double(wanted.microseconds), Double(low.time.microseconds), Double(high.time.microseconds))
        }
    }
}

/// A member that was looked for, not read yet.
struct FoundMember: Hashable, Sendable {
    let offset: Int64
    let sequence: SequenceNumber
    /// Where the next header begins; nil when that is not known.
    var end: Int64?
    /// The first record of the next member, where it is known.
    var following: SequenceNumber?

    /// Up to where the member has to be read for one of its records, if all of them are of one size: nearer to it
    /// than to the member's end, most often, and past it by as much as they may differ.
    func likelyEnd(of record: SequenceNumber) -> Int64 {
        guard let end, let following, following > sequence, record >= sequence else {
            return end ?? offset + ReadAhead.usualByteCount
        }
        let part =
            (Double(record.distance(from: sequence)) + 1) / Double(following.distance(from: sequence))
        return min(end, offset + Int64(Double(end - offset) * min(1, part)) + Self.slack)
    }

    private static let slack: Int64 = 12 * 1024
}
