// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleEvents

/// Takes live credentials out of a payload and leaves every other byte as it was.
///
/// SDK events carry the receiving user's own access token beside attachments, and an app may log its login
/// options. Secrets of attachments are evidence and stay.
package struct CredentialBlanking: Sendable {
    /// What stands where a credential stood.
    package static let replacement = "[blanked]"

    /// The payload without credentials.
    package let document: JSONDocument
    /// Where they stood, outermost member first: `message.accessToken`, `items[2].pwd`.
    package let paths: [String]

    /// Finds and replaces the credentials of `document`; nil when there are none.
    package init?(_ document: JSONDocument) {
        guard Self.mayHoldCredential(document.bytes) else { return nil }
        var search = Search()
        search.visit(document.root, path: "")
        guard !search.found.isEmpty else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(document.bytes.count)
        var copied = 0
        for hit in search.found {
            output.append(contentsOf: document.bytes[copied..<hit.range.lowerBound])
            JSONString.append(Self.replacement, to: &output)
            copied = hit.range.upperBound
        }
        output.append(contentsOf: document.bytes[copied...])
        // One string was put where another value stood: it is JSON still, and no deeper.
        guard let blanked = try? JSONDocument(output, maximumDepth: .max) else {
            preconditionFailure("blanking broke the payload")
        }
        self.document = blanked
        paths = search.found.map(\.path)
    }

    /// The members whose string values are credentials, at any depth.
    static let names: Set<String> = [
        "accessToken", "access_token", "pwd", "password", "authToken", "auth_token", "Authorization",
        "agoraToken",
    ]

    /// Whether a walk is worth its time: every name holds one of these, unless it is written with escapes.
    private static func mayHoldCredential(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            (["ken", "wd", "word", "zation", "\\u"] as [StaticString]).contains { holds($0, bytes) }
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
        var found: [(range: Range<Int>, path: String)] = []

        mutating func visit(_ value: JSONValue, path: String) {
            for (key, member) in value.members {
                let path = path.isEmpty ? key : "\(path).\(key)"
                if member.isObject || member.isArray {
                    visit(member, path: path)
                } else if names.contains(key), member.kind == .string || member.kind == .number,
                    member.string != CredentialBlanking.replacement
                {
                    found.append((member.range, path))
                }
            }
            for (index, element) in value.elements.enumerated() where element.isObject || element.isArray {
                visit(element, path: "\(path)[\(index)]")
            }
        }
    }
}
