// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleWire

/// Opens combine messages: the bundle's file, the bundles inside it, and so on.
struct BundleResolver {
    /// Bytes of a bundle's file that are read; the platform's largest, 300 messages of 5 KB, has a fortieth of that.
    private static let maximumByteCount: Int64 = 64 << 20
    /// Messages shown in one bundle, all levels together.
    ///
    /// A bundle may name one inner bundle many times, and that one another: without a bound, a few small files could grow
    /// to billions of messages.
    private static let maximumMessages = 20_000

    let reader: ViewsReader
    let archive: Archive

    /// What is inside a combine message's bundle, or why it cannot be shown.
    func content(of bundle: Attachment) throws -> BundleContent {
        var shown = 0
        return try content(of: bundle, inside: [], &shown)
    }

    /// `path` holds the bundles round this one, the outermost first.
    private func content(
        of attachment: Attachment, inside path: [String], _ shown: inout Int
    ) throws -> BundleContent {
        guard let uuid = attachment.uuid?.lowercased() else {
            return .unreadable(reason: "its file has no address")
        }
        guard !path.contains(uuid) else { return .unreadable(reason: "it contains itself") }
        guard path.count < SteleWire.Bundle.maximumLevels else {
            return .unreadable(reason: "it nests deeper than \(SteleWire.Bundle.maximumLevels) levels")
        }
        let bundle: SteleWire.Bundle
        switch try file(uuid) {
        case .missing(let reason): return .unreadable(reason: reason)
        case .bytes(let bytes):
            do throws(BundleError) {
                bundle = try SteleWire.Bundle(file: bytes)
            } catch {
                return .unreadable(reason: "its file is damaged: \(error.reason)")
            }
        }
        shown += bundle.messages.count
        guard shown <= Self.maximumMessages else {
            return .unreadable(
                reason: "more than \(Self.maximumMessages) messages are inside, all levels together")
        }
        let known = try KnownFiles(of: bundle.messages.map(\.body), reader)
        var messages: [BundledMessage] = []
        messages.reserveCapacity(bundle.messages.count)
        for inner in bundle.messages {
            var message = BundledMessage(
                id: inner.id,
                from: inner.from.map { user in
                    Participant(user: user, displayName: inner.ext.flatMap(DisplayName.find(inExtension:)))
                }, time: inner.time, body: inner.body, ext: inner.ext)
            (message.attachment, message.thumbnail) = known.states(of: inner.body)
            if case .combine(let combine) = inner.body {
                message.bundle = try content(of: combine.bundle, inside: path + [uuid], &shown)
            }
            messages.append(message)
        }
        return .messages(messages)
    }

    private enum File {
        case bytes([UInt8])
        case missing(reason: String)
    }

    /// The file's content: from the archive, else as it was seen beside its upload or download.
    private func file(_ uuid: String) throws -> File {
        let name = FileName(uuid: uuid)
        let state = try KnownFiles([name], reader).state(of: name, .combine)
        switch state {
        case .stored(let sha256, let byteCount):
            guard byteCount <= Self.maximumByteCount else {
                return .missing(reason: "its file is too large for a bundle")
            }
            let url = archive.attachmentURL(sha256: sha256)
            do {
                return .bytes([UInt8](try Data(contentsOf: url)))
            } catch {
                // One lost file must not keep a transcript from being read: the transcript says that it is lost.
                return .missing(reason: "its file, sha256 \(sha256), is no longer in the archive")
            }
        case .missing(let reason, _):
            if let bytes = try reader.bundleFile(uuid) { return .bytes(bytes) }
            return .missing(reason: "its file is not in the archive: \(reason)")
        }
    }
}
