// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Up to where the log is on stable storage.
struct DurableEnd: Hashable, Sendable {
    /// The sequence after the last durable record.
    var sequence: SequenceNumber
    /// The active segment, and how many of its bytes are durable: 0 where the one before it was sealed, and it has no
    /// file yet.
    var segment: SequenceNumber
    var offset: Int64
    /// CRC-32 of the last member's bytes up to there, be it the end mark before the active segment: nothing in the
    /// file itself vouches for a running member.
    var memberCRC: UInt32

    /// That of a log without records.
    static let start = DurableEnd(sequence: .zero, segment: .zero, offset: 0, memberCRC: 0)
}

/// The archive's `lock` file: one writer at a time, who it is, and up to where its records are durable.
///
/// ```
/// durable 00000000000000421184 in 00000000000000400000 to 00000000000007340032 sum 1b2c3d4e 9a8b7c6d\n
///         │                       │                       │                        │        └ of the line
///         │                       │                       │                        └ of the last member so far
///         │                       │                       └ bytes of that segment that are durable
///         │                       └ the active segment
///         └ the sequence after the last durable record
/// process 4711 on archive-1      …      sum 5e6f7a8b\n
///         │                                    └ of the words before it, which spaces fill up
///         └ the holder, for people
/// ```
///
/// Both lines always have the same length, so each is written in one step.
///
/// The lock is the operating system's, held by an open file: it ends with the process, however that ends. The
/// first line is written after each sync and never synced itself: readers use it only while a writer lives.
final class WriterLock: Sendable {
    private let file: LocalFile
    /// Where the writer before this one said that the log was durable; nil when it left no such word.
    let publishedBefore: DurableEnd?

