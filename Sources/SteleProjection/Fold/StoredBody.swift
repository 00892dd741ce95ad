// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A body as the views keep it: its type, the text a person would look for, and the rest as tagged bytes.
///
/// | type | `text` |
/// |---|---|
/// | `txt` | the text |
/// | `img`, `audio`, `video`, `file` | the file's name |
/// | `loc` | the address |
/// | `cmd` | the action |
/// | `custom` | the event |
/// | `combine` | the title |
///
/// A ``Body`` comes back exactly as it was put in.
struct StoredBody: Equatable {
    var type: String
    var text: String
    /// Empty when there is nothing more to say.
    var detail: [UInt8]

    init(type: String, text: String, detail: [UInt8]) {
        self.type = type
        self.text = text
        self.detail = detail
    }

    static func == (one: Self, other: Self) -> Bool {
        ExactText.areSame(one.type, other.type) && ExactText.areSame(one.text, other.text)
            && one.detail == other.detail
    }

    init(_ body: Body) {
        type = body.type
        var rest = FieldWriter()
        switch body {
        case .text(let message): text = message
        case .command(let action): text = action
        case .unknown: text = ""
        case .image(let attachment), .audio(let attachment), .video(let attachment), .file(let attachment):
            text = attachment.filename ?? ""
            rest.put(attachment)
            rest.put(Tag.hasText, attachment.filename != nil)
        case .location(let location):
            text = location.address
            rest.put(Tag.latitude, location.latitude)
            rest.put(Tag.longitude, location.longitude)
            rest.put(Tag.building, location.buildingName)
        case .custom(let custom):
            text = custom.event
            for field in custom.fields {
                rest.put(Tag.key, field.key)
                switch field.value {
                case .string(let value): rest.put(Tag.string, value)
                case .json(let value): rest.put(Tag.json, value)
                }
            }
        case .combine(let combine):
            text = combine.title
            rest.put(combine.bundle)
            rest.put(Tag.hasText, combine.bundle.filename)
            rest.put(Tag.summary, combine.summary)
            rest.put(Tag.compatibleText, combine.compatibleText)
            rest.put(Tag.level, combine.level.map(Int64.init))
        }
        // A type of the platform's future may be called like one of today's: the tag keeps them apart.
        if case .unknown = body { rest.put(Tag.isUnknown, true) }
        detail = rest.bytes
    }

    var body: Body {
        let rest = FieldReader(detail)
        if rest.bit(Tag.isUnknown) { return .unknown(type: type) }
        switch type {
        case "txt": return .text(text)
        case "cmd": return .command(action: text)
        case "img": return .image(attachment(rest))
        case "audio": return .audio(attachment(rest))
        case "video": return .video(attachment(rest))
        case "file": return .file(attachment(rest))
        case "loc":
            return .location(
                Location(
                    latitude: rest.double(Tag.latitude) ?? 0, longitude: rest.double(Tag.longitude) ?? 0,
                    address: text, buildingName: rest.text(Tag.building)))
        case "custom": return .custom(Custom(event: text, fields: Self.fields(rest)))
        case "combine":
            var bundle = Attachment(rest)
            bundle.filename = rest.text(Tag.hasText)
            return .combine(
                Combine(
                    title: text, summary: rest.text(Tag.summary) ?? "",
                    compatibleText: rest.text(Tag.compatibleText),
                    level: rest.number(Tag.level).map { Int($0) }, bundle: bundle))
        default: return .unknown(type: type)
        }
    }

    private func attachment(_ rest: FieldReader) -> Attachment {
        var attachment = Attachment(rest)
        attachment.filename = rest.bit(Tag.hasText) ? text : nil
        return attachment
    }

    private static func fields(_ rest: FieldReader) -> [Custom.Field] {
        var fields: [Custom.Field] = []
        var key = ""
        for (tag, content) in rest.all {
            let text = String(decoding: content, as: UTF8.self)
            switch tag {
            case Tag.key: key = text
            case Tag.string: fields.append(Custom.Field(key: key, value: .string(text)))
            case Tag.json: fields.append(Custom.Field(key: key, value: .json(text)))
            default: continue
            }
        }
        return fields
    }

