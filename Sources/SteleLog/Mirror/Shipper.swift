// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Carries what is durable in an archive over to its mirror, one bounded step at a time.
///
/// ```
/// archive ─ read ─▶ write ─▶ sync ─▶ forget the cache ─▶ read back ─▶ check against sums, sequence, tree ─▶ count
///                   └ mirror ────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// The mirror is locked like any archive with a writer, and its `lock` file says up to where it was checked: readers
/// see only that, and a second shipper is refused. Any failure is followed by ``forget()`` and a new look at both.
///
/// Not thread-safe: ``Mirror`` calls it on one queue. Memory: a piece of a file, and what one member unpacks to.
struct Shipper {
    let archive: Archive
    private let url: URL
    private let files: any FileSystem
    private let options: MirrorOptions
    /// Asked between pieces of long files; true ends the step with `.stopped`.
    private let isStopping: @Sendable () -> Bool

    /// Whether the mirror was there once.
    var isKnown: Bool
    /// Up to where the mirror was checked.
    private(set) var arrived = DurableEnd.start

    private var mirror: Archive?
    private var lock: WriterLock?
    private var tail: Tail?
    /// What is to be done before, or beside, writing the tail on.
    private var segmentWork: [MirrorPlan.Step] = []
    private var sideWork: [SideWork] = []
    /// What cannot be shipped beside the log, by the last look.
    private(set) var sideProblem: MirrorError?
    private var nextSurvey: ContinuousClock.Instant
    /// The sequence after the last sealed segment of the mirror.
    private var sealedEnd = SequenceNumber.zero

    /// A segment of the mirror that is being written on: not sealed yet.
    private struct Tail {
        var source: SegmentFile
        var copy: SegmentFile
        var scan: ArrivalScan
    }

    enum SideWork: Hashable {
        case smallFiles
        /// Attachments whose hash begins with these two digits.
        case attachments(String)
    }

    enum Outcome: Hashable {
        /// There is more to ship.
        case more
        /// The mirror has all that was durable when it looked.
        case upToDate
    }

    init(
        _ archive: Archive, to url: URL, files: any FileSystem, options: MirrorOptions, isKnown: Bool,
        isStopping: @escaping @Sendable () -> Bool
    ) {
        self.archive = archive
        self.url = url
        self.files = files
        self.options = options
        self.isKnown = isKnown
        self.isStopping = isStopping
        nextSurvey = options.now()
    }

    /// Closes every file and gives up the mirror's lock; the next step looks at everything again.
    mutating func forget() {
        tail = nil
        lock = nil
        mirror = nil
        segmentWork = []
        sideWork = []
        sealedEnd = .zero
        nextSurvey = options.now()
    }

    /// Makes the next step look at everything again, that beside the log too.
    mutating func lookAtOnce() { nextSurvey = options.now() }

    /// Ships some of what is missing.
    ///
    /// - Throws: ``MirrorError``; call ``forget()`` then.
    mutating func step() throws(MirrorError) -> Outcome {
        let mirror = try open()
        if nextSurvey <= options.now() { try survey(mirror) }
        if let work = segmentWork.first {
            try perform(work, mirror)
            segmentWork.removeFirst()
            return .more
        }
        let isTailDone = try shipTail(mirror)
        // One at a time, so that a long list of attachments never holds the log up.
        if let work = sideWork.first {
            do throws(MirrorError) { try ship(work, to: mirror) } catch {
                // What is damaged where it comes from must not keep everything else.
                guard error.code == .damagedArchive else { throw error }
                sideProblem = sideProblem ?? error
            }
            sideWork.removeFirst()
        }
        return isTailDone && sideWork.isEmpty ? .upToDate : .more
    }

    /// Opens the mirror and takes its lock, when that is not done yet.
    @discardableResult
    mutating func open() throws(MirrorError) -> Archive {
        if let mirror { return mirror }
        let mirror = try MirrorFolder.open(url, of: archive, files: files, isKnown: isKnown)
        let lock: WriterLock
        do throws(LogError) { lock = try WriterLock(mirror) } catch {
            guard error.code == .lockedByAnotherProcess else { throw MirrorError(error) }
            throw MirrorError(
                .locked, mirror.path, error.what,
                remedy: "Stop that process, or name another folder: one mirror has one that ships to it.")
        }
        self.lock = lock
        self.mirror = mirror
        isKnown = true
        arrived = lock.publishedBefore ?? .start
        return mirror
    }

    // MARK: - Looking at both sides

