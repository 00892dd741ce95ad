// SPDX-License-Identifier: Apache-2.0

/// One file that a message names: its attachment, or the small picture of it.
public struct FileReference: Hashable, Sendable {
    public var name: FileName
    public var kind: FileKind
    /// Without `share-secret`.
    public var url: String
    /// Opens the file when the app restricts access.
    public var secret: String?
    /// Bytes, as the message states them; nil where it does not.
    public var statedBytes: Int64?

    public init(
        name: FileName, kind: FileKind, url: String, secret: String? = nil, statedBytes: Int64? = nil
    ) {
        self.name = name
        self.kind = kind
        self.url = url
        self.secret = secret
        self.statedBytes = statedBytes
    }
}

/// What a file is known by on every surface: the UUID of its upload, and which picture of it is meant.
public struct FileName: Hashable, Sendable {
    /// What follows `/chatfiles/`, lower-cased.
    public var uuid: String
    public var part: Part

    /// Thumbnails made by the platform have the UUID of what they show.
    public enum Part: String, Hashable, Sendable, CaseIterable {
        case file, thumbnail
    }

    public init(uuid: String, part: Part = .file) {
        self.uuid = uuid.lowercased()
        self.part = part
    }
}

/// What a message names a file as.
public enum FileKind: String, Hashable, Sendable, CaseIterable {
    case image, voice, video, file, thumbnail
    /// The bundle of a combine-forward message (合并转发).
    case combine
}

extension Attachment {
    /// What the attachment is known by; nil for a URL of the sender's own.
    public var fileName: FileName? { uuid.map { FileName(uuid: $0) } }

    /// What its thumbnail is known by: the same upload asked for in small, or an upload of its own.
    ///
    /// Nil without a thumbnail's URL, and where that is the attachment's own.
    public var thumbnailName: FileName? {
        guard let url = thumbnailURL, let uuid = AttachmentURL.uuid(in: url) else { return nil }
        let name = FileName(uuid: uuid, part: AttachmentURL.isSmall(url) ? .thumbnail : .file)
        return name == fileName ? nil : name
    }
}

extension Body {
    /// What the body's attachment is; nil for a body that has none.
    public var fileKind: FileKind? {
        switch self {
        case .image: .image
        case .audio: .voice
        case .video: .video
        case .file: .file
        case .combine: .combine
        case .text, .location, .command, .custom, .unknown: nil
        }
    }

    /// The file beside the message, for the four types that are one and for a combine message's bundle.
    public var attachment: Attachment? {
        switch self {
        case .image(let file), .audio(let file), .video(let file), .file(let file): file
        case .combine(let combine): combine.bundle
        case .text, .location, .command, .custom, .unknown: nil
        }
    }

    /// The files the body names that have an identity on the platform, the attachment before its thumbnail.
    public var files: [FileReference] {
        guard let attachment, let kind = fileKind else { return [] }
        var files: [FileReference] = []
        if let name = attachment.fileName, let url = attachment.url {
            // A length of zero is what clients write that do not know it.
            let stated = attachment.fileLength.flatMap { $0 > 0 ? $0 : nil }
            files.append(
                FileReference(
                    name: name, kind: kind, url: url, secret: attachment.secret, statedBytes: stated))
        }
        if let name = attachment.thumbnailName, let url = attachment.thumbnailURL {
            // One upload has one secret, for whichever picture of it.
            let shared = name.uuid == attachment.fileName?.uuid ? attachment.secret : nil
            files.append(
                FileReference(
                    name: name, kind: .thumbnail, url: url, secret: attachment.thumbnailSecret ?? shared))
        }
        return files
    }
}

extension AttachmentURL {
    /// Whether the URL asks for a picture made of the file: `thumbnail=true`, or a video's `vframe=true`.
    static func isSmall(_ url: String) -> Bool {
        guard let query = url.utf8.firstIndex(of: UInt8(ascii: "?")) else { return false }
        return url[url.index(after: query)...].prefix { $0 != "#" }.split(separator: "&")
            .contains { $0 == "thumbnail=true" || $0 == "vframe=true" }
    }
}
