// SPDX-License-Identifier: Apache-2.0

/// Text into a byte buffer, without a string in between.
extension [UInt8] {
    /// Appends the UTF-8 bytes of `text`.
    @inline(__always)
    package mutating func append(utf8 text: String) { append(contentsOf: text.utf8) }

    /// Appends a constant.
    @inline(__always)
    package mutating func append(literal text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `number` in decimal.
    package mutating func append(decimal number: some BinaryInteger) {
        var magnitude = UInt64(number.magnitude)
        guard magnitude >= 10 || number < 0 else { return append(UInt8(ascii: "0") + UInt8(magnitude)) }
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        self[start...].reverse()
    }

    /// Appends `number` in decimal, zeros before it up to `digits`.
    @inline(__always)
    package mutating func append(decimal number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        guard number < divisor * 10 else { return append(decimal: number) }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
