// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// A file's bytes, unpacked where it is packed, in a buffer that its reader takes from.
///
/// Not shared: one reader owns it.
final class ByteFeed {
    private static let chunk = 256 << 10

    /// What was read and not yet taken, from ``start`` on.
    private(set) var buffer: [UInt8] = []
    private(set) var start = 0
    /// Bytes read of the file as it lies on the disk.
    private(set) var bytesRead: Int64 = 0
    /// Why the bytes end before the file does, or why the file ends too soon; nil when all is well.
    private(set) var problem: String?
    private var isAtEnd = false

    private let descriptor: Int32
    private let inflater: GzipInflater?
    private let options: ImportOptions
    private var packed: [UInt8] = []
    private var packedStart = 0
    private var inflated: Int64 = 0
    private var hash: SHA256?

    /// Opens a file; one that cannot be opened is empty and has a ``problem``.
    ///
    /// `isHashed` says whether ``sha256`` will be asked for.
    init(_ file: ImportFile, options: ImportOptions, isHashed: Bool = false) {
        self.options = options
        hash = isHashed ? SHA256() : nil
        inflater = file.isGzip ? GzipInflater() : nil
        descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { fail(String(cString: strerror(errno))) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// How many bytes wait to be taken.
    var count: Int { buffer.count - start }

    /// Of the bytes read, as they lie on the disk, in hexadecimal; nil when nobody was to ask.
    var sha256: String? {
        hash.map { hash in
            hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }

    /// Takes bytes from the front.
    func drop(_ count: Int) { start += count }

    /// Reads more bytes behind those that wait; false when there are no more.
    func fill() -> Bool {
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        guard !isAtEnd else { return false }
        return inflater.map(fillUnpacked) ?? read(into: &buffer)
    }

    private func fillUnpacked(_ inflater: GzipInflater) -> Bool {
        let before = buffer.count
        while buffer.count == before, !isAtEnd {
            if packedStart == packed.count {
                packed.removeAll(keepingCapacity: true)
                packedStart = 0
                guard read(into: &packed) else {
                    if inflater.isInsideMember, problem == nil {
                        fail("the file is cut short: its gzip data ends before its end")
                    }
                    break
                }
            }
            unpack(inflater)
        }
        return buffer.count > before
    }

    private func unpack(_ inflater: GzipInflater) {
        let before = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
        let step = packed[packedStart...].withUnsafeBytes { input in
            buffer.withUnsafeMutableBytes { output in
                inflater.inflate(input, into: UnsafeMutableRawBufferPointer(rebasing: output[before...]))
            }
        }
        buffer.removeSubrange((before + step.written)...)
        packedStart += step.read
        inflated += Int64(step.written)
        switch step.failure {
        case .notGzip: fail("the file is named .gz and is not gzip data")
        case .trailingBytes: fail("bytes that are not gzip data follow the gzip data")
        case .damaged(let reason): fail("the gzip data is damaged: \(reason)")
        case nil: checkExpansion()
        }
    }

    private func checkExpansion() {
        if inflated > options.maximumInflatedBytes {
            fail("the file unpacks to more than \(options.maximumInflatedBytes) bytes: the rest is not read")
        } else if inflated > 64 << 20, inflated / max(1, bytesRead) > options.maximumExpansion {
            fail(
                "the file unpacks to more than \(options.maximumExpansion) times its size: the rest is not read"
            )
        }
    }

    private func read(into bytes: inout [UInt8]) -> Bool {
        let before = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Self.chunk))
        var result = -1
        repeat {
            result = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress.map { $0 + before }, Self.chunk)
            }
        } while result < 0 && errno == EINTR
        if result < 0 { fail(String(cString: strerror(errno))) }
        bytes.removeSubrange((before + max(0, result))...)
        if hash != nil { bytes[before...].withUnsafeBytes { hash?.update(bufferPointer: $0) } }
        bytesRead += Int64(max(0, result))
        if result == 0 { isAtEnd = true }
        return result > 0
    }

    private func fail(_ reason: String) {
        problem = reason
        isAtEnd = true
    }
}
