// SPDX-License-Identifier: Apache-2.0

/// Takes a log back to its last whole commit and closes what was left open.
///
/// Torn and damaged are kept apart: a torn tail holds only records that nobody was told are safe, and is cut. What one
/// torn write does not leave behind is kept beside the log before it is cut. Where the `lock` file says that records
/// were acknowledged, and their bytes are there and do not hold them any more, nothing is written: a second copy may
/// have them.
struct Recovery {
    let archive: Archive
    /// Records from here on were never acknowledged and are cut even where whole; nil keeps every whole commit.
    let acknowledgedEnd: SequenceNumber?
    /// Where the last writer said that the log is durable.
    let published: DurableEnd?

    private let compressionLevel: Int

    private(set) var report: LogRecovery?

    init(
        _ archive: Archive, options: LogOptions, acknowledgedEnd: SequenceNumber? = nil,
        published: DurableEnd? = nil
    ) {
        self.archive = archive
        compressionLevel = options.compressionLevel
        self.acknowledgedEnd = acknowledgedEnd
        self.published = published
    }

    /// Finds the end of the log, after cutting and closing there.
    ///
    /// - Throws: ``LogError`` with `.damaged` where writing on would write over what may be mended; every byte is as
    ///   it was then.
    mutating func run() throws(LogError) -> LogEnd {
        var segments = try archive.segments()
        while let first = segments.popLast() {
            let segment = try SegmentFile(archive, first, .update)
            // What a failed sync left in memory may not be on the disk: read from there.
            segment.file.dropCache()
            let search = TailSearch(
                segment: segment, before: try segments.last.flatMap(stateBehind), published: published,
                acknowledgedEnd: acknowledgedEnd, compressionLevel: compressionLevel)
            let tail = try search.run()
            try refuseLoss(from: tail, in: segment)
            if let tail {
                let end = try close(segment, tail)
                try settle(segment)
                noteLoss(end.next)
                return end
            }
            guard !(segments.isEmpty && first != .zero) else {
                throw .unrecoverable(segment.name, at: .zero, "the log's first segment is missing")
            }
            try remove(segment)
        }
        try settle(nil)
        noteLoss(.zero)
        return .start
    }

    /// Where the log stands behind a segment, as its end mark states it; nil where it has none.
    private func stateBehind(_ first: SequenceNumber) throws(LogError) -> LogState? {
        let segment = try SegmentFile(archive, first)
        guard let mark = try segment.mark(endingAt: try segment.size()), mark.header.kind == .end else {
            return nil
        }
        return LogState(before: mark.header)
    }

    /// Stops before anything is cut, where acknowledged records are missing though their bytes are there.
    private func refuseLoss(from tail: LogTail?, in segment: SegmentFile) throws(LogError) {
        let end = tail?.next ?? segment.first
        if let acknowledgedEnd, end < acknowledgedEnd {
            throw .unrecoverable(
                segment.name, at: end, "acknowledged records cannot be read back, up to \(acknowledgedEnd)")
        }
        guard let published, published.sequence > end else { return }
        let isThere: Bool
        if published.offset > 0 {
            let size = try segment.size()
            isThere = published.segment == segment.first && published.offset <= size
        } else if let tail {
            isThere = try !cutBytes(of: segment, behind: tail).isTorn
        } else {
            isThere = false
        }
        guard isThere else { return }
        let reason = tail?.reason ?? "no record of the segment is whole"
        throw .unrecoverable(
            segment.name, at: end,
            "acknowledged records, up to \(published.sequence), cannot be read, though their bytes are there: \(reason)",
            remedy:
                "Run 'stele verify --repair-from COPY'. If there is no copy, remove the file 'lock': what cannot be read is then moved to 'damaged', and recording goes on without it."
        )
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
        guard let published, published.sequence > end else { return }
        var report =
            report
            ?? LogRecovery(segment: archive.logPath, reason: "the end of the log is missing", end: end)
        report.lostRecords = published.sequence.distance(from: end)
        self.report = report
    }

    // MARK: - Cutting

