// SPDX-License-Identifier: Apache-2.0

import CZlib

/// One running raw deflate stream.
final class Deflater {
    // zlib keeps the address of the stream it was set up with, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib could not be set up: wrong level, wrong library, or no memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Begins a new stream, forgetting everything before.
    func reset() { deflateReset(stream) }

    /// Compresses `input` and appends all of it to `output`.
    ///
    /// - Parameters:
    ///   - input: What to compress; may be empty.
    ///   - finish: Whether the stream ends here. Otherwise the output ends at a byte boundary, with an empty
    ///     stored block (`00 00 ff ff`), and the stream goes on.
    ///   - output: Where the compressed bytes are appended.
    func deflate(_ input: UnsafeRawBufferPointer, finish: Bool, into output: inout [UInt8]) {
        let bound = Int(deflateBound(stream, UInt(input.count))) + 64
        let start = output.count
        output.reserveCapacity(start + bound)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        let produced = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(buffer.count)
            let result = CZlib.deflate(stream, finish ? Z_FINISH : Z_SYNC_FLUSH)
            // With this much room zlib promises to be done in one call, so that exactly one flush is written.
            precondition(result == (finish ? Z_STREAM_END : Z_OK) && stream.pointee.avail_in == 0)
            count = buffer.count - Int(stream.pointee.avail_out)
        }
        output += produced
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
    }
}
