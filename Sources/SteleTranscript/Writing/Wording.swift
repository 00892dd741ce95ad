// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

/// The language of what a writer says itself; what people wrote stays as they wrote it.
public enum TranscriptLanguage: String, Hashable, Sendable, CaseIterable {
    case english = "en"
    case chinese = "zh"
}

/// What the readable formats say in either language, in one place.
public struct Wording: Sendable {
    public let language: TranscriptLanguage

    public init(_ language: TranscriptLanguage) { self.language = language }

    /// The one of two phrasings that belongs to the language.
    public func callAsFunction(_ english: String, _ chinese: String) -> String {
        language == .english ? english : chinese
    }

    /// `3 messages`, `3 条消息`.
    public func messages(_ count: Int) -> String {
        self(count == 1 ? "1 message" : "\(count) messages", "\(count) 条消息")
    }

    /// `Monday`, `星期一`.
    public func weekday(_ number: Int) -> String {
        let names =
            language == .english
            ? ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
            : ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"]
        return names[(number % 7 + 7) % 7]
    }

    /// `Group`, `群组`.
    public func kind(_ kind: ConversationKind) -> String {
        switch kind {
        case .chat: self("Chat", "单聊")
        case .group: self("Group", "群组")
        case .room: self("Chat room", "聊天室")
        case .thread: self("Thread", "子区")
        }
    }

    /// `Image`, `图片`; the wire's own name for a type that is not known.
    public func type(of body: Body) -> String {
        switch body {
        case .text: self("Text", "文本")
        case .image: self("Image", "图片")
        case .audio: self("Voice", "语音")
        case .video: self("Video", "视频")
        case .file: self("File", "文件")
        case .location: self("Location", "位置")
        case .command: self("Command", "透传消息")
        case .custom: self("Custom", "自定义消息")
        case .combine: self("Chat history", "聊天记录")
        case .unknown(let type): type.isEmpty ? self("Unknown type", "未知类型") : type
        }
    }

    /// `1.4 MB`: bytes by thousands, one digit after the point where it says something.
    public func size(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var tenths = bytes / 100
        var unit = 0
        while tenths >= 10_000, unit < 3 {
            tenths /= 1000
            unit += 1
        }
        let number = tenths >= 1000 || tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
        return number + " " + ["kB", "MB", "GB", "TB"][unit]
    }

    /// `0:07`, `12:30`, `1:00:00`; nil for what cannot be a length of time.
    public func duration(_ seconds: Double) -> String? {
        guard seconds >= 0, seconds < 1e9 else { return nil }
        let whole = Int(seconds.rounded())
        let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        guard whole >= 3600 else { return "\(whole / 60):\(padded(whole % 60))" }
        return "\(whole / 3600):\(padded(whole / 60 % 60)):\(padded(whole % 60))"
    }

    /// Latitude and longitude in decimal degrees, as `geo:` links and maps take them.
    public func coordinates(_ place: Location) -> String { "\(place.latitude),\(place.longitude)" }
}
