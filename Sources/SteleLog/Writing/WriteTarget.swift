// SPDX-License-Identifier: Apache-2.0

/// The last of the three steps of a commit: puts its bytes on stable storage.
struct WriteTarget {
    private let archive: Archive
    private var lock: WriterLock?
    private var segment: SegmentFile?
    private var end: Int64 = 0
    private var reservedEnd: Int64 = 0

    /// Disk blocks are asked for this many bytes at a time, so that a sync need not record a new size map.
    private static let reservation: Int64 = 4 * 1024 * 1024

    init(_ archive: Archive, lock: WriterLock) {
        self.archive = archive
        self.lock = lock
    }

    /// Puts a commit on stable storage.
    mutating func write(_ image: CommitImage) throws(FileFailure) {
        let file = try file(for: image)
        end = image.offset + Int64(image.bytes.count)
        if end > reservedEnd {
            file.reserve(from: image.offset, byteCount: end - image.offset + Self.reservation)
            reservedEnd = end + Self.reservation
        }
        try file.write(image.bytes, at: image.offset)
        try file.sync()
        // The folder too: until it is synced, a new file's name is not durable.
        if image.offset == 0 { try archive.files.syncFolder(archive.logPath) }
        try lock?.publish(
            DurableEnd(sequence: image.end, segment: image.segment, offset: end, memberCRC: image.memberCRC))
        if image.sealsSegment { trim() }
    }

    private mutating func file(for image: CommitImage) throws(FileFailure) -> any OpenFile {
        if let segment, segment.first == image.segment { return segment.file }
        let file = try archive.files.open(
            archive.segmentPath(image.segment), image.offset == 0 ? .create(isPrivate: false) : .update)
        segment = SegmentFile(file: file, first: image.segment)
        reservedEnd = 0
        return file
    }

    /// Gives back the disk blocks asked for and not used.
    func trim() {
        // Only room is lost when it fails; the bytes are synced.
        try? segment?.file.truncate(to: end)
    }

    /// Closes the file, so that the next write opens it anew.
    mutating func forget() { segment = nil }

    /// Closes the file and gives up the lock.
    mutating func release() {
        segment = nil
        lock = nil
    }
}
