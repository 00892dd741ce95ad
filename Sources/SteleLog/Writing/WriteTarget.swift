// SPDX-License-Identifier: Apache-2.0

/// The last of the three steps of a commit: puts its bytes on stable storage.
struct WriteTarget {
    private let archive: Archive
    private var lock: WriterLock?
    private var segment: SegmentFile?
    /// Up to where the file is filled ahead; 0 when that is not known.
    private var filledEnd: Int64 = 0

    /// Whole units of filler, written ahead at a time.
    private let room: [UInt8]

    init(_ archive: Archive, lock: WriterLock, options: LogOptions) {
        self.archive = archive
        self.lock = lock
        room = Filler.units(count: options.roomByteCount)
    }

    /// Puts a commit on stable storage.
    mutating func write(_ image: CommitImage) throws(FileFailure) {
        let file = try file(for: image)
        let end = image.offset + Int64(image.bytes.count)
        if image.endsInMark {
            try file.write(image.bytes, at: image.offset)
            try file.truncate(to: end)
            filledEnd = end
        } else {
            try file.write(image.bytes + Filler.pad(at: end), at: image.offset)
            if end > filledEnd { makeRoom(in: file, after: end) }
        }
        try file.sync()
        // The folder too: until it is synced, a new file's name is not durable.
        if image.offset == 0 { try archive.files.syncFolder(archive.logPath) }
        try lock?.publish(
            DurableEnd(sequence: image.end, segment: image.segment, offset: end, memberCRC: image.memberCRC))
    }

    /// Fills the file ahead, after the commit itself, which needs the last room on a full disk more.
    private mutating func makeRoom(in file: any OpenFile, after end: Int64) {
        let start = end + Int64(Filler.pad(at: end).count)
        filledEnd = start + Int64(room.count)
        // Only speed is lost when it fails, and the sync that follows speaks for the commit.
        try? file.write(room, at: start)
    }

    private mutating func file(for image: CommitImage) throws(FileFailure) -> any OpenFile {
        if let segment, segment.first == image.segment { return segment.file }
        let file = try archive.files.open(
            archive.segmentPath(image.segment), image.offset == 0 ? .create(isPrivate: false) : .update)
        segment = SegmentFile(file: file, first: image.segment)
        filledEnd = 0
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
