// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// The nine bodies, each with members of its own.
extension MessageEncoder {
    func append(_ body: Body, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        switch body {
        case .text(let text): object.string("text", text, &output)
        case .image(let file), .audio(let file), .video(let file), .file(let file):
            append(file, of: &object, &output)
        case .location(let place):
            object.number("latitude", place.latitude, &output)
            object.number("longitude", place.longitude, &output)
            object.string("address", place.address, &output)
            object.string("buildingName", place.buildingName, &output)
        case .command(let action): object.string("action", action, &output)
        case .custom(let custom):
            object.string("event", custom.event, &output)
            object.array("fields", custom.fields, &output, Self.append)
        case .combine(let combine):
            object.string("title", combine.title, &output)
            object.string("summary", combine.summary, &output)
            object.string("compatibleText", combine.compatibleText, &output)
            if let level = combine.level { object.number("level", level, &output) }
            object.key("file", &output)
            var file = JSONObject(&output)
            append(combine.bundle, of: &file, &output)
            file.end(&output)
        case .unknown: break
        }
        object.end(&output)
    }

    private func append(_ file: Attachment, of object: inout JSONObject, _ output: inout [UInt8]) {
        object.string("uuid", file.uuid, &output)
        object.string("url", file.url, &output)
        object.string("filename", file.filename, &output)
        if let length = file.fileLength { object.number("bytes", length, &output) }
        if let duration = file.duration { object.number("seconds", duration, &output) }
        if let width = file.width { object.number("width", width, &output) }
        if let height = file.height { object.number("height", height, &output) }
        object.string("thumbnailURL", file.thumbnailURL, &output)
        if file.isGIF { object.literal("gif", "true", &output) }
        guard includesSecrets else { return }
        object.string("secret", file.secret, &output)
        object.string("thumbnailSecret", file.thumbnailSecret, &output)
    }

    /// A field as `{"key":…,"value":…}`: in the old array form a key may come twice.
    private static func append(_ field: Custom.Field, to output: inout [UInt8]) {
        var object = JSONObject(&output)
        object.string("key", field.key, &output)
        switch field.value {
        case .string(let text): object.string("value", text, &output)
        case .json(let text): object.json("value", text, &output)
        }
        object.end(&output)
    }
}
