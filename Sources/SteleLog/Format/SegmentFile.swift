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
        var start = try bytes(at: offset, count: 1024)
        // What is no header at all is refused below. A read that fails must not look like one: recovery would cut
        // there.
        if let size = try? MemberHeader.byteCount(prefix: start), size > start.count {
            start = try bytes(at: offset, count: size)
        }
        do throws(MemberHeader.Refusal) {
            return Place(offset: offset, header: try MemberHeader(start))
        } catch {
            switch error {
            case .short, .invalid: return nil
            case .laterVersion:
                throw LogError(
                    .laterVersion, file: name,
                    what: "the member at byte \(offset) was written by a later Stele",
                    remedy: "Use the Stele that wrote it, or a later one.")
            }
        }
    }

    /// The last header that begins before `end`.
    ///
    /// Each place where a header may begin is tried, from the back: a header proves itself by its check sum.
    func lastHeader(before end: Int64) throws(LogError) -> Place? {
        let window: Int64 = 256 * 1024
        var upper = end
        while upper > 0 {
            let lower = max(0, upper - window)
            // Three bytes more, so that a magic number across the window's end is seen.
            let bytes = try bytes(at: lower, count: Int(upper - lower) + MemberHeader.magic.count - 1)
            for start in Self.magicPlaces(bytes).reversed() where lower + Int64(start) < upper {
                if let place = try header(at: lower + Int64(start)) { return place }
            }
            upper = lower
        }
        return nil
    }

    /// The first header that begins at or after `offset`.
    func firstHeader(from offset: Int64) throws(LogError) -> Place? {
        let window = 256 * 1024
        var lower = offset
        while true {
            let bytes = try bytes(at: lower, count: window + MemberHeader.magic.count - 1)
            for start in Self.magicPlaces(bytes) where start < window {
                if let place = try header(at: lower + Int64(start)) { return place }
            }
            guard bytes.count > window else { return nil }
            lower += Int64(window)
        }
    }

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
