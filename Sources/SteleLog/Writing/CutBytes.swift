// SPDX-License-Identifier: Apache-2.0

/// Bytes behind the end of a log, which are about to be cut.
struct CutBytes {
    /// Where they stand in their segment.
    var offset: Int64
    var bytes: [UInt8]
    /// All headers among them.
    var headers: [SegmentFile.Place]
    /// What may follow where they begin; nil where they begin within a member.
    var joint: MemberRoutes.Joint?

    /// Whether one write that its writer did not live to finish may have left them behind.
    ///
    /// A commit is written at once: with at most one flush, at the end of its lines, and before them perhaps the end of
    /// a member and the header of the next, which joins on. Behind it stands perhaps the end of the segment; a pause
    /// mark is a write of its own.
    var isTorn: Bool {
        let flushes = flushCount
        if flushes > 1 || flushes > 0 && headers.contains(where: { $0.header.kind == .pause }) {
            return false
        }
        guard let joint, let first = headers.first, first.offset == offset else { return true }
        return joint.takes(first.header)
    }

    /// How many commits end among them, as far as that can be told without unpacking them.
    private var flushCount: Int {
        var count = 0
        var zeros = 0
        var ones = 0
        for byte in bytes {
            switch byte {
            case 0:
                (zeros, ones) = (ones == 0 ? zeros + 1 : 1, 0)
            case 0xFF where zeros >= 2:
                ones += 1
                if ones == 2 {
                    count += 1
                    (zeros, ones) = (0, 0)
                }
            default: (zeros, ones) = (0, 0)
            }
        }
        return count
    }
}

extension MemberRoutes.Joint {
    /// Where a log ends.
    init(behind end: LogEnd) {
        self.init(beginning: LogState(next: end.next, frontier: end.frontier))
        previousSize = end.previousSize
        previousCRC = end.previousCRC
        isBehindMark = end.isMarked
    }
}
