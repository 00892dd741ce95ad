// SPDX-License-Identifier: Apache-2.0

/// What opening the log for writing had to cut or complete, because the last writer did not close it.
package struct LogRecovery: Hashable, Sendable, CustomStringConvertible {
    /// Path of the segment within the archive.
    package var segment: String
    /// Bytes cut from its end: a commit that was never acknowledged, unless ``lostRecords`` says otherwise.
    package var cutByteCount: Int64 = 0
    /// What was wrong with the bytes that were cut.
    package var reason: String
    /// The next record's number: all records before it stand.
    package var end: SequenceNumber
    /// Acknowledged records that are not in the log any more: not the work of a torn write, but of damage.
    package var lostRecords = 0
    /// Where the cut bytes were kept, as evidence and for repair, when acknowledged records were among them.
    package var keptCopy: String?

    package var description: String {
        var text = "\(segment): the log ends at record \(end) after recovery"
        if cutByteCount > 0 { text += "; \(cutByteCount) bytes of an unfinished commit were cut (\(reason))" }
        if lostRecords > 0 {
            text += "; \(lostRecords) acknowledged records are missing"
            if let keptCopy { text += ", the bytes cut are kept in \(keptCopy)" }
        }
        return text
    }
}

/// Takes a log back to its last whole commit and closes what was left open.
///
/// Torn and damaged are kept apart: a torn tail holds only records that nobody was told are safe, and is cut.
/// Where the `lock` file says that records were acknowledged which the file does not hold any more, the bytes are
/// kept beside the log before they are cut, and the report says how many records are missing.
struct Recovery {
    let archive: Archive
    /// Records from here on were never acknowledged and are cut even where whole; nil keeps every whole commit.
    var acknowledgedEnd: SequenceNumber?
    /// Where the last writer said that the log is durable.
    var publishedEnd: SequenceNumber?

    private let compressionLevel: Int

    private(set) var report: LogRecovery?

    init(
        _ archive: Archive, options: LogOptions, acknowledgedEnd: SequenceNumber? = nil,
        publishedEnd: SequenceNumber? = nil
    ) {
        self.archive = archive
        compressionLevel = options.compressionLevel
        self.acknowledgedEnd = acknowledgedEnd
        self.publishedEnd = publishedEnd
    }

    /// Finds the end of the log, after cutting and closing there.
    mutating func run() throws(LogError) -> LogEnd {
        var segments = try archive.segments()
        while let first = segments.popLast() {
            let segment = try SegmentFile(archive, first, .update)
            // What a failed sync left in memory may not be on the disk: read from there.
            segment.file.dropCache()
            if let end = try end(of: segment) {
                try settle(segment)
                noteLoss(end.next)
                return end
            }
            guard !(segments.isEmpty && first != .zero) else {
                throw .damaged(segment.name, at: .zero, "the log's first segment is missing")
            }
            do throws(FileFailure) {
                try archive.files.remove(archive.segmentPath(first))
                try archive.files.syncFolder(archive.logPath)
            } catch {
                throw LogError(error)
            }
        }
        try settle(nil)
        noteLoss(.zero)
        return .start
    }

    /// Makes what was found durable before anybody is told that it is.
    ///
    /// The last writer may have been killed between a write and its sync, or before it synced the name of a new
    /// file: the bytes read well then, and are only in memory.
    private func settle(_ segment: SegmentFile?) throws(LogError) {
        do throws(FileFailure) {
            try segment?.file.sync()
            try archive.files.syncFolder(archive.logPath)
            try archive.files.syncFolder(archive.path)
        } catch {
            throw LogError(error)
        }
    }

    private mutating func noteLoss(_ end: SequenceNumber) {
        guard let publishedEnd, publishedEnd > end else { return }
        var report =
            report
            ?? LogRecovery(segment: archive.logPath, reason: "the end of the log is missing", end: end)
        report.lostRecords = publishedEnd.distance(from: end)
        self.report = report
    }

    /// The end of the log within this segment; nil when no record of it stands.
    private mutating func end(of segment: SegmentFile) throws(LogError) -> LogEnd? {
        let size = try segment.size()
        var limit = size
        while let place = try segment.lastHeader(before: limit) {
            if let end = try end(of: segment, at: place) { return end }
            limit = place.offset
        }
        if size > 0 {
            try keepCopy(of: segment, from: 0, end: segment.first, size: size)
            note(segment, cut: size, "no record of the segment is whole", end: segment.first)
        }
        return nil
    }

    private mutating func end(of segment: SegmentFile, at place: SegmentFile.Place) throws(LogError)
        -> LogEnd?
    {
        if let acknowledgedEnd, place.header.sequence > acknowledgedEnd { return nil }
        switch place.header.kind {
        case .end:
            try close(
                segment, at: place.bodyOffset, with: MemberHeader.markBody, "bytes after the end mark",
                end: place.header.sequence)
            let header = place.header
            return LogEnd(
                segment: header.sequence, next: header.sequence, time: header.time, frontier: header.frontier)
        case .pause:
            try close(
                segment, at: place.bodyOffset, with: MemberHeader.markBody, "bytes after the pause mark",
                end: place.header.sequence)
            return try logEnd(
                segment, place, size: place.header.byteCount + MemberHeader.markBody.count,
                next: place.header.sequence, time: place.header.time, frontier: place.header.frontier)
        case .lines:
            return try endOfLines(segment, place)
        }
    }