    private mutating func survey(_ mirror: Archive) throws(MirrorError) {
        let durable = try durableEnd()
        guard arrived.sequence <= durable.sequence else {
            throw .ahead(mirror, mirrorEnd: arrived.sequence, archiveEnd: durable.sequence)
        }
        let segments = try segments(upTo: durable)
        var sights: [(first: SequenceNumber, MirrorPlan.Agreement)] = []
        for first in try mirroringLog(mirror.segments) {
            let agreement =
                segments.contains(first)
                ? try self.agreement(on: first, mirror, durable)
                : try SegmentComparison(first, mirror: mirror, archive: archive).records(durable: durable)
            if let agreement { sights.append((first, agreement)) }
        }
        let isLastSealed = try segments.last.map { last throws(MirrorError) in
            try SegmentEnding(archive, last, byteCount: byteCount(of: last, durable)).seal != nil
        }
        let plan = MirrorPlan(segments: segments, isLastSealed: isLastSealed ?? false, mirror: sights)
        switch plan.refusal {
        case .ahead(let end): throw .ahead(mirror, mirrorEnd: end, archiveEnd: durable.sequence)
        case .diverged(let sequence): throw .diverged(mirror, at: sequence)
        case nil: break
        }
        // What is open already goes on by itself.
        segmentWork = plan.steps.filter { $0 != tail.map { .append($0.copy.first, from: $0.scan.offset) } }
        sideProblem = nil
        sideWork = [.smallFiles] + AttachmentFolders.prefixes(archive).map { .attachments($0) }
        nextSurvey = options.now() + options.surveyInterval
    }

    /// Up to where the archive is durable.
    private func durableEnd() throws(MirrorError) -> DurableEnd {
        let sighting = try mirroringLog { () throws(LogError) in try WriterLock.look(archive) }
        switch sighting {
        case .durable(let end), .noWriter(last: let end?): return end
        // Whoever opens the archive for writing says so at once: there is nothing yet, or nothing that was promised.
        case .noWriter(last: nil), .starting:
            return .start
        }
    }

    /// The archive's segments that hold durable bytes.
    private func segments(upTo durable: DurableEnd) throws(MirrorError) -> [SequenceNumber] {
        try mirroringLog(archive.segments).filter {
            $0 < durable.segment || $0 == durable.segment && durable.offset > 0
        }
    }

    /// Durable bytes of a segment.
    private func byteCount(of first: SequenceNumber, _ durable: DurableEnd) throws(MirrorError) -> Int64 {
        let size = try mirroringLog { () throws(LogError) in try SegmentFile(archive, first).size() }
        // A segment compressed again after its writer last spoke of it is as long as it is.
        return first == durable.segment ? min(size, durable.offset) : size
    }

    /// How a segment that both have relates to the archive; nil when the mirror's holds nothing.
    private mutating func agreement(
        on first: SequenceNumber, _ mirror: Archive, _ durable: DurableEnd
    ) throws(MirrorError) -> MirrorPlan.Agreement? {
        if let tail, tail.copy.first == first { return .beginning(byteCount: tail.scan.offset) }
        let copied = try SegmentEnding(mirror, first, byteCount: nil)
        let ending = try SegmentEnding(archive, first, byteCount: byteCount(of: first, durable))
        if let seal = ending.seal, let copiedSeal = copied.seal {
            // What was not counted was not checked: an end mark may have arrived where what is before it did not.
            if ending == copied, seal.sequence <= arrived.sequence {
                sealedEnd = max(sealedEnd, seal.sequence)
                return .identical
            }
            // The archive's takes its place, whatever is between the mirror's marks.
            if ending != copied, seal.sequence == copiedSeal.sequence, seal.frontier == copiedSeal.frontier {
                return .sameRecords
            }
        }
        return try SegmentComparison(first, mirror: mirror, archive: archive).agreement(
            sourceByteCount: ending.byteCount, published: arrived.segment == first ? arrived.offset : 0,
            durable: durable)
    }

    // MARK: - Whole segments

    private mutating func perform(_ work: MirrorPlan.Step, _ mirror: Archive) throws(MirrorError) {
        switch work {
        case .append(let first, let offset):
            try openTail(first, from: offset, mirror)
            // The last one goes on as long as the archive does; one before it is completed first.
            guard segmentWork.count > 1 else { return }
            while tail?.copy.first == first { if try shipTail(mirror) { return } }
        case .replace(let first): try replace(first, mirror)
        }
    }

