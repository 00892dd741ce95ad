// SPDX-License-Identifier: Apache-2.0

public import Foundation
import SteleEvents
public import SteleTranscript

/// Writes a transcript as plain text, to read in a terminal or to paste into a mail.
///
/// ```
/// 单聊 chat:dawei:xiaolin · 3 messages · 2026-11-20 09:30 +08:00 – 2026-11-20 09:32 +08:00
///
/// ───────────────── 2026-11-20 Friday +08:00 ─────────────────
/// 09:30:12  小林      大伟，周五的评审改到下午三点可以吗？
/// 09:31:40  Dawei Li  Works for me. I'll move the room.
///                     · edited 09:32:05 by dawei; before: Works for me.
/// ```
///
/// Nothing received can reach the terminal as a command: controls are shown as signs.
public struct TextWriter: TranscriptWriter {
    public struct Options: Sendable {
        /// The zone of every time.
        public var timeZone: TimeZone = .current
        public var language = TranscriptLanguage.english
        /// Columns of a line, at least 40.
        public var width = 100
        /// Whether commands (透传), receipts and sightings get their lines.
        public var showsDetails = false

        public init() {}
    }

    private let file: OutputFile
    private var layout: TextLayout
    private var conversations = 0

    public init(to file: OutputFile, options: Options = Options()) {
        self.file = file
        layout = TextLayout(options)
    }

    public mutating func begin(_ header: TranscriptHeader) throws {
        try file.append { layout.appendViewpoint(of: header, to: &$0) }
    }

    public mutating func begin(_ conversation: ConversationSummary) throws {
        if conversations > 0 { try file.append("\n\n") }
        conversations += 1
        try file.append { layout.appendHeading(conversation, to: &$0) }
    }

    public mutating func write(_ entry: TranscriptEntry) throws {
        try file.append { output in
            switch entry {
            case .message(let message): layout.append(message, to: &output)
            case .notice(let notice): layout.append(notice, to: &output)
            case .hidden(let hidden): layout.append(hidden, to: &output)
            }
        }
    }

    public mutating func end(_ conversation: ConversationSummary) throws {
        guard layout.isEmpty else { return }
        try file.append("\n\(layout.say("(no messages in this range)", "（此范围内没有消息）"))\n")
    }

    public mutating func finish() throws -> [WrittenFile] { [try file.finish()] }
}
