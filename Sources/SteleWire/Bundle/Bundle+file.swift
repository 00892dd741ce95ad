// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SwiftProtobuf

extension Bundle {
    private static let magic = Array("cm".utf8)

    /// Reads a combine message's attachment.
    ///
    /// Allocates no more than the file's size warrants, whatever the lengths in it say.
    ///
    /// - Throws: ``BundleError`` naming the first thing wrong with the file.
    package init(file: [UInt8]) throws(BundleError) {
        guard file.count > Self.magic.count, file.starts(with: Self.magic) else {
            throw BundleError(
                code: .notABundle, message: nil, reason: "the file does not start with 'cm'",
                remedy: "Check that this is the attachment of a combine message, as it was downloaded")
        }
        guard Self.check(file[..<(file.count - 1)]) == file.last else {
            throw BundleError(
                code: .checksum, message: nil, reason: "the file's check byte does not fit its content",
                remedy: "Get the attachment again: these bytes were changed or cut on their way")
        }
        messages = []
        var rest = file[Self.magic.count..<(file.count - 1)]
        while !rest.isEmpty {
            guard messages.count < Self.maximumMessages else {
                throw BundleError(
                    code: .tooManyMessages, message: messages.count + 1,
                    reason: "the file holds more than \(Self.maximumMessages) messages",
                    remedy: "Treat the file as damaged: the platform lets no client make such a one")
            }
            let meta = try Self.takeMessage(&rest, number: messages.count + 1)
            messages.append(try BundleMessage(meta: meta, number: messages.count + 1))
        }
    }

    /// Takes one length and the message of that length off the front.
    private static func takeMessage(
        _ rest: inout ArraySlice<UInt8>, number: Int
    ) throws(BundleError) -> WireMeta {
        guard rest.count >= 4 else {
            throw BundleError(
                code: .truncated, message: number, reason: "the file ends inside a length",
                remedy: "Get the attachment again: this file was cut")
        }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest.removeFirst(4)
        guard length <= rest.count else {
            throw BundleError(
                code: .truncated, message: number,
                reason: "its length is \(length) bytes, and only \(rest.count) are left",
                remedy: "Get the attachment again: this file was cut or changed")
        }
        defer { rest.removeFirst(length) }
        do {
            return try WireMeta(serializedBytes: Array(rest.prefix(length)))
        } catch {
            throw BundleError(
                code: .malformedMessage, message: number, reason: "its bytes are no protobuf message",
                remedy: "Get the attachment again: this file was changed")
        }
    }

    /// Writes the attachment, byte for byte as the platform's client does for the same messages.
    ///
    /// - Throws: ``BundleError`` when the platform would not take so many messages or levels, or a message has
    ///   something the file has no place for: an id that is no 64-bit number, or a body of an unknown type.
    package func encoded() throws(BundleError) -> [UInt8] {
        guard !messages.isEmpty else {
            throw BundleError(
                code: .empty, message: nil, reason: "there is no message to write",
                remedy: "Choose at least one message")
        }
        guard messages.count <= Self.maximumMessages else {
            throw BundleError(
                code: .tooManyMessages, message: nil,
                reason: "there are \(messages.count) messages and a level holds \(Self.maximumMessages)",
                remedy: "Choose fewer messages, or make several bundles")
        }
        guard level <= Self.maximumLevels else {
            throw BundleError(
                code: .tooManyLevels, message: nil,
                reason:
                    "the bundle would be \(level) levels deep and the platform takes \(Self.maximumLevels)",
                remedy: "Leave out the deepest combine message")
        }
        var file = Self.magic
        for (index, message) in messages.enumerated() {
            let bytes: [UInt8] = try message.wireBytes(number: index + 1)
            for shift in [24, 16, 8, 0] { file.append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
            file.append(contentsOf: bytes)
        }
        file.append(Self.check(file[...]))
        return file
    }

    /// The XOR of the bytes at odd offsets; the two of the magic do not count.
    private static func check(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        var check: UInt8 = 0
        for offset in stride(from: 3, to: bytes.endIndex, by: 2) { check ^= bytes[offset] }
        return check
    }
}
