// SPDX-License-Identifier: Apache-2.0

/// The last of the three steps of a commit: puts its bytes on stable storage.
struct WriteTarget {
    private let archive: Archive
    private var lock: WriterLock?
    private var segment: SegmentFile?
    /// Up to where the disk keeps room for the file; 0 when that is not known.
    private var reservedEnd: Int64 = 0
    private let reservedByteCount: Int64

    init(_ archive: Archive, lock: WriterLock, options: LogOptions) {
        self.archive = archive
        self.lock = lock
        reservedByteCount = Int64(options.reservedByteCount)
    }

    /// Puts a commit on stable storage.
    mutating func write(_ image: CommitImage) throws(FileFailure) {
        let file = try file(for: image)
        let end = image.offset + Int64(image.bytes.count)
        if image.endsInMark {
            try file.write(image.bytes, at: image.offset)
            // Gives back what was reserved and is not needed any more.
            try file.truncate(to: end)
            reservedEnd = 0
        } else {
            if end > reservedEnd { reserve(in: file, at: image.offset, for: end) }
            try file.write(image.bytes, at: image.offset)
        }
        try file.sync()
        // The folder too: until it is synced, a new file's name is not durable.
        if image.offset == 0 { try archive.files.syncFolder(archive.logPath) }
        try lock?.publish(image.durable)
    }

    private mutating func reserve(in file: any OpenFile, at start: Int64, for end: Int64) {
        reservedEnd = end + reservedByteCount
        file.reserve(start..<reservedEnd)
    }

    private mutating func file(for image: CommitImage) throws(FileFailure) -> any OpenFile {
        if let segment, segment.first == image.segment { return segment.file }
        let file = try archive.files.open(
            archive.segmentPath(image.segment), image.offset == 0 ? .create(isPrivate: false) : .update)
        segment = SegmentFile(file: file, first: image.segment)
        reservedEnd = 0
        return file
    }

    /// Closes the file, so that the next write opens it anew.
    mutating func forget() { segment = nil }

    /// Closes the file and gives up the lock.
    mutating func release() {
        segment = nil
        lock = nil
    }
}
