// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleTranscript
package import SteleWire

/// What a message inside a bundle is to the archive's message of the same id.
package enum BundleVerdict: String, Hashable, Sendable, CaseIterable {
    /// Sender, time, content and extension are those of the archived message now.
    case identical
    /// It has a content that the archived message had before an edit.
    case editedSince = "edited since"
    /// It has a content of the archived message, which was recalled.
    case recalledSince = "recalled since"
    /// The archived message never had this sender, time, content or extension.
    case altered
    case notInArchive = "not in this archive"

    /// Judges `message` by the archived message with its id, nil when there is none.
    ///
    /// Clients lose some of an attachment's description on forwarding: a file is compared by its UUID.
    package init(_ message: BundleMessage, archived: TranscriptMessage?) {
        guard let archived, archived.id == message.id else {
            self = .notInArchive
            return
        }
        let isSameSender = message.from == archived.from?.user
        let isSameTime = message.time.map { $0.milliseconds == archived.time.milliseconds } ?? true
        let match = archived.versions.lastIndex { version in
            version.body.says(message.body) && Self.isSameJSON(version.ext, message.ext)
        }
        guard isSameSender, isSameTime, let match else {
            self = .altered
            return
        }
        if archived.recall != nil {
            self = .recalledSince
        } else {
            self = match == archived.versions.count - 1 ? .identical : .editedSince
        }
    }

    /// Whether two JSON texts say the same, whatever the order of members and the spelling of numbers; an empty object
    /// says nothing.
    private static func isSameJSON(_ one: String?, _ other: String?) -> Bool {
        if one == other { return true }
        return canonical(one) == canonical(other)
    }

    private static func canonical(_ text: String?) -> String {
        guard let text, text != "{}" else { return "" }
        // Text that is no JSON is compared as it is.
        guard let document = try? JSONDocument(text: text) else { return text }
        return canonical(document.root)
    }

    private static func canonical(_ value: JSONValue) -> String {
        switch value.kind {
        case .null, .bool: return value.json
        case .number: return value.double.map(\.description) ?? value.json
        case .string:
            var output: [UInt8] = []
            JSONString.append(value.string ?? "", to: &output)
            return String(decoding: output, as: UTF8.self)
        case .array: return "[" + value.elements.map(canonical).joined(separator: ",") + "]"
        case .object:
            let members = value.members.map { (key: $0.key, value: canonical($0.value)) }
                .sorted { ($0.key, $0.value) < ($1.key, $1.value) }
            return "{" + members.map { "\($0.key):\($0.value)" }.joined(separator: ",") + "}"
        }
    }
}

extension Body {
    /// Whether the other says the same, as far as forwarding keeps it.
    fileprivate func says(_ other: Body) -> Bool {
        switch (self, other) {
        case (.image(let one), .image(let other)), (.audio(let one), .audio(let other)),
            (.video(let one), .video(let other)), (.file(let one), .file(let other)):
            one.isSameFile(as: other)
        case (.custom(let one), .custom(let other)):
            one.event == other.event && one.sortedFields == other.sortedFields
        case (.combine(let one), .combine(let other)):
            one.title == other.title && one.summary == other.summary
                && one.bundle.isSameFile(as: other.bundle)
        case (.location(let one), .location(let other)):
            one.latitude == other.latitude && one.longitude == other.longitude && one.address == other.address
        default: self == other
        }
    }
}

extension Attachment {
    fileprivate func isSameFile(as other: Attachment) -> Bool {
        if let uuid, let other = other.uuid { return uuid == other }
        return url == other.url
    }
}

extension Custom {
    fileprivate var sortedFields: [String] { fields.map { "\($0.key)\u{0}\($0.value.plainText)" }.sorted() }
}

extension Bundle {
    /// Reads a bundle's file back and judges each message inside.
    ///
    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - archived: Finds the archive's message with an id.
    /// - Returns: The messages inside in order, each with its verdict.
    /// - Throws: `BundleError` for a file that is no bundle, and whatever `archived` throws.
    package static func judge(
        file: [UInt8], archived: (MessageID) throws -> TranscriptMessage?
    ) throws -> [(message: BundleMessage, verdict: BundleVerdict)] {
        try Bundle(file: file).messages.map { message in
            (message, BundleVerdict(message, archived: try archived(message.id)))
        }
    }
}
