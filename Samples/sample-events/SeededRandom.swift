// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: small, fast, and the same everywhere for the same seed.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True `percent` times in a hundred.
    mutating func chance(percent: Int) -> Bool {
        below(100) < percent
    }

    mutating func element<T>(of list: [T]) -> T {
        list[below(list.count)]
    }
}

/// Draws ranks from 0 with weights 1/(rank + shift): the first are drawn most.
///
/// Whole numbers throughout, so that no machine's floating point can change a draw.
struct RankTable {
    private var cumulative: [UInt64] = []

    init(count: Int, shift: Int = 1) {
        cumulative.reserveCapacity(count)
        var total: UInt64 = 0
        for rank in 0..<count {
            total += 1_000_000_000_000 / UInt64(rank + shift)
            cumulative.append(total)
        }
    }

    func draw(_ random: inout SeededRandom) -> Int {
        guard let total = cumulative.last else { return 0 }
        let point = random.next().multipliedFullWidth(by: total).high
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
