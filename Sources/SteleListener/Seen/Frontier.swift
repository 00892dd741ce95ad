// SPDX-License-Identifier: Apache-2.0

/// Finds up to where records are remembered without a hole, when commits end in any order.
struct Frontier {
    /// The first sequence not known to be remembered.
    private(set) var end: UInt64
    /// Ranges past the end, by their start; neighbours are joined only when the end reaches them.
    private var ahead: [UInt64: UInt64] = [:]

    init(_ end: UInt64) { self.end = end }

    mutating func add(_ records: Range<UInt64>) {
        guard records.upperBound > end else { return }
        if records.lowerBound > end {
            ahead[records.lowerBound] = records.upperBound
            return
        }
        end = records.upperBound
        while let next = ahead.removeValue(forKey: end) { end = next }
    }
}
