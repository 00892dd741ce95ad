// SPDX-License-Identifier: Apache-2.0

/// What a message says: one of the platform's nine types, or something newer than this program.
public enum Body: Hashable, Sendable {
    case text(String)
    case image(Attachment)
    case audio(Attachment)
    case video(Attachment)
    case file(Attachment)
    case location(Location)
    case command(action: String)
    case custom(Custom)
    case combine(Combine)
    /// A type this program does not know; `type` is its name on the wire.
    case unknown(type: String)

    /// The type's name in the platform's words: `txt`, `img`, `audio`, `video`, `file`, `loc`, `cmd`, `custom`, `combine`.
    public var type: String {
        switch self {
        case .text: "txt"
        case .image: "img"
        case .audio: "audio"
        case .video: "video"
        case .file: "file"
        case .location: "loc"
        case .command: "cmd"
        case .custom: "custom"
        case .combine: "combine"
        case .unknown(let type): type
        }
    }
}

/// A file beside a message: an image, a voice, a video or any other.
public struct Attachment: Hashable, Sendable {
    /// The UUID after `/chatfiles/`: the identity of the file on every surface.
    ///
    /// Nil for a URL of the sender's own.
    public var uuid: String?
    /// As received, without `share-secret`.
    public var url: String?
    public var filename: String?
    /// Bytes.
    public var fileLength: Int64?
    /// Seconds, of audio and video.
    public var duration: Double?
    /// Pixels.
    public var width: Double?
    public var height: Double?
    /// Opens the file when the app restricts access: evidence, shown only when asked for.
    public var secret: String?
    public var thumbnailURL: String?
    public var thumbnailSecret: String?
    public var isGIF = false

    public init() {}
}

/// A place.
public struct Location: Hashable, Sendable {
    /// Degrees, WGS 84 or whatever the sender's map uses.
    public var latitude: Double
    public var longitude: Double
    public var address: String
    public var buildingName: String?

    public init(latitude: Double, longitude: Double, address: String, buildingName: String? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.address = address
        self.buildingName = buildingName
    }
}

/// A message of the app's own kind.
public struct Custom: Hashable, Sendable {
    public var event: String
    /// In the order received.
    ///
    /// A value that is not a string keeps its JSON text.
    public var fields: [Field]

    public struct Field: Hashable, Sendable {
        public var key: String
        public var value: FieldValue

        public init(key: String, value: FieldValue) {
            self.key = key
            self.value = value
        }
    }

    public init(event: String, fields: [Field]) {
        self.event = event
        self.fields = fields
    }
}

/// A string, or the text of any other JSON value.
public enum FieldValue: Hashable, Sendable {
    case string(String)
    case json(String)
}

/// A combine-forward message (合并转发): a title, a summary and a bundle of messages in an attachment.
public struct Combine: Hashable, Sendable {
    public var title: String
    public var summary: String
    /// What clients without combine messages show.
    public var compatibleText: String?
    /// Nesting depth: 1 when only plain messages are inside.
    public var level: Int?
    /// The bundle's file.
    public var bundle: Attachment

    public init(title: String, summary: String, compatibleText: String?, level: Int?, bundle: Attachment) {
        self.title = title
        self.summary = summary
        self.compatibleText = compatibleText
        self.level = level
        self.bundle = bundle
    }
}
