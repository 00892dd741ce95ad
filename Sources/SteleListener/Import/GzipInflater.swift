// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Unpacks gzip data piece by piece: one member after another, as hourly files and rotated logs are made.
///
/// Not shared: one file's reader owns it.
final class GzipInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a member has begun and not ended.
    private(set) var isInsideMember = false
    private var hasMember = false

    enum Failure: Hashable {
        case notGzip
        /// Something other than gzip or zeros follows the last member.
        case trailingBytes
        case damaged(String)
    }

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a gzip header. It fails only for want of memory.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What one step did; a failure may follow good bytes.
    struct Step {
        var read = 0
        var written = 0
        var failure: Failure?
    }

    /// Unpacks some of `input` into some of `output`; nothing, when `input` is used up.
    func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Step {
        guard let first = input.first else { return Step() }
        if !isInsideMember {
            if hasMember, first == 0 {
                // Padding after the last member, as tapes and some archives leave it.
                return Step(read: input.prefix { $0 == 0 }.count)
            }
            guard first == 0x1F else { return Step(failure: hasMember ? .trailingBytes : .notGzip) }
            isInsideMember = true
            hasMember = true
        }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let (offered, room) = (stream.pointee.avail_in, stream.pointee.avail_out)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        var step = Step(
            read: Int(offered - stream.pointee.avail_in), written: Int(room - stream.pointee.avail_out))
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isInsideMember = false
            inflateReset(stream)
        default:
            step.failure = .damaged(
                stream.pointee.msg.map { String(cString: $0) } ?? "unpacking failed (\(status))")
        }
        return step
    }
}
