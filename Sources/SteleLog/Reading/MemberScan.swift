// SPDX-License-Identifier: Apache-2.0

/// Reads the lines of one member, commit by commit, as far as its bytes go.
///
/// Give it the member's bytes after the header, in pieces of any size; take whole commits out. A commit whose end
/// is not there yet, or never will be, stays inside.
struct MemberScan {
    enum State: Hashable {
        /// Every byte so far is good; more are wanted.
        case hungry
        /// The member is over and gzip's trailer agrees.
        case ended
        /// From the byte after the last commit taken out, nothing can be relied on; the sentence says why.
        case invalid(String)
    }

    private(set) var state = State.hungry
    /// The next record's number.
    private(set) var next: SequenceNumber
    /// Capture time of the last commit taken out.
    private(set) var time: CaptureTime
    /// CRC-32 of all uncompressed bytes of the member so far, and how many they are.
    private(set) var lineCRC: UInt32 = 0
    private(set) var lineByteCount = 0
    /// Bytes of the member used so far, the header not counted.
    private(set) var usedByteCount = 0

    private let inflater: Inflater
    private let findsBoundaries: Bool
    /// Uncompressed bytes that are not yet a whole commit, behind those already taken out.
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var trailer: [UInt8] = []
    private var deflateEnded = false
    /// Places between two blocks where the stream can be cut.
    private var boundaries: [Cut] = []

    /// - Parameters:
    ///   - header: The member's, whose first record comes out first.
    ///   - inflater: Reset here; used by this scan alone until it is done.
    ///   - findsBoundaries: Whether ``cut`` will be asked for.
    init(_ header: MemberHeader, inflater: Inflater = Inflater(), findsBoundaries: Bool = false) {
        next = header.sequence
        time = CaptureTime(microseconds: .min)
        self.inflater = inflater
        self.findsBoundaries = findsBoundaries
        inflater.reset()
    }

    /// Takes in more bytes of the member.
    ///
    /// - Returns: How many were used; fewer than given only at the member's end or where it is invalid.
    @discardableResult
    mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Int {
        var rest = bytes
        while state == .hungry, !rest.isEmpty {
            if deflateEnded {
                let count = min(8 - trailer.count, rest.count)
                trailer += rest[..<count]
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                usedByteCount += count
                if trailer.count == 8 { checkTrailer() }
            } else {
                inflate(&rest)
            }
        }
        return bytes.count - rest.count
    }

    private mutating func inflate(_ rest: inout UnsafeRawBufferPointer) {
        let given = rest.count
        let start = pending.count
        let result = inflater.inflate(&rest, into: &pending, blockwise: findsBoundaries)
        usedByteCount += given - rest.count
        lineCRC = Checksum.crc32(pending[start...], startingWith: lineCRC)
        lineByteCount += pending.count - start
        switch result {
        case .ended: deflateEnded = true
        case .invalid: state = .invalid("the compressed bytes are not a deflate stream")
        case .hungry, .paused:
            // The first after a commit: what follows it without lines is room, not record.
            if findsBoundaries, inflater.isBetweenBlocksOnByteBoundary,
                boundaries.last?.lineByteCount != lineByteCount
            {
                boundaries.append(Cut(used: usedByteCount, lineByteCount: lineByteCount, isComplete: false))
            }
        }
    }

    private mutating func checkTrailer() {
        if trailer.integer(at: 0, as: UInt32.self) != lineCRC {
            state = .invalid("gzip's check sum of the member does not hold")
        } else if trailer.integer(at: 4, as: UInt32.self) != UInt32(truncatingIfNeeded: lineByteCount) {
            state = .invalid("gzip's length of the member does not hold")
        } else {
            state = .ended
        }
    }

    /// Takes out all commits that are whole by now.
    ///
    /// - Parameter limit: Commits that reach to or past this sequence stay inside; nil takes all.
    /// - Returns: Nil when there is none; ``state`` says whether more can come.
    mutating func takeCommits(endingBy limit: SequenceNumber? = nil) -> LogLines? {
        let first = next
        let start = pendingStart
        var ends: [Int] = []
        scanning: while pendingStart < pending.count {
            switch pending.withUnsafeBytes({ CommitScan($0, from: pendingStart, expecting: next) }) {
            case .incomplete:
                if state == .ended { state = .invalid("the member ends within a commit") }
                break scanning
            case .invalid(let what):
                state = .invalid(what)
                break scanning
            case .whole(let commitEnds, let time):
                let end = next.advanced(by: commitEnds.count)
                if let limit, end > limit { break scanning }
                for commitEnd in commitEnds { ends.append(commitEnd - start) }
                next = end
                self.time = time
                pendingStart = start + (ends.last ?? 0) + 1
            }
        }
        guard !ends.isEmpty else { return nil }
        let lines = LogLines(first: first, bytes: Array(pending[start..<pendingStart]), ends: ends)
        takenByteCount += lines.bytes.count
        if findsBoundaries { takenCRC = Checksum.crc32(lines.bytes, startingWith: takenCRC) }
        pending.removeFirst(pendingStart)
        pendingStart = 0
        return lines
    }

    /// Uncompressed bytes of all commits taken out, and (only with `findsBoundaries`) their CRC-32.
    private(set) var takenByteCount = 0
    private(set) var takenCRC: UInt32 = 0

    /// Where the member can be cut, at or before the end of the commits taken out.
    struct Cut: Hashable {
        /// Bytes after the header that stay.
        var used: Int
        /// Uncompressed bytes they hold: all that were taken out, or fewer.
        var lineByteCount: Int
        /// Whether the deflate stream is complete there, so that only the trailer is missing.
        var isComplete: Bool
    }

    /// The last place where the member can be cut; only with `findsBoundaries`.
    var cut: Cut {
        if deflateEnded, takenByteCount == lineByteCount {
            return Cut(used: usedByteCount - trailer.count, lineByteCount: takenByteCount, isComplete: true)
        }
        return boundaries.last { $0.lineByteCount <= takenByteCount }
            ?? Cut(used: 0, lineByteCount: 0, isComplete: false)
    }
}
