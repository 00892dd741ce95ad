// SPDX-License-Identifier: Apache-2.0

/// Says of a key "certainly not here" or "perhaps here", touching one cache line.
///
/// Blocks of 512 bits; a key picks one block by its high half and seven bits in it by its low half. With twelve
/// bits a key, about one absent key in two hundred is called "perhaps".
enum BloomFilter {
    static let blockBytes = 64
    private static let bitsPerKey = 12

    /// How many blocks `keys` keys need.
    static func blocks(forKeys keys: Int) -> Int { max(1, (keys * bitsPerKey + 511) / 512) }

    static func insert(_ key: DeduplicationKey, into filter: inout [UInt8]) {
        let block = block(of: key, among: filter.count / blockBytes) * blockBytes
        for probe in 0..<7 {
            let bit = bit(probe, of: key)
            filter[block + (bit >> 3)] |= 1 << UInt8(bit & 7)
        }
    }

    /// Whether `key` may have been inserted into `filter`, which is whole blocks, at least one.
    static func mayContain(_ key: DeduplicationKey, in filter: UnsafeRawBufferPointer) -> Bool {
        let block = block(of: key, among: filter.count / blockBytes) * blockBytes
        for probe in 0..<7 {
            let bit = bit(probe, of: key)
            guard filter[block + (bit >> 3)] & (1 << UInt8(bit & 7)) != 0 else { return false }
        }
        return true
    }

    private static func block(of key: DeduplicationKey, among count: Int) -> Int {
        // The sorted keys' order is that of `high`; its bits are turned so that neighbours do not share a block.
        Int((key.high &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: UInt64(count)).high)
    }

    private static func bit(_ probe: Int, of key: DeduplicationKey) -> Int {
        Int(truncatingIfNeeded: key.low >> UInt64(probe * 9)) & 511
    }
}
