// SPDX-License-Identifier: Apache-2.0

/// Lays a sealed segment out anew, so that it takes less room: the same lines, compressed with more effort and
/// without a flush after each commit.
///
/// Lines, numbers, times and leaves stay; members are cut anew, each of full size. The new file is written beside the
/// old one, read back from the disk, checked against the tree that the old one's marks state, and only then put in
/// its place. A crash leaves one or the other, and perhaps a `.partial` file that the next writer removes.
struct SealedRewrite {
    private let archive: Archive
    private let options: LogOptions
    private let level: Int

    /// Makes a rewriting at a level of zlib's, 1…9.
    init(_ archive: Archive, options: LogOptions, level: Int) {
        self.archive = archive
        self.level = level
        var options = options
        // It ends where the old one ends.
        options.segmentByteCount = .max
        options.memberLimit = .max
        self.options = options
    }

    /// What became of one segment.
    enum Outcome: Hashable {
        case rewritten
        /// It is not sealed, was rewritten before, or would not become smaller or have too many members.
        case left
        /// It is damaged: to rewrite it would hide what is wrong.
        case damaged(String)
        case stopped
    }

    static let suffix = ".partial"

    /// Rewrites the segment that begins with the record `first`.
    ///
    /// - Parameters:
    ///   - first: Its name; not the active segment's.
    ///   - isStopping: Asked between members; true leaves everything as it was.
    /// - Returns: What became of it.
    /// - Throws: ``LogError`` when a file cannot be read or written; the old segment stands then.
    func run(_ first: SequenceNumber, isStopping: () -> Bool) throws(LogError) -> Outcome {
        let segment = try SegmentFile(archive, first)
        let size = try segment.size()
        guard let start = try segment.header(at: 0)?.header, start.effort != .best,
            let end = try segment.lastHeader(before: size)?.header, end.kind == .end
        else { return .left }
        let path = archive.segmentPath(first) + Self.suffix
        let file: any OpenFile
        do throws(FileFailure) { file = try archive.files.open(path, .create(isPrivate: false)) } catch {
            throw LogError(error)
        }
        // Not there any more when it was put in place; else only room is lost.
        defer { try? archive.files.remove(path) }
        let outcome = try write(from: start, to: end, into: file, isStopping)
        guard outcome == .rewritten else { return outcome }
        let rewritten = SegmentFile(file: file, first: first)
        guard try rewritten.size() < size else { return .left }
        do throws(FileFailure) {
            try file.sync()
            // From the disk, not from what was just written.
            file.dropCache()
        } catch {
            throw LogError(error)
        }
        let check = SegmentCheck(
            segment: rewritten, byteCount: try rewritten.size(), following: end.sequence, published: nil,
            options: ReadingOptions())
        let found = try check.run(from: LogState(before: start))
        guard found.problems.isEmpty, found.end == LogState(before: end) else {
            return .damaged("what was written anew did not read back")
        }
        do throws(FileFailure) {
            try archive.files.rename(path, to: archive.segmentPath(first))
            try archive.files.syncFolder(archive.logPath)
        } catch {
            throw LogError(error)
        }
        return .rewritten
    }

    private func write(
        from start: MemberHeader, to end: MemberHeader, into file: any OpenFile, _ isStopping: () -> Bool
    ) throws(LogError) -> Outcome {
        var before = LogEnd(segment: start.sequence, next: start.sequence)
        before.frontier = start.frontier
        var segments = SegmentComposer(
            after: before, options: options, deflater: Deflater(level: level), effort: .best)
        var commit = ComposedCommit()
        commit.frontier = start.frontier
        var image = CommitImage()
        var cursor = LogCursor(archive, next: start.sequence)
        while cursor.nextSequence < end.sequence {
            guard !isStopping() else { return .stopped }
            guard case .lines(let lines)? = try cursor.next() else {
                return .damaged("a record from \(cursor.nextSequence) on cannot be read")
            }
            guard let time = CommitScan.time(ofLine: lines[0]),
                let last = CommitScan.time(ofLine: lines[lines.count - 1])
            else { return .damaged("record \(lines.first) has no capture time") }
            commit.take(lines, from: time, to: last)
            segments.compose(commit, into: &image)
            // Sealed before its end: there are more members than an end mark lists.
            guard !image.sealsSegment else { return .left }
            try put(image, in: file)
        }
        guard commit.frontier == end.frontier else {
            return .damaged("the records do not lead to the tree that the end mark states")
        }
        try put(segments.seal(), in: file)
        return .rewritten
    }

    private func put(_ image: CommitImage, in file: any OpenFile) throws(LogError) {
        do throws(FileFailure) { try file.write(image.bytes, at: image.offset) } catch {
            throw LogError(error)
        }
    }
}
