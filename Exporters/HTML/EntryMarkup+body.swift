// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// What a bubble shows: each of the nine types for what it is.
extension EntryMarkup {
    mutating func append(
        _ body: Body, attachment: AttachmentState?, thumbnail: AttachmentState? = nil, bundle: BundleContent?,
        to output: inout [UInt8]
    ) throws {
        switch body {
        case .text(let text):
            output.append(literal: "<div class=\"t\" dir=\"auto\">")
            Markup.append(text, as: .linked, to: &output)
            output.append(literal: "</div>")
        case .image(let file), .audio(let file), .video(let file), .file(let file):
            try append(file, of: body, attachment, thumbnail, to: &output)
        case .location(let place): append(place, to: &output)
        case .command(let action):
            output.append(literal: "<pre class=\"t\" dir=\"auto\">")
            Markup.append(action, to: &output)
            output.append(literal: "</pre>")
        case .custom(let custom): append(custom, to: &output)
        case .combine(let combine): try append(combine, bundle, to: &output)
        case .unknown(let type):
            output.append(literal: "<div class=\"card\"><b>")
            output.append(utf8: say("A type of message this program does not know: ", "本程序不认识的消息类型："))
            output.append(literal: "</b><bdi>")
            Markup.append(type, to: &output)
            output.append(literal: "</bdi></div>")
        }
    }

    // MARK: - Files

    private mutating func append(
        _ file: Attachment, of body: Body, _ state: AttachmentState?, _ thumbnail: AttachmentState?,
        to output: inout [UInt8]
    ) throws {
        let small = try address(ofSmall: thumbnail)
        var isVoice = false
        if case .audio = body { isVoice = true }
        guard case .stored(let sha256, let bytes) = state else {
            let why: String
            switch state {
            case .missing(let reason, let tries): why = say.missing(reason, tries, at: &clock)
            case .stored, nil: why = say("not in this archive", "不在档案中")
            }
            return appendPlaceholder(
                file, of: body, bytes: file.fileLength, why: why, small: small, to: &output)
        }
        let reference = try shelf.reference(
            sha256: sha256, filename: file.filename, isVoice: isVoice, root: root)
        switch reference {
        case .absent(let absence):
            let why: String
            switch absence {
            case .unreadable: why = say("its file is missing in the archive", "档案中的文件缺失")
            case .tooLarge: why = say("in the archive; too large for this page", "已存档；体积过大，未放入本页")
            case .notIncluded: why = say("in the archive, not in this export", "已存档，未包含在此导出中")
            }
            appendPlaceholder(file, of: body, bytes: bytes, why: why, small: small, to: &output)
        case .address(let address, let type):
            append(file, of: body, at: address, type, bytes: bytes, small: small, to: &output)
        }
    }

    /// Where the small picture of a file is; nil when it is not in the export, or no picture.
    private mutating func address(ofSmall thumbnail: AttachmentState?) throws -> String? {
        guard case .stored(let sha256, _) = thumbnail,
            case .address(let address, let type) = try shelf.reference(
                sha256: sha256, filename: nil, isVoice: false, root: root),
            type.kind == .image
        else { return nil }
        return address
    }

    private func append(
        _ file: Attachment, of body: Body, at address: String, _ type: MediaType, bytes: Int64,
        small: String?, to output: inout [UInt8]
    ) {
        switch (body, type.kind) {
        case (.image, .image):
            output.append(
                utf8: "<a class=\"pic\" href=\"\(address)\"><img loading=\"lazy\" src=\"\(address)\" alt=\"")
            Markup.append(file.filename ?? say("Image", "图片"), as: .attribute, to: &output)
            output.append(literal: "\"")
            if let width = Self.pixels(file.width), let height = Self.pixels(file.height) {
                output.append(utf8: " width=\"\(width)\" height=\"\(height)\"")
            }
            output.append(literal: "></a>")
        case (.audio, .audio):
            output.append(utf8: "<audio controls preload=\"none\" src=\"\(address)\"></audio>")
            appendLength(file.duration, to: &output)
        case (.video, .video):
            let poster = small.map { " poster=\"\($0)\"" } ?? ""
            output.append(
                utf8: "<video controls preload=\"metadata\"\(poster) src=\"\(address)\"></video>")
            appendLength(file.duration, to: &output)
        default:
            output.append(utf8: "<a class=\"file\" href=\"\(address)\" download=\"")
            Markup.append(file.filename ?? "", as: .attribute, to: &output)
            output.append(literal: "\">")
            appendFileFace(file, of: body, bytes: bytes, to: &output)
            output.append(literal: "</a>")
        }
    }

    private func appendPlaceholder(
        _ file: Attachment, of body: Body, bytes: Int64?, why: String, small: String?,
        to output: inout [UInt8]
    ) {
        if let small {
            // The picture's own address alone: what it shows the small side of is not here.
            output.append(
                utf8: "<a class=\"pic\" href=\"\(small)\"><img loading=\"lazy\" src=\"\(small)\" alt=\"")
            Markup.append(file.filename ?? say.type(of: body), as: .attribute, to: &output)
            output.append(literal: "\"></a>")
        }
        output.append(literal: "<div class=\"file gone\">")
        appendFileFace(file, of: body, bytes: bytes, to: &output)
        output.append(literal: "<small class=\"why\">")
        Markup.append(why, to: &output)
        output.append(literal: "</small></div>")
    }