    /// Takes the lock.
    ///
    /// - Throws: ``LogError`` with `.lockedByAnotherProcess`, naming the holder.
    init(_ archive: Archive) throws(LogError) {
        let path = archive.lockPath
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogError(FileFailure(errno: errno, "open", path)) }
        file = LocalFile(descriptor: descriptor, path: path)
        var range = Self.wholeFile(F_WRLCK)
        if fcntl(descriptor, Self.setLock, &range) != 0 {
            guard errno == EAGAIN || errno == EACCES else {
                throw LogError(FileFailure(errno: errno, "lock", path))
            }
            throw LogError(
                .lockedByAnotherProcess, file: path,
                what: "another writer has this archive open: \(Self.holder(file))",
                remedy: "Stop that process, or send the events to it: one archive has one writer.")
        }
        do throws(FileFailure) {
            publishedBefore = Self.durableEnd(try file.bytes(at: 0, count: Self.lineByteCount))
            try file.write(
                Self.holderLine("process \(getpid()) on \(Self.hostName)"), at: Int64(Self.lineByteCount))
            try file.truncate(to: Int64(Self.lineByteCount + Self.holderByteCount))
        } catch {
            throw LogError(error)
        }
    }

    // Unlocked, not only closed: a child of this process that is about to run another program still holds a copy of
    // the open file, and with it the lock.
    deinit {
        var range = Self.wholeFile(F_UNLCK)
        _ = fcntl(file.descriptor, Self.setLock, &range)
    }

    /// States up to where the log is durable.
    func publish(_ end: DurableEnd) throws(FileFailure) { try file.write(Self.line(end), at: 0) }

    private static func holder(_ file: LocalFile) -> String {
        // For a message only: a holder that has not written its name yet is still a holder.
        let line = (try? file.bytes(at: Int64(lineByteCount), count: holderByteCount)) ?? []
        let words = String(decoding: line.dropLast(holderSumByteCount), as: UTF8.self)
        let text = String(words.reversed().drop { $0 == " " }.reversed())
        return text.isEmpty ? "a process that does not say which" : text
    }

    /// What a reader learns from the lock.
    enum Sighting: Hashable {
        /// No writer lives: every whole commit in the files counts.
        ///
        /// The last one left word where it ended.
        case noWriter(last: DurableEnd?)
        /// A writer lives and has made everything before this durable.
        case durable(DurableEnd)
        /// A writer lives and has not said yet.
        case starting
    }

    /// Looks at the lock without touching it.
    static func look(_ archive: Archive) throws(LogError) -> Sighting {
        let path = archive.lockPath
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return .noWriter(last: nil) }
            throw LogError(FileFailure(errno: errno, "open", path))
        }
        let file = LocalFile(descriptor: descriptor, path: path)
        var range = wholeFile(F_WRLCK)
        guard fcntl(descriptor, getLock, &range) == 0 else {
            throw LogError(FileFailure(errno: errno, "examine", path))
        }
        do throws(FileFailure) {
            let end = durableEnd(try file.bytes(at: 0, count: lineByteCount))
            guard range.l_type != Int16(F_UNLCK) else { return .noWriter(last: end) }
            return end.map { .durable($0) } ?? .starting
        } catch {
            throw LogError(error)
        }
    }

    static let lineByteCount = 99

    static let holderByteCount = 101
    private static let holderSumByteCount = 14

    /// Words that name the holder, filled up and summed.
    static func holderLine(_ words: String) -> [UInt8] {
        let room = holderByteCount - holderSumByteCount
        let words = Array(words.utf8.prefix(room))
        let filled = words + [UInt8](repeating: UInt8(ascii: " "), count: room - words.count)
        return filled + Array((" sum " + hexadecimal(Checksum.crc32(filled)) + "\n").utf8)
    }

    /// Whether a line that names the holder is as it was written.
    static func isHolderLine(_ line: [UInt8]) -> Bool {
        line.count == holderByteCount
            && line.suffix(holderSumByteCount)
                == Array(
                    (" sum " + hexadecimal(Checksum.crc32(line.dropLast(holderSumByteCount))) + "\n").utf8)[
                    ...]
    }

    private static func hexadecimal(_ sum: UInt32) -> String {
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    static func line(_ end: DurableEnd) -> [UInt8] {
        func padded(_ number: UInt64) -> String {
            let digits = String(number)
            return String(repeating: "0", count: 20 - digits.count) + digits
        }
        let text =
            "durable \(padded(end.sequence.rawValue)) in \(padded(end.segment.rawValue)) to \(padded(UInt64(end.offset)))"
        let claim = text + " sum " + hexadecimal(end.memberCRC)
        return Array((claim + " " + hexadecimal(Checksum.crc32(Array(claim.utf8))) + "\n").utf8)
    }

    static func durableEnd(_ line: [UInt8]) -> DurableEnd? {
        guard line.count == lineByteCount else { return nil }
        func number(_ start: Int) -> UInt64? {
            UInt64(String(decoding: line[start..<start + 20], as: UTF8.self))
        }
        guard let sequence = number(8), let segment = number(32), let offset = number(56),
            SequenceNumber(sequence) < .limit, segment <= sequence, offset < Int64.max / 2,
            let memberCRC = UInt32(String(decoding: line[81..<89], as: UTF8.self), radix: 16)
        else { return nil }
        let end = DurableEnd(
            sequence: SequenceNumber(sequence), segment: SequenceNumber(segment), offset: Int64(offset),
            memberCRC: memberCRC)
        return self.line(end) == line ? end : nil
    }

    private static func wholeFile(_ type: Int32) -> flock {
        var range = flock()
        range.l_type = Int16(type)
        range.l_whence = Int16(SEEK_SET)
        return range
    }

    // Locks of an open file rather than of a process: two writers within one process exclude each other too, and
    // looking at the lock never takes it. The numbers are those of <fcntl.h>.
    #if canImport(Darwin)
        private static let setLock: Int32 = 90
        private static let getLock: Int32 = 92
    #else
        private static let setLock: Int32 = 37
        private static let getLock: Int32 = 36
    #endif

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "this machine" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
