// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SwiftProtobuf

extension Body {
    /// Understands a content of the wire protocol.
    ///
    /// A combine message is a text whose `sub_type` is present, and 0: the number an absent one would have too.
    init(content: WireMessageBody.Content) {
        guard content.hasType || content.unknownFields.data.isEmpty else {
            self = .unknown(type: "")
            return
        }
        switch content.type {
        case .text where content.hasSubType && content.subType == .subCombine, .combine:
            self = .combine(Combine(content: content))
        case .text: self = .text(content.text)
        case .image: self = .image(Attachment(content: content))
        case .video: self = .video(Attachment(content: content))
        case .voice: self = .audio(Attachment(content: content))
        case .file: self = .file(Attachment(content: content))
        case .location:
            self = .location(
                Location(
                    latitude: content.latitude, longitude: content.longitude, address: content.address,
                    buildingName: content.buildingName.isEmpty ? nil : content.buildingName))
        case .command: self = .command(action: content.action)
        case .custom:
            let fields = content.customExts.map {
                Custom.Field(key: $0.key, value: KeyValueJSON.fieldValue($0))
            }
            self = .custom(Custom(event: content.customEvent, fields: fields))
        }
    }

    /// The content as the platform's client writes it; nil for a type this program does not know.
    var wireContent: WireMessageBody.Content? {
        var content = WireMessageBody.Content()
        switch self {
        case .text(let text):
            content.type = .text
            content.text = text
        case .image(let attachment):
            content.type = .image
            attachment.write(to: &content)
            if attachment.isGIF { content.subType = .subGif }
            if let width = attachment.width { content.size.width = width }
            if let height = attachment.height { content.size.height = height }
        case .audio(let attachment):
            content.type = .voice
            attachment.write(to: &content)
        case .video(let attachment):
            content.type = .video
            attachment.write(to: &content)
        case .file(let attachment):
            content.type = .file
            attachment.write(to: &content)
        case .location(let location):
            content.type = .location
            content.latitude = location.latitude
            content.longitude = location.longitude
            content.address = location.address
            content.buildingName = location.buildingName ?? ""
        case .command(let action):
            content.type = .command
            content.action = action
        case .custom(let custom):
            content.type = .custom
            content.customEvent = custom.event
            content.customExts = custom.fields.map { KeyValueJSON.keyValue($0.key, $0.value) }
        case .combine(let combine):
            content.type = .text
            combine.write(to: &content)
        case .unknown: return nil
        }
        return content
    }
}

extension Attachment {
    init(content: WireMessageBody.Content) {
        self.init()
        let link = AttachmentURL.parts(of: content.remotePath)
        let thumbnail = AttachmentURL.parts(of: content.thumbnailRemotePath)
        uuid = AttachmentURL.uuid(in: content.remotePath)
        url = link.url.isEmpty ? nil : link.url
        secret = content.secretKey.isEmpty ? link.secret : content.secretKey
        filename = content.displayName.isEmpty ? nil : content.displayName
        fileLength = content.hasFileLength ? Int64(content.fileLength) : nil
        duration = content.hasDuration ? Double(content.duration) : nil
        width = content.hasSize ? content.size.width : nil
        height = content.hasSize ? content.size.height : nil
        thumbnailURL = thumbnail.url.isEmpty ? nil : thumbnail.url
        thumbnailSecret = content.thumbnailSecretKey.isEmpty ? thumbnail.secret : content.thumbnailSecretKey
        isGIF = content.type == .image && content.hasSubType && content.subType == .subGif
    }

    /// Writes what all kinds of files have; the client writes an absent secret as an empty one.
    fileprivate func write(to content: inout WireMessageBody.Content) {
        content.remotePath = AttachmentURL.withSecret(url ?? "", secret)
        content.secretKey = secret ?? ""
        if let filename {
            content.displayName = filename
            content.thumbnailDisplayName = filename
        }
        if let fileLength { content.fileLength = Int32(clamping: fileLength) }
        if let duration, let seconds = Int32(exactly: duration.rounded()) { content.duration = seconds }
        if let thumbnailURL { content.thumbnailRemotePath = thumbnailURL }
        if let thumbnailSecret { content.thumbnailSecretKey = thumbnailSecret }
    }
}

extension Combine {
    fileprivate init(content: WireMessageBody.Content) {
        self.init(
            title: content.title, summary: content.summary,
            compatibleText: content.text.isEmpty ? nil : content.text,
            level: content.hasCombineLevel ? Int(content.combineLevel) : nil,
            bundle: Attachment(content: content))
    }

    fileprivate func write(to content: inout WireMessageBody.Content) {
        if let compatibleText { content.text = compatibleText }
        if let filename = bundle.filename { content.displayName = filename }
        content.remotePath = AttachmentURL.withSecret(bundle.url ?? "", bundle.secret)
        content.secretKey = bundle.secret ?? ""
        if let length = bundle.fileLength { content.fileLength = Int32(clamping: length) }
        // Written although it is the default: its presence makes the text a combine message.
        content.subType = .subCombine
        content.title = title
        content.summary = summary
        if let level { content.combineLevel = Int32(clamping: level) }
    }
}