    /// Ships a segment beside the mirror's, checks it, and puts it in its place.
    private mutating func replace(_ first: SequenceNumber, _ mirror: Archive) throws(MirrorError) {
        let durable = try durableEnd()
        let source = try mirroringLog { () throws(LogError) in try SegmentFile(archive, first) }
        let byteCount = try byteCount(of: first, durable)
        let path = mirror.segmentPath(first)
        let partial = path + ".partial"
        let copy = try mirroring { () throws(FileFailure) in
            SegmentFile(file: try mirror.files.open(partial, .create(isPrivate: false)), first: first)
        }
        do throws(MirrorError) {
            var offset: Int64 = 0
            while offset < byteCount {
                offset = try self.copy(source, copy, from: offset, to: byteCount)
            }
            let arriving = Tail(source: source, copy: copy, scan: try scan(copy, source, upTo: byteCount))
            guard try isWhole(arriving, durable) else {
                throw fault(source, copy, arriving.scan.next, "the segment does not end with its end mark")
            }
            try mirroring { () throws(FileFailure) in
                try mirror.files.rename(partial, to: path)
                try mirror.files.syncFolder(mirror.logPath)
            }
            try took(arriving, durable)
        } catch {
            // The first failure is the one to tell; what is left bears no segment's name.
            try? mirror.files.remove(partial)
            throw error
        }
    }

    /// Checks the first `byteCount` bytes of a file of the mirror, as they lie on its disk.
    private func scan(_ copy: SegmentFile, _ source: SegmentFile, upTo byteCount: Int64) throws(MirrorError)
        -> ArrivalScan
    {
        let before = try frontier(before: copy.first)
        var scan = ArrivalScan(first: copy.first, after: before)
        try readBack(copy, source, &scan, upTo: byteCount)
        return scan
    }

    /// The tree before a segment, by the word of the mirror's segment before it; nil when that one is still to come.
    private func frontier(before first: SequenceNumber) throws(MirrorError) -> TreeFrontier? {
        guard first > .zero, let mirror else { return TreeFrontier() }
        let segments = try mirroringLog(mirror.segments)
        guard let previous = segments.last(where: { $0 < first }) else { return nil }
        let seal = try SegmentEnding(mirror, previous, byteCount: nil).seal
        return seal?.sequence == first ? seal?.frontier : nil
    }

    // MARK: - The tail

    /// Opens the mirror's last segment to write it on.
    private mutating func openTail(_ first: SequenceNumber, from start: Int64?, _ mirror: Archive)
        throws(MirrorError)
    {
        let durable = try durableEnd()
        let source = try mirroringLog { () throws(LogError) in try SegmentFile(archive, first) }
        let path = mirror.segmentPath(first)
        let isNew = !mirror.files.exists(path)
        let copy = try mirroring { () throws(FileFailure) in
            let file = try mirror.files.open(path, isNew ? .create(isPrivate: false) : .update)
            if let start, try file.size() > start { try file.truncate(to: start) }
            // What a failed sync left in memory may not be on the disk: it is written, then read from there.
            try file.sync()
            // Also where it was there: whoever made it may not have come as far as this.
            try mirror.files.syncFolder(mirror.logPath)
            return SegmentFile(file: file, first: first)
        }
        let byteCount = try mirroringLog(copy.size)
        let scan = try scan(copy, source, upTo: byteCount)
        try took(Tail(source: source, copy: copy, scan: scan), durable)
    }

    /// Ships the next piece of the tail.
    ///
    /// - Returns: Whether the mirror has all that is durable now.
    private mutating func shipTail(_ mirror: Archive) throws(MirrorError) -> Bool {
        let durable = try durableEnd()
        guard durable.sequence >= arrived.sequence else {
            throw .ahead(mirror, mirrorEnd: arrived.sequence, archiveEnd: durable.sequence)
        }
        if tail == nil {
            guard let first = try segments(upTo: durable).first(where: { $0 >= sealedEnd }) else {
                return true
            }
            guard first == sealedEnd else {
                throw MirrorError(
                    .damagedArchive, archive.logPath,
                    "the segment that begins with record \(sealedEnd) is missing",
                    remedy: "Run 'stele verify' on the archive and mend it, from the mirror if need be.")
            }
            try openTail(first, from: 0, mirror)
        }
        guard var tail else { return false }
        let isLast = tail.copy.first == durable.segment
        let end = isLast ? durable.offset : try mirroringLog(tail.source.size)
        guard tail.scan.offset <= end else {
            // More than there is to ship: whoever opened the archive anew cut it, and both are compared again.
            self.tail = nil
            nextSurvey = options.now()
            return false
        }
        if tail.scan.offset < end {
            let arriving = try copy(tail.source, tail.copy, from: tail.scan.offset, to: end)
            try readBack(tail.copy, tail.source, &tail.scan, upTo: arriving)
        }
        if tail.scan.offset == end, !isLast, !tail.scan.isSealed {
            throw fault(
                tail.source, tail.copy, tail.scan.next, "the segment does not end with its end mark")
        }
        try took(tail, durable)
        return isLast && tail.scan.offset == end
    }

