// SPDX-License-Identifier: Apache-2.0

import CZlib
import Foundation

/// A file of sorted deduplication keys with a Bloom filter before them, mapped into memory and never changed.
///
/// ```
/// offset  bytes
///      0      8  "STLKEYS2"
///      8      8  first sequence whose key is in here     ┐
///     16      8  sequence after the last one             │ little-endian
///     24      8  number of keys                          │
///     32      8  number of Bloom filter blocks           ┘
///     40     16  the first half of the SHA-256 of the log line before `16`
///     56      4  CRC-32 of the sums at the end
///     60      4  CRC-32 of the 60 bytes above
///     64     64  each Bloom filter block
///      …     16  each key, big-endian, ascending
///      …      4  the sums: CRC-32 of each 4096 bytes of the filter, then of each 256 keys
/// ```
///
/// Derived from the log: a file that is missing or not whole costs a reading of the log, never an event. The sums
/// of a page are checked before its word is taken that an event is recorded already, which would refuse it; that an
/// event is not here needs no such care, since recording one twice loses nothing.
final class KeyRun: Sendable {
    static let headerBytes = 64
    /// Bytes that share a sum.
    static let pageBytes = 4096
    private static let magic = Array("STLKEYS2".utf8)

    let url: URL
    let coverage: Coverage
    let count: Int
    private let header: Header
    private var filterRange: Range<Int> { Self.headerBytes..<header.keysOffset }
    // Mapped read-only by `init`, unmapped by `deinit`, and the file is never written again: safe to share.
    private nonisolated(unsafe) let mapping: UnsafeRawBufferPointer

    /// The records whose keys a run holds, and which log they are of.
    struct Coverage: Hashable, Sendable {
        var records: Range<UInt64>
        /// Stands for the last line covered, so that a run is not believed beside another log.
        var fingerprint: DeduplicationKey
    }

