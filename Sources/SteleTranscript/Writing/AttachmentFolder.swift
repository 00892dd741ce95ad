// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// An archive's stored attachments, found by the SHA-256 of their content: `ab/abcdef…` below `sha256`.
public struct AttachmentFolder: Sendable {
    /// The archive's `attachments` folder.
    public let url: URL

    public init(_ url: URL) { self.url = url }

    /// Where the content with that hash lies, if it is there; nil for anything that is not a SHA-256 in hexadecimal.
    public func file(sha256: String) -> URL? {
        let isHash =
            sha256.utf8.count == 64
            && sha256.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
        guard isHash else { return nil }
        let file = url.appendingPathComponent("sha256/\(sha256.prefix(2))/\(sha256)")
        return FileManager.default.isReadableFile(atPath: file.path) ? file : nil
    }
}
