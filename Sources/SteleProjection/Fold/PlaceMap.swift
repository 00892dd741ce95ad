// SPDX-License-Identifier: Apache-2.0

/// A key of a few of the views' own numbers.
protocol PlaceKey: Equatable {
    /// The numbers mixed to one.
    var mixed: UInt64 { get }
}

/// Values by a few numbers, for maps that are asked once an event: entries in one array, and a table of places in it.
///
/// The standard dictionary guards against keys that an attacker prepared, and spends most of a lookup on it. These numbers are
/// our own, given in turn.
struct PlaceMap<Key: PlaceKey, Value> {
    private(set) var entries: [(key: Key, value: Value)] = []
    /// One more than the entry's index; 0 for an empty slot.
    private var slots = [UInt32](repeating: 0, count: 256)
    private let empty: Value

    /// `empty` is the value of a key that is not there yet.
    init(empty: Value) { self.empty = empty }

    var count: Int { entries.count }

    subscript(key: Key) -> Value? {
        let slot = slots[place(of: key)]
        return slot == 0 ? nil : entries[Int(slot) - 1].value
    }

    /// Changes the value of a key where it stands.
    mutating func change(_ key: Key, _ change: (inout Value) -> Void) {
        var place = place(of: key)
        if slots[place] == 0 {
            if (entries.count + 1) * 2 > slots.count {
                grow()
                place = self.place(of: key)
            }
            entries.append((key, empty))
            slots[place] = UInt32(entries.count)
        }
        change(&entries[Int(slots[place]) - 1].value)
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        for place in slots.indices { slots[place] = 0 }
    }

    /// Where the key is, or the empty slot where it belongs.
    private func place(of key: Key) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: key.mixed) & mask
        while slots[place] != 0, entries[Int(slots[place]) - 1].key != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for index in entries.indices { slots[place(of: entries[index].key)] = UInt32(index + 1) }
    }
}

/// Spreads numbers that are given in turn over all bits.
enum MixedNumbers {
    static func mix(_ one: Int64, _ other: Int64) -> UInt64 { mix(UInt64(bitPattern: one), other) }

    static func mix(_ value: UInt64, _ number: Int64) -> UInt64 {
        let product = (value ^ UInt64(bitPattern: number) &* 0xD6E8_FEB8_6659_FD93)
            .multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
