// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Reads one raw deflate stream into a window of its own.
///
/// ```
/// window  ┌──────────┬──────────────────┬────────┐
///         │taken off │ bytes            │ free   │
///         └──────────┴──────────────────┴────────┘
/// ```
///
/// The window keeps what was inflated until it is taken off the front, so that nothing is copied on the way. It grows
/// as far as the caller lets it, and goes back to its first size with the next stream.
final class Inflater {
    enum State: Hashable {
        /// All input given so far is used up; the stream is not over.
        case hungry
        /// As many bytes came out as were allowed, or the end of a block was asked for and reached.
        case paused
        /// The stream is over; input after it was left alone.
        case ended
        /// The bytes are no deflate stream.
        case invalid
    }

    // zlib keeps the address of the stream it was set up with, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var window: UnsafeMutableRawBufferPointer
    private var start = firstPlace
    private var end = firstPlace

    /// A default member and one commit more fit in.
    private static let firstCapacity = 640 * 1024
    /// The byte before ``bytes`` is always there, for those who need to put one before them.
    private static let firstPlace = 1

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        window = .allocate(byteCount: Self.firstCapacity, alignment: 16)
        let result = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib could not be set up: wrong library, or no memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        window.deallocate()
    }

    /// Bytes that the window takes up.
    var capacity: Int { window.count }

    /// Begins a new stream, with an empty window.
    func reset() {
        inflateReset(stream)
        start = Self.firstPlace
        end = Self.firstPlace
        if window.count > Self.firstCapacity { resize(to: Self.firstCapacity) }
    }

    /// Whether the last call stopped between two blocks, the second of which begins on a byte boundary.
    var isBetweenBlocksOnByteBoundary: Bool {
        stream.pointee.data_type & 128 != 0 && stream.pointee.data_type & 7 == 0
    }

    /// What was inflated and not taken off yet.
    ///
    /// Valid until the next call. The byte before the first can be written to as well.
    var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: window[start..<end]) }

    /// Takes bytes off the front.
    func takeOff(_ count: Int) {
        precondition(count <= end - start)
        start += count
        guard start == end else { return }
        start = Self.firstPlace
        end = Self.firstPlace
    }

    /// Inflates some of the input.
    ///
    /// - Parameters:
    ///   - input: Bytes of the stream; those used are taken off its front.
    ///   - limit: How many bytes may come out, at least 1.
    ///   - blockwise: Stop after each block too.
    /// - Returns: Where the stream stands.
    func inflate(_ input: inout UnsafeRawBufferPointer, atMost limit: Int, blockwise: Bool = false) -> State {
        makeRoom(for: min(limit, Self.firstCapacity / 2))
        let room = min(limit, window.count - end)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = (window.baseAddress.map { $0 + end })?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: room)
        let given = Int(stream.pointee.avail_in)
        let wanted = Int(stream.pointee.avail_out)
        let result = CZlib.inflate(stream, blockwise ? Z_BLOCK : Z_NO_FLUSH)
        input = UnsafeRawBufferPointer(rebasing: input[(given - Int(stream.pointee.avail_in))...])
        let isFull = stream.pointee.avail_out == 0
        end += wanted - Int(stream.pointee.avail_out)
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        switch result {
        case Z_STREAM_END: return .ended
        case Z_OK, Z_BUF_ERROR:
            let isAtBlockEnd = blockwise && stream.pointee.data_type & 128 != 0
            return input.isEmpty && !isFull && !isAtBlockEnd ? .hungry : .paused
        default: return .invalid
        }
    }

    /// Makes room for at least `count` bytes behind those in the window.
    private func makeRoom(for count: Int) {
        guard window.count - end < count else { return }
        let held = end - start
        if window.count - Self.firstPlace - held < count {
            resize(to: max(2 * window.count, held + count + Self.firstPlace))
        } else {
            move(to: window)
        }
    }

    private func resize(to capacity: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        move(to: larger)
        window.deallocate()
        window = larger
    }

    /// Copies what the window holds to the front of another one, or of itself.
    private func move(to target: UnsafeMutableRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: target[Self.firstPlace...]).copyMemory(
            from: UnsafeRawBufferPointer(bytes))
        end = Self.firstPlace + (end - start)
        start = Self.firstPlace
    }
}
