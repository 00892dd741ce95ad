// SPDX-License-Identifier: Apache-2.0

/// Reads the lines of one member, commit by commit, as far as its bytes go.
///
/// Give it the member's bytes after the header, in pieces of any size; take whole commits out. A commit whose end
/// is not there yet, or never will be, stays inside.
///
/// Bounded memory: whole commits that wait to be taken out, about a megabyte of them, and one commit that is not whole
/// yet, up to ``ReadingOptions/commitByteLimit``.
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
    private(set) var time = CaptureTime(microseconds: .min)
    /// Bytes of the member used so far, the header not counted.
    private(set) var usedByteCount = 0
    /// Uncompressed bytes of all commits taken out, and their CRC-32.
    private(set) var takenByteCount = 0
    private(set) var takenCRC: UInt32 = 0

    private let inflater: Inflater
    private let findsBoundaries: Bool
    private let commitByteLimit: Int
    /// The commit behind those that wait, as far as it was read.
    private var scan = CommitScan()
    private var waiting = Waiting()
    private var trailer: [UInt8] = []
    private var deflateEnded = false
    /// Whether more comes out without more going in.
    private var isPaused = false
    /// Places between two blocks where the stream can be cut.
    private var boundaries: [Cut] = []

    /// Whole commits at the front of the inflater's window.
    private struct Waiting {
        struct Commit {
            /// Lines and bytes up to its end, from the first commit that waits.
            var lineCount: Int
            var byteCount: Int
            var time: CaptureTime
            /// CRC-32 of all lines of the member up to its end.
            var crc: UInt32
        }

        private(set) var commits: [Commit] = []
        /// Where each line ends, counted from the window's front.
        var ends: [Int] = []
        var byteCount: Int { commits.last?.byteCount ?? 0 }

        mutating func append(_ commit: Commit) { commits.append(commit) }

        /// Removes the first `count` commits.
        mutating func takeOff(_ count: Int) {
            guard count < commits.count else {
                commits.removeAll(keepingCapacity: true)
                ends.removeAll(keepingCapacity: true)
                return
            }
            let gone = commits[count - 1]
            commits.removeFirst(count)
            for index in commits.indices {
                commits[index].lineCount -= gone.lineCount
                commits[index].byteCount -= gone.byteCount
            }
            ends = ends.dropFirst(gone.lineCount).map { $0 - gone.byteCount }
        }
    }

    /// Reading stops while this many bytes of whole commits wait to be taken out.
    private static let waitingLimit = 1024 * 1024

    /// - Parameters:
    ///   - header: The member's, whose first record comes out first.
    ///   - inflater: Reset here; used by this scan alone until it is done.
    ///   - findsBoundaries: Whether ``cut`` will be asked for.
    ///   - options: How long a commit may be.
    init(
        _ header: MemberHeader, inflater: Inflater = Inflater(), findsBoundaries: Bool = false,
        options: ReadingOptions = ReadingOptions()
    ) {
        next = header.sequence
        self.inflater = inflater
        self.findsBoundaries = findsBoundaries
        commitByteLimit = options.commitByteLimit
        inflater.reset()
    }

    /// Takes in more bytes of the member.
    ///
    /// - Parameters:
    ///   - bytes: What follows the bytes used so far.
    ///   - stopsEarly: Whether one whole commit is enough, rather than many.
    /// - Returns: How many were used; fewer than given at the member's end, where it is invalid, and where enough
    ///   commits wait to be taken out.
    @discardableResult
    mutating func feed(_ bytes: UnsafeRawBufferPointer, stopsEarly: Bool = false) -> Int {
        let enough = stopsEarly ? 1 : Self.waitingLimit
        let step = stopsEarly ? 8 * 1024 : 256 * 1024
        var rest = bytes
        // Once all bytes are used, what little is left in them comes out too: nobody need ask again for it.
        while state == .hungry, rest.isEmpty ? isPaused : waiting.byteCount < enough {
            let before = rest.count
            if deflateEnded {
                takeTrailer(&rest)
                usedByteCount += before - rest.count
            } else {
                inflate(&rest, atMost: step)
            }
        }
        return bytes.count - rest.count
    }

    private mutating func inflate(_ rest: inout UnsafeRawBufferPointer, atMost step: Int) {
        let room = commitByteLimit - (inflater.bytes.count - waiting.byteCount)
        guard room > 0 else {
            state = .invalid(
                "a commit is longer than \(commitByteLimit) bytes, which is all that is read of one")
            return
        }
        let given = rest.count
        let result = inflater.inflate(&rest, atMost: min(step, room), blockwise: findsBoundaries)
        usedByteCount += given - rest.count
        deflateEnded = result == .ended
        isPaused = result == .paused
        scanCommits()
        if result == .invalid, state == .hungry {
            state = .invalid("the compressed bytes are not a deflate stream")
        }
        // The first after a commit: what follows it without lines, as a torn commit may, is no part of it.
        if findsBoundaries, isPaused || result == .hungry, inflater.isBetweenBlocksOnByteBoundary,
            boundaries.last?.lineByteCount != lineByteCount
        {
            boundaries.append(Cut(used: usedByteCount, lineByteCount: lineByteCount, isComplete: false))
        }
    }

    /// Finds the commits that have become whole.
    private mutating func scanCommits() {
        while state == .hungry, waiting.byteCount < inflater.bytes.count {
            let start = waiting.byteCount
            let bytes = UnsafeRawBufferPointer(rebasing: inflater.bytes[start...])
            switch scan.read(bytes, expecting: next.advanced(by: waiting.ends.count)) {
            case .incomplete: return
            case .invalid(let what): state = .invalid(what)
            case .whole:
                for end in scan.ends { waiting.ends.append(start + end) }
                waiting.append(
                    Waiting.Commit(
                        lineCount: waiting.ends.count, byteCount: start + scan.byteCount, time: scan.time,
                        crc: Checksum.combined(scannedCRC, scan.crc, secondByteCount: scan.byteCount)))
                scan.begin()
            }
        }
    }

    /// CRC-32 of all whole commits of the member so far.
    private var scannedCRC: UInt32 { waiting.commits.last?.crc ?? takenCRC }

    private mutating func takeTrailer(_ rest: inout UnsafeRawBufferPointer) {
        let count = min(8 - trailer.count, rest.count)
        trailer += rest[..<count]
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        guard trailer.count == 8 else { return }
        let partial = UnsafeRawBufferPointer(rebasing: inflater.bytes[waiting.byteCount...])
        if trailer.integer(at: 0, as: UInt32.self) != Checksum.crc32(partial, startingWith: scannedCRC) {
            state = .invalid("gzip's check sum of the member does not hold")
        } else if trailer.integer(at: 4, as: UInt32.self) != UInt32(truncatingIfNeeded: lineByteCount) {
            state = .invalid("gzip's length of the member does not hold")
        } else {
            state = partial.isEmpty ? .ended : .invalid("the member ends within a commit")
        }
    }

    /// Takes out the commits that are whole by now.
    ///
    /// - Parameters:
    ///   - wanted: Lines before this one are left out.
    ///   - limit: Commits that reach past this sequence are not taken out, and the member counts as invalid from
    ///     there on; nil takes all.
    /// - Returns: Nil when there is none; ``state`` says whether more can come.
    mutating func takeCommits(from wanted: SequenceNumber = .zero, endingBy limit: SequenceNumber? = nil)
        -> LogLines?
    {
        var count = waiting.commits.count
        if let limit {
            count = waiting.commits.prefix { next.advanced(by: $0.lineCount) <= limit }.count
            if count < waiting.commits.count { state = .invalid("the records from \(limit) on do not count") }
        }
        guard count > 0 else { return nil }
        let last = waiting.commits[count - 1]
        let first = next
        let skipped = wanted > first ? min(wanted.distance(from: first), last.lineCount) : 0
        next = first.advanced(by: last.lineCount)
        time = last.time
        takenByteCount += last.byteCount
        takenCRC = last.crc
        defer {
            waiting.takeOff(count)
            inflater.takeOff(last.byteCount)
        }
        guard skipped < last.lineCount else { return nil }
        let start = skipped == 0 ? 0 : waiting.ends[skipped - 1] + 1
        return LogLines(
            first: first.advanced(by: skipped), bytes: Array(inflater.bytes[start..<last.byteCount]),
            ends: waiting.ends[skipped..<last.lineCount].map { $0 - start })
    }

    /// Uncompressed bytes of the member so far, and those of them taken out.
    private var lineByteCount: Int { takenByteCount + inflater.bytes.count }

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
