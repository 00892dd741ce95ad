// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Numbers by name, for names that are asked for millions of times: the bytes of all names in one buffer, and a table of
/// places in it.
///
/// Names are compared by their bytes, as SQLite compares them: a `String` as key would take two spellings of one
/// character for one name. Nothing is allocated for a lookup.
struct NameMap {
    private struct Slot {
        var hash: UInt64 = 0
        var start: UInt32 = 0
        /// 0 for an empty slot: no name is empty.
        var byteCount: UInt32 = 0
        var number: Int64 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 256)
    private var bytes: [UInt8] = []
    private(set) var count = 0
    /// Of this process alone, so that nobody can prepare names that meet in one slot.
    private let seed = UInt64.random(in: .min ... .max)

    /// The number of `name`, which is not empty; nil when it has none here.
    func number(of name: UnsafeBufferPointer<UInt8>) -> Int64? {
        let slot = slots[place(of: name, hash(name))]
        return slot.byteCount == 0 ? nil : slot.number
    }

    /// Adds a name, or gives it another number.
    mutating func set(_ number: Int64, for name: UnsafeBufferPointer<UInt8>) {
        let hash = hash(name)
        var place = place(of: name, hash)
        if slots[place].byteCount > 0 {
            slots[place].number = number
            return
        }
        if (count + 1) * 2 > slots.count {
            grow()
            place = self.place(of: name, hash)
        }
        slots[place] = Slot(
            hash: hash, start: UInt32(bytes.count), byteCount: UInt32(name.count), number: number)
        bytes.append(contentsOf: name)
        count += 1
    }

    /// Whether it holds so much that it should be emptied.
    func isFull(limit: Int) -> Bool { count >= limit || bytes.count >= limit * 256 }

    mutating func removeAll() { self = NameMap() }

    /// Where the name is, or the empty slot where it belongs.
    private func place(of name: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            if slot.byteCount == 0 || (slot.hash == hash && isHere(name, slot)) { return place }
            place = (place + 1) & mask
        }
    }

    private func isHere(_ name: UnsafeBufferPointer<UInt8>, _ slot: Slot) -> Bool {
        guard Int(slot.byteCount) == name.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            guard let known = bytes.baseAddress, let name = name.baseAddress else { return false }
            return memcmp(known + Int(slot.start), name, Int(slot.byteCount)) == 0
        }
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        let mask = slots.count - 1
        for slot in old where slot.byteCount > 0 {
            var place = Int(truncatingIfNeeded: slot.hash) & mask
            while slots[place].byteCount > 0 { place = (place + 1) & mask }
            slots[place] = slot
        }
    }

    /// Eight bytes at a time, each multiplied to twice its width and folded.
    private func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var value = seed ^ UInt64(name.count)
        var offset = 0
        let raw = UnsafeRawBufferPointer(name)
        while offset + 8 <= raw.count {
            value = Self.mix(value, raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var last: UInt64 = 0
        while offset < raw.count {
            last = last << 8 | UInt64(raw[offset])
            offset += 1
        }
        return Self.mix(value, last)
    }

    private static func mix(_ value: UInt64, _ word: UInt64) -> UInt64 {
        let product = (value ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
