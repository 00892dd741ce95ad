// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleEvents

/// Takes live credentials out of a payload and leaves every other byte as it was.
///
/// SDK events carry the receiving user's own access token beside attachments, an app may log its login options,
/// and the first frames of a connection carry the token too. Secrets of attachments are evidence and stay.
package struct CredentialBlanking: Sendable {
    /// What stands where a credential stood.
    package static let replacement = "[blanked]"

    /// The payload without credentials.
    package let document: JSONDocument
    /// Where they stood, outermost member first: `message.accessToken`, `items[2].pwd`, `base64.payload.auth`.
    package let paths: [String]

    /// Finds and replaces the credentials of `document`; nil when there are none.
    package init?(_ document: JSONDocument) {
        guard Self.mayHoldCredential(document.bytes) else { return nil }
        var search = Search()
        search.visit(document.root, path: "")
        search.visitFrame(document.root)
        // A frame's text may stand before or behind what the walk found.
        search.found.sort { $0.range.lowerBound < $1.range.lowerBound }
        guard !search.found.isEmpty else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(document.bytes.count)
        var copied = 0
        for hit in search.found {
            output.append(contentsOf: document.bytes[copied..<hit.range.lowerBound])
            JSONString.append(hit.replacement, to: &output)
            copied = hit.range.upperBound
        }
        output.append(contentsOf: document.bytes[copied...])
        // One string was put where another value stood: it is JSON still, and no deeper.
        guard let blanked = try? JSONDocument(output, maximumDepth: .max) else {
            preconditionFailure("blanking broke the payload")
        }
        self.document = blanked
        paths = search.found.flatMap(\.paths)
    }

    /// The members whose string values are credentials, at any depth.
    static let names: Set<String> = [
        "accessToken", "access_token", "pwd", "password", "authToken", "auth_token", "Authorization",
        "agoraToken",
    ]

    /// Whether a walk is worth its time: every name holds one of these, unless it is written with escapes.
    private static func mayHoldCredential(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            (["ken", "wd", "word", "zation", "frame", "\\u"] as [StaticString]).contains { holds($0, bytes) }
        }
    }

    private static func holds(_ needle: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard var start = bytes.baseAddress else { return false }
        let end = start + bytes.count
        let length = needle.utf8CodeUnitCount
        while let found = memchr(start, Int32(needle.utf8Start[0]), end - start) {
            guard end - UnsafeRawPointer(found) >= length else { return false }
            if memcmp(found, needle.utf8Start, length) == 0 { return true }
            start = UnsafeRawPointer(found) + 1
        }
        return false
    }

    /// A walk over a document; its depth is the document's, which was checked when it was read.
    private struct Search {
        struct Hit {
            var range: Range<Int>
            var replacement = CredentialBlanking.replacement
            var paths: [String]
        }

        var found: [Hit] = []

        mutating func visit(_ value: JSONValue, path: String) {
            for (key, member) in value.members {
                let path = path.isEmpty ? key : "\(path).\(key)"
                if member.isObject || member.isArray {
                    visit(member, path: path)
                } else if names.contains(key), member.kind == .string || member.kind == .number,
                    member.string != CredentialBlanking.replacement
                {
                    found.append(Hit(range: member.range, paths: [path]))
                }
            }
            for (index, element) in value.elements.enumerated() where element.isObject || element.isArray {
                visit(element, path: "\(path)[\(index)]")
            }
        }

        /// Looks into a frame: `{"frame":"easemob.pb.MSync","base64":"…"}`.
        mutating func visitFrame(_ root: JSONValue) {
            guard let type = root["frame"]?.string, let text = root["base64"], text.kind == .string,
                let base64 = text.string, base64 != CredentialBlanking.replacement,
                let blanking = FrameBlanking(Base64.decode(base64.utf8) ?? [0], type: type)
            else { return }
            guard let frame = blanking.frame else {
                // Unreadable, so the token may stand anywhere in it.
                found.append(Hit(range: text.range, paths: ["base64"]))
                return
            }
            var kept: [UInt8] = []
            Base64.append(frame, to: &kept)
            found.append(
                Hit(
                    range: text.range, replacement: String(decoding: kept, as: UTF8.self),
                    paths: blanking.fields.map { "base64.\($0)" }))
        }
    }
}