    /// Makes the segment end as `tail` says, when it does not already.
    private mutating func close(_ segment: SegmentFile, _ tail: LogTail) throws(LogError) -> LogEnd {
        let end = try LogEnd(behind: tail, of: segment)
        let isClosed = try tail.isClosed(in: segment)
        let size = try segment.size()
        guard !isClosed || size > tail.closedEnd else { return end }
        let cut = try cutBytes(of: segment, behind: tail)
        if !cut.isTorn || isLost(from: tail.next) { try keep(cut, of: segment, end: tail.next) }
        do throws(FileFailure) {
            try segment.file.truncate(to: isClosed ? tail.closedEnd : tail.offset)
            if !isClosed { try segment.file.write(tail.closing, at: tail.offset) }
            try segment.file.sync()
        } catch {
            throw LogError(error)
        }
        note(segment, cut: Int64(cut.bytes.count), tail.reason, end: tail.next)
        return end
    }

    /// An empty stored block, as a flush to a byte boundary writes it.
    private static let flush: [UInt8] = [0x00, 0x00, 0x00, 0xFF, 0xFF]

    /// What stands behind the log's end in a segment.
    private func cutBytes(of segment: SegmentFile, behind tail: LogTail) throws(LogError) -> CutBytes {
        let isClosed = try tail.isClosed(in: segment)
        var offset = isClosed ? tail.closedEnd : tail.offset
        // The last commit's own flush may stand there: a block that holds nothing, which the closing makes needless.
        if !isClosed, try segment.bytes(at: offset, count: Self.flush.count) == Self.flush {
            offset += Int64(Self.flush.count)
        }
        let bytes = try segment.bytes(at: offset, count: Int(max(0, try segment.size() - offset)))
        return CutBytes(
            offset: offset, bytes: bytes, headers: try segment.headers(among: bytes, from: offset),
            joint: isClosed ? MemberRoutes.Joint(behind: try LogEnd(behind: tail, of: segment)) : nil)
    }

    /// Removes a segment of which no record stands.
    private mutating func remove(_ segment: SegmentFile) throws(LogError) {
        let size = try segment.size()
        if size > 0 {
            let bytes = try segment.bytes(at: 0, count: Int(size))
            let cut = CutBytes(
                offset: 0, bytes: bytes, headers: try segment.headers(among: bytes, from: 0), joint: nil)
            if !cut.isTorn || isLost(from: segment.first) { try keep(cut, of: segment, end: segment.first) }
            note(segment, cut: size, "no record of the segment is whole", end: segment.first)
        }
        do throws(FileFailure) {
            try archive.files.remove(archive.segmentPath(segment.first))
            try archive.files.syncFolder(archive.logPath)
        } catch {
            throw LogError(error)
        }
    }

    private mutating func note(_ segment: SegmentFile, cut: Int64, _ reason: String, end: SequenceNumber) {
        let keptCopy = report?.keptCopy
        report = LogRecovery(
            segment: segment.name, cutByteCount: (report?.cutByteCount ?? 0) + cut, reason: reason, end: end,
            keptCopy: keptCopy)
    }

    /// Whether records from `end` on were acknowledged.
    private func isLost(from end: SequenceNumber) -> Bool { published.map { $0.sequence > end } ?? false }

    /// Keeps bytes that are about to be cut.
    private mutating func keep(_ cut: CutBytes, of segment: SegmentFile, end: SequenceNumber) throws(LogError)
    {
        guard !cut.bytes.isEmpty else { return }
        let folder = archive.path + "/damaged"
        var path = folder + "/" + Archive.segmentName(segment.first) + ".from-\(cut.offset)"
        // A recovery that was interrupted kept more, perhaps: what it cut is not there to be kept again.
        while archive.files.exists(path) { path += ".again" }
        do throws(FileFailure) {
            try archive.files.makeFolder(folder)
            try archive.files.syncFolder(archive.path)
            try archive.files.writeWhole(cut.bytes, to: path, in: folder)
        } catch {
            throw LogError(error)
        }
        note(segment, cut: 0, "", end: end)
        report?.keptCopy = path
    }
}

extension LogError {
    /// The error for a log that is not written on, so that what may be mended is not written over.
    static func unrecoverable(
        _ file: String, at sequence: SequenceNumber, _ what: String,
        remedy: String = "Run 'stele verify --repair-from COPY', or restore the file from a copy."
    ) -> LogError {
        LogError(.damaged, file: file, sequence: sequence, what: what, remedy: remedy)
    }
}
