// SPDX-License-Identifier: Apache-2.0

/// Random numbers that a seed repeats exactly: SplitMix64, the same on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// A number in `range`, evenly drawn.
    public mutating func int(in range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in `oneIn` draws, on average.
    public mutating func chance(oneIn: Int) -> Bool { int(in: 0..<oneIn) == 0 }

    /// One of the elements; `elements` is not empty.
    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[int(in: 0..<elements.count)]
    }

    /// So many bytes of any value.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