    /// Maps a file.
    ///
    /// - Throws: ``KeyFileError`` when it cannot be read, is not whole, or is not a run.
    init(_ url: URL) throws(KeyFileError) {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KeyFileError(url, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw KeyFileError(url, errno: errno) }
        let size = Int(status.st_size)
        guard size >= Self.headerBytes else { throw KeyFileError(url, "the file is cut short") }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw KeyFileError(url, errno: errno)
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: size)
        guard let header = Header(bytes), header.fileBytes == size else {
            munmap(start, size)
            throw KeyFileError(url, "the file is not a whole run of keys")
        }
        self.url = url
        mapping = bytes
        coverage = header.coverage
        count = header.count
        self.header = header
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress), mapping.count) }

    subscript(_ index: Int) -> DeduplicationKey {
        let offset = filterRange.upperBound + index * 16
        return DeduplicationKey(
            high: UInt64(bigEndian: mapping.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            low: UInt64(bigEndian: mapping.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
    }

    /// What a run knows of a key.
    enum Answer {
        case absent
        case present
        /// It seems to be here, in bytes that were changed.
        case damaged
    }

    func look(for key: DeduplicationKey) -> Answer {
        guard let index = index(of: key) else { return .absent }
        return isWhole(keyPage: index * 16 / Self.pageBytes) ? .present : .damaged
    }

    private func index(of key: DeduplicationKey) -> Int? {
        guard count > 0,
            BloomFilter.mayContain(key, in: UnsafeRawBufferPointer(rebasing: mapping[filterRange]))
        else { return nil }
        // Keys are spread evenly, so the place is nearly known: widen round the guess, then halve.
        let guess = Int(key.high.multipliedFullWidth(by: UInt64(count)).high)
        var width = 8
        var lower = max(0, guess - width)
        while lower > 0, key < self[lower] {
            width *= 4
            lower = max(0, guess - width)
        }
        width = 8
        var upper = min(count, guess + width)
        while upper < count, self[upper] < key {
            width *= 4
            upper = min(count, guess + width)
        }
        upper = min(count, upper + 1)
        while lower < upper {
            let middle = (lower + upper) / 2
            let found = self[middle]
            if found == key { return middle }
            if found < key { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }

    // MARK: Sums

    /// What was changed in the file; nil when every byte is as it was written.
    func damage() -> String? {
        guard crc(mapping[header.sumsOffset...]) == header.sumsSum else {
            return "the sums at its end were changed"
        }
        let filterPages = header.filterPages
        for page in 0..<filterPages + header.keyPages {
            let isGood = page < filterPages ? isWhole(filterPage: page) : isWhole(keyPage: page - filterPages)
            if !isGood {
                return page < filterPages
                    ? "its filter was changed, in page \(page)"
                    : "keys were changed, in page \(page - filterPages)"
            }
        }
        return nil
    }

    private func isWhole(filterPage page: Int) -> Bool {
        let start = Self.headerBytes + page * Self.pageBytes
        return crc(mapping[start..<min(start + Self.pageBytes, header.keysOffset)]) == sum(page)
    }

    private func isWhole(keyPage page: Int) -> Bool {
        let start = header.keysOffset + page * Self.pageBytes
        return crc(mapping[start..<min(start + Self.pageBytes, header.sumsOffset)])
            == sum(header.filterPages + page)
    }

    private func sum(_ page: Int) -> UInt32 {
        UInt32(
            littleEndian: mapping.loadUnaligned(fromByteOffset: header.sumsOffset + 4 * page, as: UInt32.self)
        )
    }

    private func crc(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt32 {
        KeyRun.crc(UnsafeRawBufferPointer(rebasing: bytes))
    }

    static func crc(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress else { return 0 }
        return UInt32(truncatingIfNeeded: crc32_z(0, base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    /// The fixed part of a file.
    struct Header {
        var coverage: Coverage
        var count: Int
        var blocks: Int
        /// CRC-32 of the sums at the file's end.
        var sumsSum: UInt32

        var keysOffset: Int { KeyRun.headerBytes + blocks * BloomFilter.blockBytes }
        var sumsOffset: Int { keysOffset + count * 16 }
        var filterPages: Int { KeyRun.pages(blocks * BloomFilter.blockBytes) }
        var keyPages: Int { KeyRun.pages(count * 16) }
        var fileBytes: Int { sumsOffset + 4 * (filterPages + keyPages) }

        init(coverage: Coverage, count: Int, blocks: Int, sumsSum: UInt32) {
            self.coverage = coverage
            self.count = count
            self.blocks = blocks
            self.sumsSum = sumsSum
        }

        init?(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count >= KeyRun.headerBytes, bytes[0..<8].elementsEqual(KeyRun.magic) else {
                return nil
            }
            func number(at offset: Int) -> UInt64 {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            let sum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 60, as: UInt32.self))
            sumsSum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 56, as: UInt32.self))
            let lower = number(at: 8)
            let upper = number(at: 16)
            // The sizes are bounded before they are multiplied: a file may say anything.
            guard sum == Self.checksum(bytes), lower <= upper, number(at: 24) < 1 << 40,
                number(at: 32) < 1 << 40
            else { return nil }
            let fingerprint = DeduplicationKey(high: number(at: 40), low: number(at: 48))
            coverage = Coverage(records: lower..<upper, fingerprint: fingerprint)
            count = Int(number(at: 24))
            blocks = Int(number(at: 32))
            guard blocks > 0 else { return nil }
        }

        func encoded() -> [UInt8] {
            var output = KeyRun.magic
            let numbers = [
                coverage.records.lowerBound, coverage.records.upperBound, UInt64(count), UInt64(blocks),
                coverage.fingerprint.high, coverage.fingerprint.low,
            ]
            for number in numbers {
                withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: $0) }
            }
            withUnsafeBytes(of: sumsSum.littleEndian) { output.append(contentsOf: $0) }
            let sum = output.withUnsafeBytes { Self.checksum($0) }
            withUnsafeBytes(of: sum.littleEndian) { output.append(contentsOf: $0) }
            return output
        }

        private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
            KeyRun.crc(UnsafeRawBufferPointer(rebasing: bytes[..<60]))
        }
    }

    /// How many pages so many bytes take.
    static func pages(_ byteCount: Int) -> Int { (byteCount + pageBytes - 1) / pageBytes }
}

/// Why a file of keys could not be read or written.
struct KeyFileError: Error, CustomStringConvertible {
    let url: URL
    let reason: String

    init(_ url: URL, _ reason: String) {
        self.url = url
        self.reason = reason
    }

    init(_ url: URL, errno code: Int32) { self.init(url, String(cString: strerror(code))) }

    var description: String { "\(url.path): \(reason)" }
}
