// SPDX-License-Identifier: Apache-2.0

import CZlib

/// One running raw deflate stream.
protocol DeflateStream: AnyObject {
    /// Begins a new stream, forgetting everything before.
    func reset()

    /// Compresses `input` and appends all of it to `output`.
    ///
    /// - Parameters:
    ///   - input: What to compress; may be empty.
    ///   - finish: Whether the stream ends here. Otherwise the output ends at a byte boundary, with an empty
    ///     stored block (`00 00 ff ff`), and the stream goes on.
    ///   - output: Where the compressed bytes are appended.
    func deflate(_ input: UnsafeRawBufferPointer, finish: Bool, into output: inout [UInt8])
}

#if ISAL
    /// What compresses members as they are written.
    typealias LiveDeflater = ISALDeflater
#else
    /// What compresses members as they are written.
    typealias LiveDeflater = Deflater
#endif

/// A raw deflate stream by zlib: the system's own, and the best of it where time does not press.
final class Deflater: DeflateStream {
    // zlib keeps the address of the stream it was set up with, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 128 * 1024)

    /// Compression level, 1…9.
    init(level: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Memory level 8, zlib's own choice: more of it leaves the processor's cache and is slower, not smaller.
        let result = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib could not be set up: wrong level, wrong library, or no memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        scratch.deallocate()
    }

    func reset() { deflateReset(stream) }

    func deflate(_ input: UnsafeRawBufferPointer, finish: Bool, into output: inout [UInt8]) {
        let bound = Int(deflateBound(stream, UInt(input.count))) + 64
        if scratch.count < bound {
            scratch.deallocate()
            scratch = .allocate(capacity: bound)
        }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = scratch.baseAddress
        stream.pointee.avail_out = UInt32(scratch.count)
        let result = CZlib.deflate(stream, finish ? Z_FINISH : Z_SYNC_FLUSH)
        // With this much room zlib promises to be done in one call, so that exactly one flush is written.
        precondition(result == (finish ? Z_STREAM_END : Z_OK) && stream.pointee.avail_in == 0)
        output += UnsafeBufferPointer(
            rebasing: UnsafeBufferPointer(scratch)[..<(scratch.count - Int(stream.pointee.avail_out))])
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
    }
}