    /// Whether a segment was checked up to its end mark, or to where the writer vouches for its last member.
    private func isWhole(_ tail: Tail, _ durable: DurableEnd) throws(MirrorError) -> Bool {
        let scan = tail.scan
        guard tail.copy.first == durable.segment, scan.offset == durable.offset else { return scan.isSealed }
        guard scan.next == durable.sequence, scan.memberCRC == durable.memberCRC else {
            throw fault(
                tail.source, tail.copy, scan.next,
                "the records do not lead to where the writer was, record \(durable.sequence)")
        }
        return true
    }

    /// Goes on from a segment as it was checked, and counts it where it is whole.
    private mutating func took(_ tail: Tail, _ durable: DurableEnd) throws(MirrorError) {
        let scan = tail.scan
        let isWhole = try isWhole(tail, durable)
        if scan.isSealed {
            if self.tail?.copy.first == tail.copy.first { self.tail = nil }
            sealedEnd = max(sealedEnd, scan.next)
        } else {
            self.tail = tail
        }
        guard isWhole, scan.next >= arrived.sequence else { return }
        try count(
            DurableEnd(
                sequence: scan.next, segment: tail.copy.first, offset: scan.offset,
                memberCRC: scan.memberCRC))
    }

    /// States that the mirror holds this much.
    private mutating func count(_ end: DurableEnd) throws(MirrorError) {
        guard end != arrived else { return }
        arrived = end
        try mirroring { () throws(FileFailure) in try lock?.publish(end) }
    }

    // MARK: - Bytes

    /// Read and written at a time.
    private static let pieceByteCount: Int64 = 1024 * 1024
    /// Synced and checked at a time.
    private static let stepByteCount: Int64 = 8 * 1024 * 1024

    /// Copies bytes and makes them durable.
    ///
    /// - Returns: Up to where, at most ``stepByteCount`` further.
    private func copy(_ source: SegmentFile, _ copy: SegmentFile, from start: Int64, to end: Int64)
        throws(MirrorError) -> Int64
    {
        let end = min(end, start + Self.stepByteCount)
        var offset = start
        while offset < end {
            try stopIfAsked(copy.file.path)
            let bytes = try mirroringLog { () throws(LogError) in
                try source.bytes(at: offset, count: Int(min(Self.pieceByteCount, end - offset)))
            }
            guard !bytes.isEmpty else {
                throw MirrorError(
                    .damagedArchive, source.file.path, "durable bytes are cut from its end",
                    remedy: "Run 'stele verify' on the archive.")
            }
            try mirroring { () throws(FileFailure) in try copy.file.write(bytes, at: offset) }
            offset += Int64(bytes.count)
        }
        try mirroring { () throws(FileFailure) in try copy.file.sync() }
        return offset
    }

    /// Reads what lies on the mirror's disk, and checks it.
    private func readBack(
        _ copy: SegmentFile, _ source: SegmentFile, _ scan: inout ArrivalScan, upTo end: Int64
    ) throws(MirrorError) {
        copy.file.dropCache()
        while scan.offset < end {
            try stopIfAsked(copy.file.path)
            let bytes = try mirroringLog { () throws(LogError) in
                try copy.bytes(at: scan.offset, count: Int(min(Self.pieceByteCount, end - scan.offset)))
            }
            do throws(ArrivalScan.Fault) {
                guard !bytes.isEmpty else { throw .init(sequence: scan.next, what: "the file ends early") }
                try scan.feed(bytes)
            } catch {
                throw fault(source, copy, error.sequence, error.what)
            }
        }
    }

    /// Tells on which side the bytes are wrong.
    private func fault(_ source: SegmentFile, _ copy: SegmentFile, _ sequence: SequenceNumber, _ what: String)
        -> MirrorError
    {
        // Only to choose the words: where a side cannot be read, they are not the same.
        let isSame = (try? SegmentComparison.commonByteCount(source, copy)).map { common in
            common == (try? copy.size()) ?? -1
        }
        if isSame == true {
            return MirrorError(
                .damagedArchive, source.file.path, "before record \(sequence): \(what)",
                remedy:
                    "Run 'stele verify' on the archive and mend it; the mirror is left as it was until then.")
        }
        return MirrorError(
            .damagedOnArrival, copy.file.path,
            "what was written does not read back right, at record \(sequence): \(what)",
            remedy: "Check the mirror's disk; it is shipped again by itself.")
    }

    func stopIfAsked(_ path: String) throws(MirrorError) {
        guard isStopping() else { return }
        throw MirrorError(
            .stopped, path, "shipping was stopped", remedy: "Start it again: it goes on where it was.")
    }
}
