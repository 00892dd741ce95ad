// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Takes credentials out of a frame of the SDK's wire protocol; every other byte stays, lengths excepted.
///
/// ```
/// MSync      3 auth        9 payload, a Provision when 8 command is 3 (PROVISION)
/// Provision  11 password   14 auth   18 auth_token
/// ```
struct FrameBlanking {
    /// The frame without credentials; nil when it cannot be read, so that nothing can be said about it.
    let frame: [UInt8]?
    /// The fields that held one: `auth`, `payload.auth_token`.
    let fields: [String]

    /// Looks into a frame; nil for a message that has no credentials, or when there are none in it.
    init?(_ bytes: [UInt8], type: String) {
        var rewriting = Rewriting()
        switch type.split(separator: ".").last {
        case "MSync": frame = rewriting.msync(bytes[...])
        case "Provision": frame = rewriting.provision(bytes[...], path: "")
        default: return nil
        }
        fields = rewriting.fields
        if frame != nil, fields.isEmpty { return nil }
    }
}

/// A pass over a frame that copies what it may keep.
private struct Rewriting {
    var fields: [String] = []

    mutating func msync(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard let parts = WireField.all(in: bytes) else { return nil }
        let isProvision = parts.contains { $0.number == 8 && $0.value == .varint(3) }
        var output: [UInt8] = []
        for part in parts {
            switch (part.number, part.value) {
            case (3, .bytes): blank(part, "auth", &output)
            case (9, .bytes(let payload)) where isProvision:
                guard let kept = provision(payload, path: "payload.") else { return nil }
                part.append(content: kept, to: &output)
            default: output.append(contentsOf: part.raw)
            }
        }
        return output
    }

    mutating func provision(_ bytes: ArraySlice<UInt8>, path: String) -> [UInt8]? {
        guard let parts = WireField.all(in: bytes) else { return nil }
        var output: [UInt8] = []
        for part in parts {
            switch (part.number, part.value) {
            case (11, .bytes): blank(part, "\(path)password", &output)
            case (14, .bytes): blank(part, "\(path)auth", &output)
            case (18, .bytes): blank(part, "\(path)auth_token", &output)
            default: output.append(contentsOf: part.raw)
            }
        }
        return output
    }

    private mutating func blank(_ part: WireField, _ field: String, _ output: inout [UInt8]) {
        let replacement = Array(CredentialBlanking.replacement.utf8)
        guard part.value != .bytes(replacement[...]) else { return output.append(contentsOf: part.raw) }
        fields.append(field)
        part.append(content: replacement, to: &output)
    }
}

/// One field of a protobuf message, with the bytes it was read from.
private struct WireField {
    enum Value: Equatable {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
        case fixed
    }

    let number: UInt64
    let value: Value
    let raw: ArraySlice<UInt8>

    /// The fields of a message, in order; nil when the bytes are no message.
    static func all(in bytes: ArraySlice<UInt8>) -> [WireField]? {
        var fields: [WireField] = []
        var rest = bytes
        while !rest.isEmpty {
            let start = rest.startIndex
            guard let key = varint(&rest), key >> 3 != 0 else { return nil }
            let value: Value
            switch key & 7 {
            case 0:
                guard let number = varint(&rest) else { return nil }
                value = .varint(number)
            case 1, 5:
                let width = key & 7 == 1 ? 8 : 4
                guard rest.count >= width else { return nil }
                rest.removeFirst(width)
                value = .fixed
            case 2:
                guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
                value = .bytes(rest.prefix(Int(length)))
                rest.removeFirst(Int(length))
            default: return nil
            }
            fields.append(
                WireField(number: key >> 3, value: value, raw: bytes[start..<rest.startIndex]))
        }
        return fields
    }

    /// Writes the field with other content, which is always length-delimited.
    func append(content: [UInt8], to output: inout [UInt8]) {
        Self.append(varint: number << 3 | 2, to: &output)
        Self.append(varint: UInt64(content.count), to: &output)
        output.append(contentsOf: content)
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func append(varint value: UInt64, to output: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        output.append(UInt8(value))
    }
}
