// SPDX-License-Identifier: Apache-2.0

/// Plain bytes, appended without a `String` in between.
extension [UInt8] {
    static func += (line: inout [UInt8], text: StaticString) {
        text.withUTF8Buffer { line.append(contentsOf: $0) }
    }

    mutating func append(number: UInt64) {
        var rest = number
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// Appends at least `digits` digits, zeros in front.
    mutating func append(number: UInt64, digits: Int) {
        var limit: UInt64 = 10
        for _ in 1..<digits {
            if number < limit { append(UInt8(ascii: "0")) }
            limit *= 10
        }
        append(number: number)
    }

    /// Appends lower-case hexadecimal, `digits` of them, from the low end of `number`.
    mutating func append(hex number: UInt64, digits: Int) {
        for shift in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            append(Self.hexDigits[Int(truncatingIfNeeded: number >> UInt64(shift)) & 15])
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
