// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Writes a ``KeyRun`` file: keys in ascending order first, then the sums, header and filter, then the name.
///
/// The file appears under its name only when every byte of it is on stable storage.
struct KeyRunWriter: ~Copyable {
    private let url: URL
    private let partial: URL
    private let descriptor: Int32
    private let blocks: Int
    private var filter: [UInt8]
    private var pending: [UInt8] = []
    private var offset: Int
    private var count = 0
    /// Of each whole page of keys written.
    private var keySums: [UInt32] = []
    private var last: DeduplicationKey?

    private static let flushBytes = 64 * KeyRun.pageBytes

    /// - Parameters:
    ///   - url: The name the file gets in the end.
    ///   - keys: At least as many keys as will be written.
    /// - Throws: ``KeyFileError`` when the file cannot be made.
    init(_ url: URL, atMost keys: Int) throws(KeyFileError) {
        self.url = url
        partial = url.appendingPathExtension("partial")
        blocks = BloomFilter.blocks(forKeys: keys)
        filter = [UInt8](repeating: 0, count: blocks * BloomFilter.blockBytes)
        offset = KeyRun.headerBytes + filter.count
        descriptor = open(partial.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw KeyFileError(partial, errno: errno) }
    }

    deinit { close(descriptor) }

    /// Adds a key that is not below the last one; equal ones are written once.
    mutating func append(_ key: DeduplicationKey) throws(KeyFileError) {
        if key == last { return }
        last = key
        count += 1
        BloomFilter.insert(key, into: &filter)
        withUnsafeBytes(of: (key.high.bigEndian, key.low.bigEndian)) { pending.append(contentsOf: $0) }
        // Whole pages, so that each is summed once.
        if pending.count >= Self.flushBytes { try flush() }
    }

    /// Makes the file durable and gives it its name.
    mutating func finish(_ coverage: KeyRun.Coverage) throws(KeyFileError) {
        try flush()
        var sums: [UInt8] = []
        for sum in Self.sums(filter) + keySums {
            withUnsafeBytes(of: sum.littleEndian) { sums.append(contentsOf: $0) }
        }
        try write(sums, at: offset)
        let header = KeyRun.Header(
            coverage: coverage, count: count, blocks: blocks,
            sumsSum: sums.withUnsafeBytes { KeyRun.crc($0) })
        try write(header.encoded() + filter, at: 0)
        guard fsync(descriptor) == 0, rename(partial.path, url.path) == 0 else {
            throw KeyFileError(url, errno: errno)
        }
        try Self.syncFolder(url.deletingLastPathComponent())
    }

    private mutating func flush() throws(KeyFileError) {
        try write(pending, at: offset)
        offset += pending.count
        keySums += Self.sums(pending)
        pending.removeAll(keepingCapacity: true)
    }

    /// The CRC-32 of each page.
    private static func sums(_ bytes: [UInt8]) -> [UInt32] {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: KeyRun.pageBytes).map { start in
                KeyRun.crc(
                    UnsafeRawBufferPointer(
                        rebasing: bytes[start..<min(start + KeyRun.pageBytes, bytes.count)]))
            }
        }
    }

    private func write(_ bytes: [UInt8], at start: Int) throws(KeyFileError) {
        var written = 0
        while written < bytes.count {
            let result = bytes[written...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(start + written))
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw KeyFileError(partial, errno: result == 0 ? EIO : errno) }
            written += result
        }
    }

    static func syncFolder(_ folder: URL) throws(KeyFileError) {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KeyFileError(folder, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw KeyFileError(folder, errno: errno) }
    }
}
