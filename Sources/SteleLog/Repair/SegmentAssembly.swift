// SPDX-License-Identifier: Apache-2.0

/// A segment as it is to be: members of ours and of the copy one after the other.
struct SegmentAssembly: Hashable {
    enum Part: Hashable {
        case member(SurveyedMember)
        /// Bytes of ours as they are: damage that the copy has no remedy for, or what follows the durable bytes.
        case raw(Range<Int64>)

        var byteCount: Int64 {
            switch self {
            case .member(let member): member.byteCount
            case .raw(let range): range.upperBound - range.lowerBound
            }
        }
    }

    var first: SequenceNumber
    var parts: [Part] = []

    var byteCount: Int64 { parts.reduce(0) { $0 + $1.byteCount } }
    var members: [SurveyedMember] {
        parts.compactMap {
            guard case .member(let member) = $0 else { return nil }
            return member
        }
    }

    /// Whether our file, of so many bytes, is just this.
    func isOurs(byteCount: Int64) -> Bool {
        var offset: Int64 = 0
        for part in parts {
            switch part {
            case .member(let member):
                guard member.source == .own, member.segment == first, member.offset == offset else {
                    return false
                }
            case .raw(let range): guard range.lowerBound == offset else { return false }
            }
            offset += part.byteCount
        }
        return offset == byteCount
    }

    /// Runs of members that are not ours, each in a row and of one source.
    var copied: [[SurveyedMember]] {
        var runs: [[SurveyedMember]] = []
        var open: SurveyedMember.Source?
        for part in parts {
            if case .member(let member) = part, member.source != .own {
                if open == member.source {
                    runs[runs.count - 1].append(member)
                } else {
                    runs.append([member])
                }
                open = member.source
            } else {
                open = nil
            }
        }
        return runs
    }

    /// The segments that a way through the log makes up.
    ///
    /// - Parameter members: From the beginning of a segment on.
    /// - Returns: Each segment that begins among them, in order.
    static func segments(of members: [SurveyedMember]) -> [SegmentAssembly] {
        var segments: [SegmentAssembly] = []
        var isBetween = true
        for member in members {
            if isBetween { segments.append(SegmentAssembly(first: member.header.sequence)) }
            segments[segments.count - 1].parts.append(.member(member))
            isBetween = member.header.kind == .end
        }
        return segments
    }
}
