// SPDX-License-Identifier: Apache-2.0

import Crypto
import SteleEvents

/// 128 bits that stand for one event on one surface: two payloads with the same key are the same event.
///
/// The first half of a SHA-256, so keys are spread evenly and cannot be made to meet.
package struct DeduplicationKey: Hashable, Comparable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The key of `fields`, which must be written unambiguously: see ``KeyFields``.
    init(hashing fields: [UInt8]) {
        let digest = SHA256.hash(data: fields)
        (high, low) = digest.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// The key of the same bytes met for the `ordinal`-th time in one source; the first time is 0.
    func repeated(_ ordinal: Int) -> Self {
        ordinal == 0 ? self : Self(high: high, low: low ^ UInt64(ordinal).spread)
    }
}

extension UInt64 {
    /// A bijection that spreads small numbers over all bits (the finaliser of SplitMix64).
    fileprivate var spread: UInt64 {
        var value = self &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// The fields of a key, written so that different fields never yield the same bytes.
///
/// ```
/// surface, 0 | kind, 0 | for each field: length + 1 as four bytes, big-endian (0 = absent), then its bytes
/// ```
struct KeyFields {
    private(set) var bytes: [UInt8] = []

    init(_ surface: Surface, _ kind: StaticString) {
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: surface.rawValue.utf8)
        bytes.append(0)
        bytes.append(contentsOf: UnsafeBufferPointer(start: kind.utf8Start, count: kind.utf8CodeUnitCount))
        bytes.append(0)
    }

    /// Adds a string or a number; both spellings of one id give the same field.
    mutating func add(_ value: JSONValue?) {
        guard let value, value.kind == .string || value.kind == .number else { return addAbsent() }
        let raw = value.bytes
        if value.kind == .number { return add(bytes: raw) }
        let content = raw.dropFirst().dropLast()
        // An escaped spelling is resolved, so that it equals the plain one.
        if content.contains(UInt8(ascii: "\\")) { return add(value.string) }
        add(bytes: content)
    }

    mutating func add(_ text: String?) {
        guard var text else { return addAbsent() }
        text.withUTF8 { content in
            addLength(content.count + 1)
            bytes.append(contentsOf: content)
        }
    }

    mutating func add(bytes content: ArraySlice<UInt8>) {
        addLength(content.count + 1)
        bytes.append(contentsOf: content)
    }

    private mutating func addAbsent() { addLength(0) }

    private mutating func addLength(_ length: Int) {
        let length = UInt32(truncatingIfNeeded: length)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }
}
