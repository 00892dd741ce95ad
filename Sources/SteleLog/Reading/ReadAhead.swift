// SPDX-License-Identifier: Apache-2.0

/// Bytes of a segment from where a cursor stands, read in few and large pieces.
struct ReadAhead {
    private var bytes: [UInt8] = []
    private var start: Int64 = 0

    /// Read at a time, unless the caller knows better: some default members.
    static let usualByteCount: Int64 = 256 * 1024
    /// Read of one member at once, at most.
    static let largestByteCount: Int64 = 1024 * 1024

    /// Where the bytes in memory end.
    private var end: Int64 { start + Int64(bytes.count) }

    /// Reads the bytes of a range, fewer where the file ends.
    mutating func load(_ segment: SegmentFile, _ range: Range<Int64>) throws(LogError) {
        bytes = try segment.bytes(at: range.lowerBound, count: range.count)
        start = range.lowerBound
    }

    /// The bytes in memory from `offset` on, none where it is not among them.
    func bytes(from offset: Int64) -> ArraySlice<UInt8> {
        offset >= start && offset < end ? bytes[Int(offset - start)...] : []
    }

    /// The header that begins at `offset`, from memory as far as that reaches.
    ///
    /// - Parameters:
    ///   - offset: Where one should begin.
    ///   - segment: The segment the bytes are of.
    ///   - limit: Where the bytes that may be read ahead end.
    /// - Returns: Nil when none begins there.
    /// - Throws: ``LogError`` when the file cannot be read.
    mutating func header(at offset: Int64, in segment: SegmentFile, before limit: Int64) throws(LogError)
        -> SegmentFile.Place?
    {
        if bytes(from: offset).count < min(Int64(MemberHeader.longestOfLines), limit - offset) {
            try load(segment, offset..<max(offset, min(limit, offset + Self.usualByteCount)))
        }
        guard offset >= start, offset < end else { return nil }
        return try segment.header(at: offset, among: bytes, from: start)
    }
}
