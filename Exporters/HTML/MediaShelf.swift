// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTranscript

/// Where a page finds stored attachments: copied beside it, or written into it.
struct MediaShelf {
    enum Place {
        /// Copied into `attachments/` of the folder, each content once.
        case folder(OutputFolder)
        /// Written into the page as `data:` addresses, up to so many bytes altogether.
        case inline(limit: Int64)
    }

    /// How a page refers to an attachment.
    enum Reference {
        /// A relative address or a `data:` one, of our own making in either case.
        case address(String, MediaType)
        /// Why there is none, though the archive holds the content.
        case absent(Absence)
    }

    enum Absence { case unreadable, tooLarge, notIncluded }

    let source: AttachmentFolder?
    private let place: Place
    /// Name of the copy by hash; grows by one short string an attachment.
    private var copied: [String: MediaType] = [:]
    private var inlined: Int64 = 0

    init(source: AttachmentFolder?, place: Place) {
        self.source = source
        self.place = place
    }

    /// Finds or makes the place of an attachment; `root` is the way from the page to the top of the export.
    mutating func reference(sha256: String, filename: String?, isVoice: Bool, root: String) throws
        -> Reference
    {
        guard let source else { return .absent(.notIncluded) }
        guard let file = source.file(sha256: sha256) else { return .absent(.unreadable) }
        switch place {
        case .folder(let folder):
            let type = try copied[sha256] ?? Self.type(of: file, filename: filename, isVoice: isVoice)
            let path = "attachments/\(sha256).\(type.fileExtension)"
            if copied.updateValue(type, forKey: sha256) == nil { try folder.copy(file, to: path) }
            return .address(root + path, type)
        case .inline(let limit):
            let data = try Data(contentsOf: file, options: .mappedIfSafe)
            guard inlined + Int64(data.count) <= limit else { return .absent(.tooLarge) }
            inlined += Int64(data.count)
            let type = MediaType(head: Array(data.prefix(16)), filename: filename, isVoice: isVoice)
            return .address("data:\(type.name);base64,\(data.base64EncodedString())", type)
        }
    }

    private static func type(of file: URL, filename: String?, isVoice: Bool) throws -> MediaType {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }  // Only read from: nothing can be lost by a failing close.
        let head = try handle.read(upToCount: 16) ?? Data()
        return MediaType(head: Array(head), filename: filename, isVoice: isVoice)
    }
}
