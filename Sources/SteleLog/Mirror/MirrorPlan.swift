// SPDX-License-Identifier: Apache-2.0

/// What to ship, decided from one look at the two logs; ``Shipper`` does it.
///
/// The mirror is always to be a beginning of the archive's log. A file of the mirror is only written on where its
/// bytes are a beginning of the archive's file, and only replaced where the archive has all its records; where
/// neither is so, the mirror may hold what the archive lost, and is left alone.
struct MirrorPlan: Hashable {
    /// How a segment of the mirror relates to the archive's log.
    enum Agreement: Hashable {
        /// Byte for byte the archive's segment, which is sealed.
        case identical
        /// So many of its first bytes are the archive's, and hold every whole record that it has.
        case beginning(byteCount: Int64)
        /// Other bytes, but the same records: one side was compressed again, or closed by another writer.
        case sameRecords
        /// Holds records past the archive's end.
        case ahead(SequenceNumber)
        /// Other records under the same numbers.
        case diverged(SequenceNumber)
    }

    enum Step: Hashable {
        /// Ship the rest of this segment behind the bytes that are there.
        case append(SequenceNumber, from: Int64)
        /// Ship this segment whole beside the mirror's, check it, and put it in its place.
        case replace(SequenceNumber)
    }

    enum Refusal: Hashable {
        case ahead(SequenceNumber)
        case diverged(SequenceNumber)
    }

    /// In the order of the log; only the last can be an active segment.
    private(set) var steps: [Step] = []
    /// Why nothing may be shipped; ``steps`` is empty then.
    private(set) var refusal: Refusal?

    /// - Parameters:
    ///   - segments: First sequences of the archive's segments, in order; the last may be active.
    ///   - isLastSealed: Whether the last one is complete.
    ///   - mirror: The mirror's, in order, with what comparing each showed. Those without any record are left out.
    init(
        segments: [SequenceNumber], isLastSealed: Bool, mirror: [(first: SequenceNumber, Agreement)]
    ) {
        let known = Dictionary(mirror.map { ($0.first, $0.1) }) { first, _ in first }
        for (first, agreement) in mirror {
            switch agreement {
            case .ahead(let end): refusal = .ahead(end)
            case .diverged(let sequence): refusal = .diverged(sequence)
            case .identical, .beginning, .sameRecords:
                if !segments.contains(first) { refusal = .diverged(first) }
            }
            if refusal != nil { return }
        }
        for first in segments {
            let isSealed = isLastSealed || first != segments.last
            switch known[first] {
            case .identical: continue
            case .beginning(let byteCount): steps.append(.append(first, from: byteCount))
            case .sameRecords: steps.append(.replace(first))
            // A whole segment appears whole; the active one grows where it is.
            case nil: steps.append(isSealed ? .replace(first) : .append(first, from: 0))
            case .ahead, .diverged: preconditionFailure("refused above")
            }
        }
    }
}

/// When to try again after a failure: sooner at first, then less and less often.
package struct MirrorBackoff: Hashable, Sendable {
    private static let first = Duration.milliseconds(500)
    private static let last = Duration.seconds(30)
    private var delay = first

    package init() {}

    /// The time to wait now; the next one is twice as long, up to half a minute.
    package mutating func next() -> Duration {
        defer { delay = min(delay * 2, Self.last) }
        return delay
    }

    package mutating func reset() { delay = Self.first }
}
