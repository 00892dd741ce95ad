// SPDX-License-Identifier: Apache-2.0

/// How late records came out, counted in buckets an eighth of a power of two wide.
package struct Lateness: Sendable {
    private static let bucketCount = 64 * 8
    private var counts = [UInt64](repeating: 0, count: bucketCount)
    package private(set) var count: UInt64 = 0
    /// Nanoseconds, exact.
    package private(set) var maximum: Int64 = 0

    package init() {}

    mutating func add(nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        counts[Self.bucket(UInt64(value))] += 1
        count += 1
        maximum = max(maximum, value)
    }

    /// What `fraction` of the records were no later than, in nanoseconds, at most an eighth too high; nil for none.
    package func quantile(_ fraction: Double) -> Int64? {
        guard count > 0 else { return nil }
        let rank = max(1, UInt64((Double(count) * fraction).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, number) in counts.enumerated() {
            seen += number
            if seen >= rank { return min(maximum, Self.upperBound(bucket)) }
        }
        return maximum
    }

    /// Values below 16 stand alone; then the exponent and the three bits below the leading one.
    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 16 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return exponent * 8 + Int(value >> (exponent - 3)) & 7 - 16
    }

    private static func upperBound(_ bucket: Int) -> Int64 {
        guard bucket >= 16 else { return Int64(bucket) }
        let exponent = (bucket + 16) / 8
        let lead = UInt64(8 + (bucket + 16) % 8)
        return Int64(clamping: ((lead + 1) << (exponent - 3)) - 1)
    }
}
