// SPDX-License-Identifier: Apache-2.0

/// What a stored attachment is by its first bytes, never by what its sender called it.
struct MediaType: Equatable {
    enum Kind: Equatable { case image, audio, video, other }

    let kind: Kind
    /// As HTTP names it, `image/png`.
    let name: String
    /// The extension its copy gets: one that no system runs.
    let fileExtension: String

    /// - Parameters:
    ///   - head: The first 16 bytes, or all of a shorter file.
    ///   - filename: What its sender called it: decides only between kinds that browsers do not open.
    ///   - isVoice: Whether it came as a voice message: one container serves sound and pictures.
    init(head: [UInt8], filename: String?, isVoice: Bool) {
        let at = { (offset: Int, text: StaticString) in
            head.count >= offset + text.utf8CodeUnitCount
                && (0..<text.utf8CodeUnitCount).allSatisfy { head[offset + $0] == text.utf8Start[$0] }
        }
        switch true {
        case head.starts(with: [0x89, 0x50, 0x4E, 0x47]): self.init(.image, "image/png", "png")
        case head.starts(with: [0xFF, 0xD8, 0xFF]): self.init(.image, "image/jpeg", "jpg")
        case at(0, "GIF8"): self.init(.image, "image/gif", "gif")
        case at(0, "RIFF") && at(8, "WEBP"): self.init(.image, "image/webp", "webp")
        case at(0, "BM") && filename?.lowercased().hasSuffix(".bmp") == true:
            self.init(.image, "image/bmp", "bmp")
        case at(0, "RIFF") && at(8, "WAVE"): self.init(.audio, "audio/wav", "wav")
        case at(0, "ID3"), head.starts(with: [0xFF, 0xFB]), head.starts(with: [0xFF, 0xF3]):
            self.init(.audio, "audio/mpeg", "mp3")
        case at(0, "OggS"): self.init(isVoice ? .audio : .video, isVoice ? "audio/ogg" : "video/ogg", "ogg")
        case at(4, "ftyp"):
            self.init(isVoice ? .audio : .video, isVoice ? "audio/mp4" : "video/mp4", isVoice ? "m4a" : "mp4")
        case head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]):
            self.init(isVoice ? .audio : .video, isVoice ? "audio/webm" : "video/webm", "webm")
        default: self.init(.other, "application/octet-stream", Self.passiveExtension(of: filename))
        }
    }

    private init(_ kind: Kind, _ name: String, _ fileExtension: String) {
        self.kind = kind
        self.name = name
        self.fileExtension = fileExtension
    }

    /// The sender's extension when it is one that opens as a document, `bin` for everything a system might run.
    private static func passiveExtension(of filename: String?) -> String {
        guard let filename, let dot = filename.lastIndex(of: ".") else { return "bin" }
        let given = filename[filename.index(after: dot)...].lowercased()
        return passive.contains(given) ? given : "bin"
    }

    private static let passive: Set<String> = [
        "amr", "aac", "flac", "mov", "avi", "mkv", "3gp", "heic", "tif", "tiff", "pdf", "doc", "docx", "xls",
        "xlsx", "ppt", "pptx", "odt", "ods", "odp", "txt", "md", "csv", "json", "log", "rtf", "zip", "rar",
        "7z",
        "gz", "tar", "psd", "ai", "sketch", "key", "pages", "numbers", "wps", "et", "dps",
    ]
}
