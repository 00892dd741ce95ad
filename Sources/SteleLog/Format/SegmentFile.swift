// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A segment's file, seen as members.
struct SegmentFile: Sendable {
    let file: any OpenFile
    /// First sequence, which is also the file's name.
    let first: SequenceNumber

    /// A header and where it stands.
    struct Place: Hashable, Sendable {
        var offset: Int64
        var header: MemberHeader

        /// Where the member's deflate stream begins.
        var bodyOffset: Int64 { offset + Int64(header.byteCount) }
    }

    init(file: any OpenFile, first: SequenceNumber) {
        self.file = file
        self.first = first
    }

    init(_ archive: Archive, _ first: SequenceNumber, _ mode: FileMode = .read) throws(LogError) {
        self.first = first
        do throws(FileFailure) { file = try archive.files.open(archive.segmentPath(first), mode) } catch {
            throw LogError(error)
        }
    }

    /// Path within the archive, as errors name it.
    var name: String { "log/" + Archive.segmentName(first) }

    func size() throws(LogError) -> Int64 {
        do throws(FileFailure) { return try file.size() } catch { throw LogError(error) }
    }

    func bytes(at offset: Int64, count: Int) throws(LogError) -> [UInt8] {
        do throws(FileFailure) { return try file.bytes(at: offset, count: count) } catch {
            throw LogError(error)
        }
    }

    /// The header that begins at `offset`; nil when none does, or only part of one.
    func header(at offset: Int64) throws(LogError) -> Place? {
        guard offset >= 0 else { return nil }
        // Most headers fit in a kilobyte; only an end mark's directory is longer.
        return try header(at: offset, among: try bytes(at: offset, count: 1024), from: offset)
    }

    /// The header that begins at `offset`, from bytes that are in memory as far as they reach.
    ///
    /// - Parameters:
    ///   - offset: Among `bytes`.
    ///   - bytes: Bytes of the segment.
    ///   - start: Where they begin in it.
    /// - Returns: Nil when no header begins there, or only part of one.
    /// - Throws: ``LogError`` with `.laterVersion`, or when the file cannot be read.
    func header(at offset: Int64, among bytes: [UInt8], from start: Int64) throws(LogError) -> Place? {
        switch bytes.withUnsafeBytes({
            Self.decode(UnsafeRawBufferPointer(rebasing: $0[Int(offset - start)...]))
        })
        {
        case .success(let header): return Place(offset: offset, header: header)
        case .failure(.short):
            let whole = try self.bytes(at: offset, count: MemberHeader.maximumByteCount)
            switch whole.withUnsafeBytes(Self.decode) {
            case .success(let header): return Place(offset: offset, header: header)
            case .failure(.short), .failure(.invalid): return nil
            case .failure(.laterVersion): throw laterVersion(offset)
            }
        case .failure(.invalid): return nil
        case .failure(.laterVersion): throw laterVersion(offset)
        }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> Result<MemberHeader, MemberHeader.Refusal>
    {
        Result { () throws(MemberHeader.Refusal) in try MemberHeader(bytes) }
    }

    private func laterVersion(_ offset: Int64) -> LogError {
        LogError(
            .laterVersion, file: name, what: "the member at byte \(offset) was written by a later Stele",
            remedy: "Use the Stele that wrote it, or a later one.")
    }

    /// The mark that the bytes before `end` end with; nil when they end otherwise.
    ///
    /// Takes one read: a mark's last bytes say where it begins.
    func mark(endingAt end: Int64) throws(LogError) -> Place? {
        let start = max(0, end - Int64(Self.tailByteCount))
        return try mark(endingAt: end, among: try bytes(at: start, count: Int(end - start)), from: start)
    }

    private func mark(endingAt end: Int64, among bytes: [UInt8], from start: Int64) throws(LogError) -> Place?
    {
        let body = MemberHeader.markBody
        guard bytes.suffix(body.count) == body[...],
            let size = bytes.dropLast(body.count).withUnsafeBytes(MemberHeader.byteCount(suffix:)),
            size + body.count <= bytes.count
        else { return nil }
        let offset = end - Int64(size + body.count)
        guard let place = try header(at: offset, among: bytes, from: start), place.header.byteCount == size,
            place.header.kind != .lines
        else { return nil }
        return place
    }

    /// The longest mark there can be.
    private static let tailByteCount = MemberHeader.maximumByteCount + MemberHeader.markBody.count

    /// The last header that begins before `end`.
    ///
    /// Each place where a header may begin is tried, from the back: a header proves itself by its check sum.
    func lastHeader(before end: Int64) throws(LogError) -> Place? {
        var upper = end
        while upper > 0 {
            let isTail = upper == end
            let lower = max(0, upper - Int64(isTail ? Self.tailByteCount : Self.windowByteCount))
            let window = try bytes(at: lower, count: Int(upper - lower))
            if isTail, let mark = try mark(endingAt: end, among: window, from: lower) { return mark }
            for start in Self.magicPlaces(window).reversed() {
                if let place = try header(at: lower + Int64(start), among: window, from: lower) {
                    return place
                }
            }
            // The last bytes may be the first ones of a magic number: they are looked at again.
            upper = lower == 0 ? 0 : lower + Int64(MemberHeader.magic.count - 1)
        }
        return nil
    }

    /// The first header that begins at or after `offset`.
    func firstHeader(from offset: Int64) throws(LogError) -> Place? {
        var lower = offset
        while true {
            let window = try bytes(at: lower, count: Self.windowByteCount)
            for start in Self.magicPlaces(window) {
                if let place = try header(at: lower + Int64(start), among: window, from: lower) {
                    return place
                }
            }
            guard window.count == Self.windowByteCount else { return nil }
            // A magic number may reach over the window's end.
            lower += Int64(window.count - MemberHeader.magic.count + 1)
        }
    }

    /// All headers that begin among `bytes`, which begin at `start`, in order.
    func headers(among bytes: [UInt8], from start: Int64) throws(LogError) -> [Place] {
        var places: [Place] = []
        for place in Self.magicPlaces(bytes) {
            if let place = try header(at: start + Int64(place), among: bytes, from: start) {
                places.append(place)
            }
        }
        return places
    }

    private static let windowByteCount = 256 * 1024

    private static func magicPlaces(_ bytes: [UInt8]) -> [Int] {
        let magic = MemberHeader.magic
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return [] }
            var places: [Int] = []
            var start = 0
            while start + magic.count <= bytes.count,
                let found = memchr(base + start, Int32(magic[0]), bytes.count - start - magic.count + 1)
            {
                start = UnsafeRawPointer(found) - base
                if memcmp(found, magic, magic.count) == 0 { places.append(start) }
                start += 1
            }
            return places
        }
    }

    /// The member before `place`, which its header leads to; nil at the segment's start or where the chain breaks.
    func header(before place: Place) throws(LogError) -> Place? {
        guard place.header.previousSize > 0 else { return nil }
        let offset = place.offset - Int64(place.header.previousSize)
        guard let previous = try header(at: offset), previous.header.sequence <= place.header.sequence else {
            return nil
        }
        return previous
    }
}
