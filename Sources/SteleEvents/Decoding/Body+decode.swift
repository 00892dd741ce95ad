// SPDX-License-Identifier: Apache-2.0

extension Body {
    /// Understands a body as callbacks and history files write it, or a message object of the SDK, whose body's
    /// fields stand among the message's own.
    ///
    /// A combine message is known by its `subType`: in callbacks its type is `txt`, in history files it has none.
    static func decode(_ json: JSONValue) -> Body {
        let type = json["type"]?.string
        if json["subType"]?.string == "sub_combine" { return .combine(Combine.decode(json)) }
        switch type {
        case "txt", "text": return .text(json["msg"]?.text ?? "")
        case "img", "image": return .image(Attachment.decode(json))
        case "audio", "voice": return .audio(Attachment.decode(json))
        case "video": return .video(Attachment.decode(json))
        case "file": return .file(Attachment.decode(json))
        case "loc", "location": return .location(Location.decode(json))
        case "cmd", "command": return .command(action: (json["action"] ?? json["msg"])?.text ?? "")
        case "custom": return .custom(Custom.decode(json))
        case "combine": return .combine(Combine.decode(json))
        default: return .unknown(type: type ?? "")
        }
    }
}

extension Attachment {
    /// Reads the fields of a file; what a message to be sent keeps in `body` counts where the message is silent.
    static func decode(_ json: JSONValue) -> Attachment {
        let nested = json["body"]
        func field(_ key: StaticString) -> JSONValue? { json[key] ?? nested?[key] }
        var attachment = Attachment()
        if let url = field("url")?.nonEmptyText {
            attachment.uuid = AttachmentURL.uuid(in: url)
            (attachment.url, attachment.secret) = AttachmentURL.parts(of: url)
        }
        if let secret = field("secret")?.nonEmptyText { attachment.secret = secret }
        attachment.filename = field("filename")?.nonEmptyText
        attachment.fileLength = field("file_length")?.int64
        // The SDK gives plain files a length too, always 0.
        attachment.duration = json["type"]?.string == "file" ? nil : field("length")?.double
        let size = field("size")
        attachment.width = (size?["width"] ?? field("width"))?.double
        attachment.height = (size?["height"] ?? field("height"))?.double
        if let thumbnail = field("thumb")?.nonEmptyText {
            (attachment.thumbnailURL, attachment.thumbnailSecret) = AttachmentURL.parts(of: thumbnail)
        }
        if let secret = field("thumb_secret")?.nonEmptyText { attachment.thumbnailSecret = secret }
        attachment.isGIF = json["subType"]?.string == "sub_gif" || field("isGif")?.bool == true
        return attachment
    }
}

extension Location {
    static func decode(_ json: JSONValue) -> Location {
        Location(
            latitude: json["lat"]?.double ?? 0, longitude: json["lng"]?.double ?? 0,
            address: json["addr"]?.text ?? "", buildingName: json["buildingName"]?.nonEmptyText)
    }
}

extension Custom {
    /// Reads a custom body; `v2:customExts` says all that the older array does, and says it with types.
    static func decode(_ json: JSONValue) -> Custom {
        let objects = (json["v2:customExts"] ?? json["customExts"])?.asList ?? []
        let fields = objects.flatMap { object in
            object.members.map { Field(key: $0.key, value: FieldValue.decode($0.value)) }
        }
        return Custom(event: json["customEvent"]?.text ?? "", fields: fields)
    }
}

extension FieldValue {
    static func decode(_ json: JSONValue) -> FieldValue {
        json.string.map(FieldValue.string) ?? .json(json.compactJSON)
    }
}

extension Combine {
    static func decode(_ json: JSONValue) -> Combine {
        Combine(
            title: json["title"]?.text ?? "", summary: json["summary"]?.text ?? "",
            compatibleText: (json["compatibleText"] ?? json["msg"])?.nonEmptyText,
            level: json["combineLevel"]?.int64.flatMap { Int(exactly: $0) },
            bundle: Attachment.decode(json))
    }
}
