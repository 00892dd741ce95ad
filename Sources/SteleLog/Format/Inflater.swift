// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Reads one raw deflate stream.
final class Inflater {
    enum State: Hashable {
        /// All input given so far is used up; the stream is not over.
        case hungry
        /// Output is full, or the end of a block was asked for and reached.
        case paused
        /// The stream is over; input after it was left alone.
        case ended
        /// The bytes are no deflate stream.
        case invalid
    }

    // zlib keeps the address of the stream it was set up with, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 * 1024)

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib could not be set up: wrong library, or no memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        scratch.deallocate()
    }

    /// Begins a new stream.
    func reset() { inflateReset(stream) }

    /// Whether the last call stopped between two blocks, the second of which begins on a byte boundary.
    var isBetweenBlocksOnByteBoundary: Bool {
        stream.pointee.data_type & 128 != 0 && stream.pointee.data_type & 7 == 0
    }

    /// Inflates some of the input.
    ///
    /// - Parameters:
    ///   - input: Bytes of the stream; those used are taken off its front.
    ///   - output: Where the uncompressed bytes are appended, at most 256 KiB a call.
    ///   - blockwise: Stop after each block too.
    /// - Returns: Where the stream stands.
    func inflate(_ input: inout UnsafeRawBufferPointer, into output: inout [UInt8], blockwise: Bool = false)
        -> State
    {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = scratch.baseAddress
        stream.pointee.avail_out = UInt32(scratch.count)
        let given = Int(stream.pointee.avail_in)
        let result = CZlib.inflate(stream, blockwise ? Z_BLOCK : Z_NO_FLUSH)
        input = UnsafeRawBufferPointer(rebasing: input[(given - Int(stream.pointee.avail_in))...])
        output += UnsafeMutableBufferPointer(
            rebasing: scratch[..<(scratch.count - Int(stream.pointee.avail_out))])
        switch result {
        case Z_STREAM_END: return .ended
        case Z_OK, Z_BUF_ERROR:
            let wantsMore = input.isEmpty && stream.pointee.avail_out > 0 && !isAtBlockEnd(blockwise)
            return wantsMore ? .hungry : .paused
        default: return .invalid
        }
    }

    private func isAtBlockEnd(_ blockwise: Bool) -> Bool { blockwise && stream.pointee.data_type & 128 != 0 }
}
