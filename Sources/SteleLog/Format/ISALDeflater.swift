// SPDX-License-Identifier: Apache-2.0

#if ISAL
    import CISAL

    /// A raw deflate stream by Intel's ISA-L: three times as fast as zlib's level 1, and no larger.
    ///
    /// Only with the package trait `ISAL`. What it writes is plain gzip to every reader.
    final class ISALDeflater: DeflateStream {
        // The library keeps pointers into the stream's own window, so the stream must not move.
        private let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
        private let tables = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Int(stele_isal_table_size))
        private var scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 128 * 1024)

        /// Takes zlib's levels, so that one option fits both; the library's own level is always the same.
        init(level _: Int) {
            stream.initialize(to: isal_zstream())
            reset()
        }

        deinit {
            stream.deallocate()
            tables.deallocate()
            scratch.deallocate()
        }

        func reset() {
            isal_deflate_init(stream)
            stream.pointee.level = 1
            stream.pointee.level_buf = tables.baseAddress
            stream.pointee.level_buf_size = UInt32(tables.count)
        }

        func deflate(_ input: UnsafeRawBufferPointer, finish: Bool, into output: inout [UInt8]) {
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.flush = UInt16(finish ? NO_FLUSH : SYNC_FLUSH)
            stream.pointee.end_of_stream = finish ? 1 : 0
            repeat {
                stream.pointee.next_out = scratch.baseAddress
                stream.pointee.avail_out = UInt32(scratch.count)
                let result = isal_deflate(stream)
                precondition(result == COMP_OK, "ISA-L refused its own settings")
                output += UnsafeBufferPointer(
                    rebasing: UnsafeBufferPointer(scratch)[..<(scratch.count - Int(stream.pointee.avail_out))]
                )
                // It is done when it leaves room: until then there is more to come.
            } while stream.pointee.avail_out == 0
            precondition(stream.pointee.avail_in == 0)
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
    }
#endif
