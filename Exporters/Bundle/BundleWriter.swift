// SPDX-License-Identifier: Apache-2.0

public import Foundation
import SteleEvents
public import SteleTranscript
import SteleWire

/// Writes messages as the attachment of a combine-forward message (合并转发), and beside it what each is to the archive.
///
/// ```
/// OUT              the bundle, byte for byte as a client would upload it
/// OUT.json         its level, and for every message inside a verdict
/// OUT.nested/…     the files of the combine messages inside, by SHA-256, where the archive has them
/// ```
///
/// At most 300 messages on a level and ten levels, as the platform allows. A message that was never sent cannot be
/// forwarded; it and the commands and notices between the messages are left out, and named in the manifest.
public struct BundleWriter: TranscriptWriter {
    public struct Options: Sendable {
        /// Where stored attachments lie; nil leaves nested bundles' files out.
        public var attachments: AttachmentFolder?
        /// Whether the messages inside carry the secrets that open their attachments.
        ///
        /// Where the app restricts access, a client cannot open them without.
        public var includesSecrets = false

        public init() {}
    }

    private let url: URL
    private let options: Options
    private var bundle = Bundle(messages: [])
    private var manifest = BundleManifest()

    public init(to url: URL, options: Options = Options()) {
        self.url = url
        self.options = options
    }

    public mutating func begin(_ header: TranscriptHeader) throws {}

    public mutating func begin(_ conversation: ConversationSummary) throws {
        manifest.conversation = conversation.name
    }

    public mutating func write(_ entry: TranscriptEntry) throws {
        guard case .message(let message) = entry else { return }
        if let reason = Self.reasonToLeaveOut(message) { return manifest.leaveOut(message, reason) }
        guard bundle.messages.count < Bundle.maximumMessages else {
            throw OutputError(
                code: .tooLarge, subject: url.path,
                reason: "more than \(Bundle.maximumMessages) messages do not fit one level of a bundle",
                remedy: "Choose fewer with --from and --to, or make several bundles.")
        }
        let inner = BundleMessage(message, includesSecrets: options.includesSecrets)
        bundle.messages.append(inner)
        manifest.add(inner, verdict: BundleVerdict(inner, archived: message))
        try keepNested(message.body, message.attachment, message.bundle, depth: 1)
    }

    public mutating func end(_ conversation: ConversationSummary) throws {}

    public mutating func finish() throws -> [WrittenFile] {
        let bytes = try bundle.encoded()
        let file = try OutputFile(at: url)
        try file.append { $0.append(contentsOf: bytes) }
        let nested = try copyNested()
        let list = try OutputFile(at: url.appendingPathExtension("json"))
        try list.append {
            manifest.append(file: url.lastPathComponent, bytes.count, level: bundle.level, to: &$0)
        }
        // The manifest speaks of the bundle: it appears last.
        return [try file.finish()] + nested + [try list.finish()]
    }

    private static func reasonToLeaveOut(_ message: TranscriptMessage) -> String? {
        if let withheld = message.withheld { return withheld.name }
        if case .command = message.body { return "command" }
        if case .unknown = message.body { return "unknown type" }
        switch message.standing {
        case .sent: return nil
        case .attempted: return "not proven sent"
        case .refused: return "refused"
        }
    }

    // MARK: - Bundles inside

    /// Notes the file of a combine message and of those inside it.
    private mutating func keepNested(
        _ body: Body, _ attachment: AttachmentState?, _ content: BundleContent?, depth: Int
    ) throws {
        guard case .combine(let combine) = body, depth < Bundle.maximumLevels else { return }
        if case .stored(let sha256, _) = attachment, options.attachments?.file(sha256: sha256) != nil {
            manifest.keep(uuid: combine.bundle.uuid, sha256: sha256, folder: nestedFolder.lastPathComponent)
        }
        guard case .messages(let messages) = content else { return }
        for inner in messages {
            try keepNested(inner.body, inner.attachment, inner.bundle, depth: depth + 1)
        }
    }

    private var nestedFolder: URL { url.appendingPathExtension("nested") }

    private func copyNested() throws -> [WrittenFile] {
        guard let attachments = options.attachments, !manifest.nested.isEmpty else { return [] }
        try FileManager.default.createDirectory(at: nestedFolder, withIntermediateDirectories: true)
        var written: [WrittenFile] = []
        for (sha256, _, _) in manifest.nested {
            guard let source = attachments.file(sha256: sha256) else { continue }
            let file = try OutputFile(at: nestedFolder.appendingPathComponent(sha256))
            let data = try Data(contentsOf: source, options: .mappedIfSafe)
            try file.append { $0.append(contentsOf: data) }
            written.append(try file.finish())
        }
        return written
    }
}

extension BundleMessage {
    /// The message as it is now, as a client that forwards it would put it into a bundle.
    init(_ message: TranscriptMessage, includesSecrets: Bool) {
        self.init(
            id: message.id, app: message.app, from: message.from?.user, to: message.to,
            kind: message.conversation.kind, time: message.time, body: message.body,
            ext: message.versions.last?.ext, priority: message.priority)
        isBroadcast = message.isBroadcast
        if case .combine(var combine) = body, let bundle = message.bundle {
            combine.level = max(combine.level ?? 1, Self.levels(of: bundle))
            body = .combine(combine)
        }
        if !includesSecrets { body = body.withoutSecrets }
    }

    /// Levels that a bundle's known content has.
    private static func levels(of content: BundleContent) -> Int {
        guard case .messages(let messages) = content else { return 1 }
        return 1 + (messages.compactMap(\.bundle).map(levels).max() ?? 0)
    }
}

extension Body {
    /// The same without what opens attachments.
    var withoutSecrets: Body {
        let bare = { (file: Attachment) in
            var file = file
            file.secret = nil
            file.thumbnailSecret = nil
            return file
        }
        switch self {
        case .image(let file): return .image(bare(file))
        case .audio(let file): return .audio(bare(file))
        case .video(let file): return .video(bare(file))
        case .file(let file): return .file(bare(file))
        case .combine(var combine):
            combine.bundle = bare(combine.bundle)
            return .combine(combine)
        case .text, .location, .command, .custom, .unknown: return self
        }
    }
}
