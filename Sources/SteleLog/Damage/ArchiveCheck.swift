// SPDX-License-Identifier: Apache-2.0

/// Checks what lies round the log's records: the names in `log/`, the file `lock`, and `stele.json`.
///
/// ``LogVerifier`` checks the records. What stands here is no part of them, but hides or feigns records: a file that
/// `zcat log/*.jsonl.gz` reads and Stele does not, or a `lock` that no longer says where the log ends.
package struct ArchiveCheck: Sendable {
    private let archive: Archive

    package init(_ archive: Archive) { self.archive = archive }

    /// Everything wrong.
    ///
    /// - Throws: ``LogError`` when a file is there and cannot be read.
    package func run() throws(LogError) -> [ArchiveProblem] {
        let problems: [ArchiveProblem]
        let segments: [SequenceNumber]
        do throws(FileFailure) {
            // The names first: what a writer begins after them is then no stranger.
            let names = try names()
            problems = try description() + lock(hasSegments: names?.isEmpty == false) + strangers(names)
            segments = names?.compactMap { Archive.segment(named: $0) } ?? []
        } catch {
            throw LogError(error)
        }
        return problems + (try pastTheEnd(segments))
    }

    /// Segments that stand behind the one a living writer writes, which readers leave alone.
    private func pastTheEnd(_ segments: [SequenceNumber]) throws(LogError) -> [ArchiveProblem] {
        // Looked at after the names were: the writer was no further on then.
        guard case .durable(let end) = try WriterLock.look(archive) else { return [] }
        var problems: [ArchiveProblem] = []
        for first in segments where first > end.segment {
            let segment = try SegmentFile(archive, first)
            // The one it begins next may be there already, and nothing of it promised.
            let isBegun = try segment.isInPlace(among: [first])
            if first == end.sequence, isBegun { continue }
            problems.append(
                ArchiveProblem(
                    file: segment.name, sequence: end.sequence.rawValue,
                    what:
                        "the segment stands behind the end of the log, which its writer says is at record \(end.sequence)",
                    stands: "All records before it stand.",
                    remedy:
                        "Move it out of log/: 'stele verify --repair-from COPY' does, once the writer has stopped."
                ))
        }
        return problems
    }

    /// Names in `log/` that a reader of `*.jsonl.gz` takes up; nil when the folder is missing.
    private func names() throws(FileFailure) -> [String]? {
        do throws(FileFailure) {
            return try archive.files.names(in: archive.logPath)
                .filter { $0.hasSuffix(Archive.segmentSuffix) && !$0.hasPrefix(".") }.sorted()
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Files in `log/` that stock tools take for segments, and that are none.
    func strangers() throws(LogError) -> [ArchiveProblem] {
        do throws(FileFailure) { return strangers(try names() ?? []) } catch { throw LogError(error) }
    }

    func isLockWhole() throws(LogError) -> Bool {
        do throws(FileFailure) { return try lock(hasSegments: true).isEmpty } catch { throw LogError(error) }
    }

    func isDescriptionWhole() throws(LogError) -> Bool {
        do throws(FileFailure) { return try description().isEmpty } catch { throw LogError(error) }
    }

    // MARK: - stele.json

    private func description() throws(FileFailure) -> [ArchiveProblem] {
        guard let bytes = try contents(of: archive.descriptionPath) else {
            return [description("the file is missing")]
        }
        return DescriptionSum.holds(bytes) ? [] : [description("the file was changed: its sum does not hold")]
    }

    private func description(_ what: String) -> ArchiveProblem {
        ArchiveProblem(
            file: Archive.descriptionName, what: what, stands: "No record depends on it.",
            remedy: "Restore it from a copy: 'stele verify --repair-from COPY' does.")
    }

    // MARK: - lock

    private func lock(hasSegments: Bool) throws(FileFailure) -> [ArchiveProblem] {
        let remedy =
            "Compare the number of records with a checkpoint kept elsewhere, or with a copy; the next writer makes the file anew."
        guard var bytes = try contents(of: archive.lockPath, LocalFileSystem()) else {
            guard hasSegments else { return [] }
            return [
                lock(
                    "the file is missing, so that nothing here tells whether records were cut from the log's end",
                    remedy)
            ]
        }
        // A writer may be writing the line just now: what is read twice alike is no moment's state.
        for _ in 0..<100 {
            let again = try contents(of: archive.lockPath, LocalFileSystem()) ?? []
            if again == bytes { break }
            bytes = again
        }
        let line = Array(bytes.prefix(WriterLock.lineByteCount))
        let holder = Array(bytes.dropFirst(WriterLock.lineByteCount))
        var problems: [ArchiveProblem] = []
        if WriterLock.durableEnd(line) == nil, !(line.allSatisfy { $0 == 0 } && !hasSegments) {
            problems.append(
                lock(
                    "the line that says where the log ends was changed, so that nothing tells whether records were cut there",
                    remedy))
        }
        if !WriterLock.isHolderLine(holder) {
            problems.append(
                lock("the line that names the last writer was changed", "The next writer writes it anew."))
        }
        return problems
    }

    private func lock(_ what: String, _ remedy: String) -> ArchiveProblem {
        ArchiveProblem(file: "lock", what: what, stands: "It is no part of the record.", remedy: remedy)
    }

    // MARK: - Names

    private func strangers(_ names: [String]?) -> [ArchiveProblem] {
        guard let names else {
            return [
                ArchiveProblem(
                    file: "log", what: "the folder with the records is missing",
                    remedy: ArchiveProblem.logRemedy)
            ]
        }
        return names.filter { Archive.segment(named: $0) == nil }.map { name in
            ArchiveProblem(
                file: "log/" + name,
                what: "this is no segment's name, and 'zcat log/*.jsonl.gz' reads the file all the same",
                stands: "No record of the log is in it.",
                remedy: "Move it out of log/: 'stele verify --repair-from COPY' does.")
        }
    }

    /// Nil when the file is missing; `disk` where a file is not on the archive's own.
    private func contents(of path: String, _ disk: (any FileSystem)? = nil) throws(FileFailure) -> [UInt8]? {
        do throws(FileFailure) {
            return try (disk ?? archive.files).contents(of: path)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }
}