    private mutating func endOfLines(_ segment: SegmentFile, _ place: SegmentFile.Place) throws(LogError)
        -> LogEnd?
    {
        var scan = MemberScan(place.header, findsBoundaries: true)
        var frontier = place.header.frontier
        var offset = place.bodyOffset
        var taken: [UInt8] = []
        while scan.state == .hungry {
            let bytes = try segment.bytes(at: offset, count: 64 * 1024)
            guard !bytes.isEmpty else { break }
            offset += Int64(bytes.withUnsafeBytes { scan.feed($0) })
            while let lines = scan.takeCommits(endingBy: acknowledgedEnd) {
                frontier.append(lines); taken += lines.bytes
            }
        }
        guard scan.takenByteCount > 0 else { return nil }
        let reason =
            switch scan.state {
            case .hungry: "the bytes end within a commit or before the member does"
            case .ended: "bytes after the last member"
            case .invalid(let what): what
            }
        let cut = scan.cut
        var closing: [UInt8] = []
        if !cut.isComplete {
            // Lines that are whole although the end of their block is not are written again.
            taken[cut.lineByteCount...].withUnsafeBytes {
                Deflater(level: compressionLevel).deflate($0, finish: true, into: &closing)
            }
        }
        closing.appendTrailer(crc: scan.takenCRC, byteCount: scan.takenByteCount)
        try close(segment, at: place.bodyOffset + Int64(cut.used), with: closing, reason, end: scan.next)
        return try logEnd(
            segment, place, size: place.header.byteCount + cut.used + closing.count, next: scan.next,
            time: scan.time, frontier: frontier)
    }

    /// An empty stored block, as a flush to a byte boundary writes it.
    private static let flush: [UInt8] = [0x00, 0x00, 0x00, 0xFF, 0xFF]

    /// Makes the segment end with `closing` at `offset`, when it does not already.
    private mutating func close(
        _ segment: SegmentFile, at offset: Int64, with closing: [UInt8], _ reason: String, end: SequenceNumber
    ) throws(LogError) {
        let size = try segment.size()
        if size == offset + Int64(closing.count),
            try segment.bytes(at: offset, count: closing.count) == closing
        {
            return
        }
        // The last commit's own flush may stand there: a block that holds nothing, which the closing makes needless.
        let tail = try segment.bytes(at: offset, count: Self.flush.count)
        let kept = tail == Self.flush ? Int64(tail.count) : 0
        let cut = max(0, size - offset - kept)
        if cut > 0 { try keepCopy(of: segment, from: offset, end: end, size: size) }
        do throws(FileFailure) {
            try segment.file.truncate(to: offset)
            try segment.file.write(closing, at: offset)
            try segment.file.sync()
        } catch {
            throw LogError(error)
        }
        note(segment, cut: cut, reason, end: end)
    }

    private mutating func note(_ segment: SegmentFile, cut: Int64, _ reason: String, end: SequenceNumber) {
        let keptCopy = report?.keptCopy
        report = LogRecovery(
            segment: segment.name, cutByteCount: (report?.cutByteCount ?? 0) + cut, reason: reason, end: end,
            keptCopy: keptCopy)
    }

    /// Keeps the bytes about to be cut when records in them were acknowledged.
    private mutating func keepCopy(
        of segment: SegmentFile, from offset: Int64, end: SequenceNumber, size: Int64
    )
        throws(LogError)
    {
        guard let publishedEnd, publishedEnd > end, size > offset else { return }
        let folder = archive.path + "/damaged"
        var path = folder + "/" + Archive.segmentName(segment.first) + ".from-\(offset)"
        // A recovery that was interrupted kept more, perhaps: what it cut is not there to be kept again.
        while archive.files.exists(path) { path += ".again" }
        let bytes = try segment.bytes(at: offset, count: Int(size - offset))
        do throws(FileFailure) {
            try archive.files.makeFolder(folder)
            try archive.files.syncFolder(archive.path)
            try archive.files.writeWhole(bytes, to: path, in: folder)
        } catch {
            throw LogError(error)
        }
        note(segment, cut: 0, "", end: end)
        report?.keptCopy = path
    }

    /// The end of the log after the member at `place`, `size` bytes long, which is closed now.
    private func logEnd(
        _ segment: SegmentFile, _ place: SegmentFile.Place, size: Int, next: SequenceNumber,
        time: CaptureTime,
        frontier: TreeFrontier
    ) throws(LogError) -> LogEnd {
        let bytes = try segment.bytes(at: place.offset, count: size)
        var end = LogEnd(segment: segment.first, next: next, time: time, frontier: frontier)
        end.offset = place.offset + Int64(size)
        end.isMarked = place.header.kind != .lines
        end.previousSize = UInt32(size)
        end.previousCRC = Checksum.crc32(bytes)
        var places = [place]
        while let last = places.last, let before = try segment.header(before: last) { places.append(before) }
        end.directory = places.reversed().filter { $0.header.kind == .lines }.map {
            MemberEntry(
                offset: UInt32($0.offset),
                recordsBefore: UInt32($0.header.sequence.distance(from: segment.first)),
                time: $0.header.time)
        }
        return end
    }
}
