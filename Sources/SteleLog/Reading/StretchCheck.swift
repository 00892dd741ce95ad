// SPDX-License-Identifier: Apache-2.0

/// A member with lines and the marks after it: what one thread checks at a time.
struct Stretch: Sendable {
    let segment: SegmentFile
    /// From the member's header up to that of the next member with lines, or to the segment's end.
    let range: Range<Int64>
    /// What the end mark says of the member; nil where there is no end mark.
    let entry: MemberEntry?
    /// Whether the segment's end mark is the end of it; otherwise the next member's header follows.
    let endsSegment: Bool
}

/// What a stretch has been proven to do: it takes the log from one state to another.
struct StretchProof: Sendable {
    let start: LogState
    let end: LogState
    /// Whether the member's header says that no member is before it in the segment.
    let beginsSegment: Bool

    var records: Int { end.next.distance(from: start.next) }
}

/// Proves stretches good, one after the other, on one thread.
///
/// Every byte is inflated, summed and hashed once, where it lies; nothing is allocated for a record. A stretch that
/// is not good, or larger than the buffers may grow, is not looked into: ``SegmentCheck`` does that, and names what it
/// finds.
final class StretchCheck {
    private let inflater = Inflater()
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
    private var scan = CommitScan()

    /// Bytes of one stretch, compressed and not: a default member has 256 KiB of lines and one commit more.
    private static let stretchLimit = 4 * 1024 * 1024
    private static let lineLimit = 8 * 1024 * 1024

    deinit { buffer.deallocate() }

    /// - Returns: Nil when the stretch is not proven to be good.
    func prove(_ stretch: Stretch) throws(LogError) -> StretchProof? {
        guard let bytes = try read(stretch), var header = Self.header(bytes), header.kind == .lines else {
            return nil
        }
        if let entry = stretch.entry,
            entry
                != MemberEntry(
                    SegmentFile.Place(offset: stretch.range.lowerBound, header: header), in: stretch.segment)
        {
            return nil
        }
        let start = LogState(before: header)
        let beginsSegment = header.previousSize == 0 && header.previousCRC == 0
        var state = start
        var place = 0
        while true {
            guard let size = size(of: header, UnsafeRawBufferPointer(rebasing: bytes[place...]), &state)
            else {
                return nil
            }
            let end = place + size
            if end == stretch.range.count, stretch.endsSegment {
                guard header.kind == .end else { return nil }
                return StretchProof(start: start, end: state, beginsSegment: beginsSegment)
            }
            // What follows the end mark, or passes the next member, is not looked at: it is not good.
            guard header.kind != .end, end <= stretch.range.count,
                let next = Self.header(UnsafeRawBufferPointer(rebasing: bytes[end...])),
                LogState(before: next) == state, next.previousSize == UInt32(clamping: size),
                next.previousCRC == Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
            else { return nil }
            if end == stretch.range.count {
                return StretchProof(start: start, end: state, beginsSegment: beginsSegment)
            }
            // One member with lines, and the marks behind it.
            guard next.kind != .lines, next.kind.mayFollow(header.kind) else { return nil }
            header = next
            place = end
        }
    }

    /// The stretch, and after it the header of the next member.
    ///
    /// - Returns: Nil when the file ends too soon, or the stretch is too large.
    private func read(_ stretch: Stretch) throws(LogError) -> UnsafeRawBufferPointer? {
        let count = stretch.range.count
        let wanted = stretch.endsSegment ? count : count + MemberHeader.longestOfLines
        guard count <= Self.stretchLimit else { return nil }
        if wanted > buffer.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: 2 * wanted, alignment: 16)
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        let filled: Int
        do throws(FileFailure) {
            filled = try stretch.segment.file.fill(target, at: stretch.range.lowerBound)
        } catch {
            throw LogError(error)
        }
        return filled < count ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<filled])
    }

    private static func header(_ bytes: UnsafeRawBufferPointer) -> MemberHeader? {
        // Why it is none is for the one to say who names it.
        try? MemberHeader(bytes)
    }

    /// The size of the member that `bytes` begin with, after which the log stands at `state`.
    ///
    /// - Returns: Nil when it is not good.
    private func size(of header: MemberHeader, _ bytes: UnsafeRawBufferPointer, _ state: inout LogState)
        -> Int?
    {
        let body = UnsafeRawBufferPointer(rebasing: bytes[header.byteCount...])
        guard header.kind == .lines else {
            return body.starts(with: MemberHeader.markBody)
                ? header.byteCount + MemberHeader.markBody.count : nil
        }
        guard let used = inflate(body), used + 8 <= body.count else { return nil }
        let lines = inflater.bytes
        guard let crc = checkLines(lines, &state), crc == body.integer(at: used, as: UInt32.self),
            UInt32(truncatingIfNeeded: lines.count) == body.integer(at: used + 4, as: UInt32.self)
        else { return nil }
        return header.byteCount + used + 8
    }

    /// Inflates a whole deflate stream into the inflater's window.
    ///
    /// - Returns: Its size; nil when it is not whole, or larger than it may be.
    private func inflate(_ bytes: UnsafeRawBufferPointer) -> Int? {
        inflater.reset()
        var rest = bytes
        while true {
            let room = Self.lineLimit - inflater.bytes.count
            guard room > 0 else { return nil }
            switch inflater.inflate(&rest, atMost: room) {
            case .ended: return bytes.count - rest.count
            case .paused: continue
            case .hungry, .invalid: return nil
            }
        }
    }

    /// Checks the lines of a whole member and takes `state` past them.
    ///
    /// - Returns: Their CRC-32; nil when they are not whole commits in their places.
    private func checkLines(_ lines: UnsafeMutableRawBufferPointer, _ state: inout LogState) -> UInt32? {
        var crc: UInt32 = 0
        var rest = lines
        while let start = rest.baseAddress, rest.count > 0 {
            scan.begin()
            guard scan.read(UnsafeRawBufferPointer(rest), expecting: state.next) == .whole else { return nil }
            crc = Checksum.combined(crc, scan.crc, secondByteCount: scan.byteCount)
            state.frontier.append(linesInPlace: start, ends: scan.ends)
            state.next = state.next.advanced(by: scan.ends.count)
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[scan.byteCount...])
        }
        return crc
    }
}