    /// The sign of the type, the name with every character of it visible, and what is known of the size.
    private func appendFileFace(_ file: Attachment, of body: Body, bytes: Int64?, to output: inout [UInt8]) {
        switch body {
        case .image: Document.appendSign("image", to: &output)
        case .audio: Document.appendSign("voice", to: &output)
        case .video: Document.appendSign("video", to: &output)
        default: Document.appendSign("file", to: &output)
        }
        output.append(literal: "<span class=\"what\"><b class=\"fn\" dir=\"ltr\">")
        Markup.append(file.filename ?? say.type(of: body), to: &output)
        output.append(literal: "</b><small>")
        var facts = [say.type(of: body)]
        if let duration = file.duration.flatMap(say.duration) { facts.append(duration) }
        if let width = Self.pixels(file.width), let height = Self.pixels(file.height) {
            facts.append("\(width) × \(height)")
        }
        if let bytes { facts.append(say.size(bytes)) }
        output.append(utf8: facts.joined(separator: " · "))
        output.append(literal: "</small></span>")
    }

    private func appendLength(_ seconds: Double?, to output: inout [UInt8]) {
        guard let text = seconds.flatMap(say.duration) else { return }
        output.append(utf8: "<small class=\"len\">\(text)</small>")
    }

    private static func pixels(_ value: Double?) -> Int? {
        guard let value, value >= 1, value <= 30_000 else { return nil }
        return Int(value.rounded())
    }

    // MARK: - Places and custom messages

    private func append(_ place: Location, to output: inout [UInt8]) {
        output.append(
            literal:
                "<div class=\"card place\">")
        Document.appendSign("place", to: &output)
        output.append(literal: "<span class=\"what\">")
        if let building = place.buildingName, !building.isEmpty {
            output.append(literal: "<b dir=\"auto\">")
            Markup.append(building, to: &output)
            output.append(literal: "</b>")
        }
        output.append(literal: "<span dir=\"auto\">")
        Markup.append(place.address, to: &output)
        output.append(
            utf8:
                "</span><small><a href=\"geo:\(say.coordinates(place))\">\(say.coordinates(place))</a></small></span></div>"
        )
    }

    private func append(_ custom: Custom, to output: inout [UInt8]) {
        output.append(literal: "<div class=\"card\"><small>")
        output.append(utf8: say("Custom message", "自定义消息"))
        output.append(literal: "</small><b dir=\"auto\">")
        Markup.append(custom.event, to: &output)
        output.append(literal: "</b>")
        if !custom.fields.isEmpty {
            output.append(literal: "<table>")
            for field in custom.fields {
                output.append(literal: "<tr><th dir=\"auto\">")
                Markup.append(field.key, to: &output)
                output.append(literal: "</th><td dir=\"auto\">")
                Markup.append(field.value.plainText, as: .linked, to: &output)
                output.append(literal: "</td></tr>")
            }
            output.append(literal: "</table>")
        }
        output.append(literal: "</div>")
    }

    // MARK: - Bundles

    private mutating func append(
        _ combine: Combine, _ bundle: BundleContent?, to output: inout [UInt8]
    ) throws {
        output.append(literal: "<div class=\"card bundle\"><small>")
        output.append(utf8: say("Forwarded messages", "合并转发"))
        output.append(literal: "</small><b dir=\"auto\">")
        Markup.append(combine.title.isEmpty ? say("Chat history", "聊天记录") : combine.title, to: &output)
        output.append(literal: "</b><div class=\"sum\" dir=\"auto\">")
        Markup.append(combine.summary, to: &output)
        output.append(literal: "</div>")
        switch bundle {
        case nil:
            output.append(
                utf8: "<small class=\"why\">\(say("its content is not in this archive", "其内容不在档案中"))</small>")
        case .unreadable(let reason):
            output.append(literal: "<small class=\"why\">")
            Markup.append(reason, to: &output)
            output.append(literal: "</small>")
        case .messages(let messages):
            output.append(utf8: "<details class=\"in\"><summary>\(say.messages(messages.count))</summary>")
            for message in messages { try append(message, to: &output) }
            output.append(literal: "</details>")
        }
        output.append(literal: "</div>")
    }

    private mutating func append(_ message: BundledMessage, to output: inout [UInt8]) throws {
        output.append(literal: "<div class=\"bm\">")
        if let person = message.from {
            let markup = people.markup(of: person)
            output.append(contentsOf: markup.avatar)
            output.append(literal: "<div class=\"w\"><p class=\"n\">")
            output.append(contentsOf: markup.name)
        } else {
            output.append(
                literal: "<i class=\"av\" aria-hidden=\"true\">?</i><div class=\"w\"><p class=\"n\">")
            output.append(utf8: say("Sender not known", "发送者未知"))
        }
        if let time = message.time {
            let reading = clock.reading(at: time)
            output.append(literal: " <time title=\"")
            reading.appendExact(to: &output)
            output.append(literal: "\">")
            reading.appendDate(to: &output)
            output.append(literal: " ")
            reading.appendMinute(to: &output)
            output.append(literal: "</time>")
        }
        output.append(literal: "</p>")
        try append(
            message.body, attachment: message.attachment, thumbnail: message.thumbnail,
            bundle: message.bundle,
            to: &output)
        output.append(literal: "</div></div>")
    }
}