    /// Whether a person would take the two for the same: surfaces write one body each in its own way, with other URLs, and
    /// with fields that another leaves out.
    func saysTheSame(as other: StoredBody) -> Bool {
        guard type == other.type else { return false }
        // A file that the SDK was still to upload has no address yet.
        if let one = body.file, let two = other.body.file {
            let (one, two) = (Self.identity(one), Self.identity(two))
            return one == two || one.isEmpty || two.isEmpty
        }
        return gist == other.gist
    }

    /// What there is to read, in one text: for telling contents apart.
    var gist: String {
        switch body {
        case .image(let file), .audio(let file), .video(let file), .file(let file):
            type + " " + Self.identity(file)
        case .combine(let combine): type + " " + combine.title + "\n" + combine.summary
        case .text, .command, .unknown: type + " " + text
        case .location(let place): "\(type) \(place.latitude) \(place.longitude) \(place.address)"
        case .custom(let custom): "\(type) \(custom.event) \(custom.fields)"
        }
    }

    private static func identity(_ file: Attachment) -> String { file.uuid?.lowercased() ?? file.url ?? "" }

    /// What search looks through: every text of the body that a person could read.
    var searchable: [String] {
        guard type != "txt", type != "cmd" else { return type == "txt" ? [text] : [] }
        let rest = FieldReader(detail)
        var texts = [text]
        texts += [Tag.building, Tag.summary, Tag.compatibleText].compactMap(rest.text)
        texts += rest.all.compactMap { field in
            field.tag == Tag.string ? String(decoding: field.content, as: UTF8.self) : nil
        }
        return texts
    }
}

/// The tags of a body's detail; a number is never given a second meaning.
private enum Tag {
    static let uuid: UInt8 = 1
    static let url: UInt8 = 2
    static let length: UInt8 = 3
    static let duration: UInt8 = 4
    static let width: UInt8 = 5
    static let height: UInt8 = 6
    static let secret: UInt8 = 7
    static let thumbnail: UInt8 = 8
    static let thumbnailSecret: UInt8 = 9
    static let isGIF: UInt8 = 10
    /// Of an attachment, that the file's name is told; of a combine message, the name itself.
    static let hasText: UInt8 = 11
    static let latitude: UInt8 = 12
    static let longitude: UInt8 = 13
    static let building: UInt8 = 14
    static let key: UInt8 = 15
    static let string: UInt8 = 16
    static let json: UInt8 = 17
    static let summary: UInt8 = 18
    static let compatibleText: UInt8 = 19
    static let level: UInt8 = 20
    static let isUnknown: UInt8 = 21
}

extension FieldWriter {
    /// Everything but the file's name.
    fileprivate mutating func put(_ attachment: Attachment) {
        put(Tag.uuid, attachment.uuid)
        put(Tag.url, attachment.url)
        put(Tag.length, attachment.fileLength)
        put(Tag.duration, attachment.duration)
        put(Tag.width, attachment.width)
        put(Tag.height, attachment.height)
        put(Tag.secret, attachment.secret)
        put(Tag.thumbnail, attachment.thumbnailURL)
        put(Tag.thumbnailSecret, attachment.thumbnailSecret)
        put(Tag.isGIF, attachment.isGIF)
    }
}

extension Attachment {
    fileprivate init(_ fields: FieldReader) {
        self.init()
        uuid = fields.text(Tag.uuid)
        url = fields.text(Tag.url)
        fileLength = fields.number(Tag.length)
        duration = fields.double(Tag.duration)
        width = fields.double(Tag.width)
        height = fields.double(Tag.height)
        secret = fields.text(Tag.secret)
        thumbnailURL = fields.text(Tag.thumbnail)
        thumbnailSecret = fields.text(Tag.thumbnailSecret)
        isGIF = fields.bit(Tag.isGIF)
    }
}

extension Body {
    /// The file, of the four types that are one.
    fileprivate var file: Attachment? {
        switch self {
        case .image(let file), .audio(let file), .video(let file), .file(let file): file
        case .text, .location, .command, .custom, .combine, .unknown: nil
        }
    }
}
