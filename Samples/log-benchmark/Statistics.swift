// SPDX-License-Identifier: Apache-2.0

/// Median, least and greatest of what several runs gave.
struct Spread: Encodable {
    var median: Double
    var least: Double
    var greatest: Double

    /// - Parameter values: At least one.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        median = sorted.percentile(50)
        least = sorted[0]
        greatest = sorted[sorted.count - 1]
    }
}

extension [Double] {
    /// The value that `percent` of a hundred do not pass; the array is sorted and not empty.
    func percentile(_ percent: Double) -> Double {
        let place = percent / 100 * Double(count - 1)
        let low = Int(place)
        let high = Swift.min(low + 1, count - 1)
        return self[low] + (self[high] - self[low]) * (place - Double(low))
    }
}

/// Seconds that `body` takes.
func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return start.secondsAgo
}

extension ContinuousClock.Instant {
    var secondsAgo: Double { (ContinuousClock.now - self) / .seconds(1) }
}

/// SplitMix64: the same seeks for the same seed.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number from 0 up to, not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)).multipliedFullWidth(by: UInt64(bound)).high)
    }
}
