// SPDX-License-Identifier: Apache-2.0

public import SteleTranscript

/// Writes a transcript as JSON Lines: a message or notice a line, nothing round them.
///
/// A line is an entry of the schema `stele-transcript/1`; a notice is the one that has `notice` and no `id`.
public struct JSONLinesWriter: TranscriptWriter {
    private let file: OutputFile
    private var encoder: MessageEncoder
    private var name = ""

    public init(to file: OutputFile, includesSecrets: Bool = false) {
        self.file = file
        encoder = MessageEncoder(includesSecrets: includesSecrets)
    }

    public mutating func begin(_ header: TranscriptHeader) throws {}

    public mutating func begin(_ conversation: ConversationSummary) throws { name = conversation.name }

    public mutating func write(_ entry: TranscriptEntry) throws {
        try file.append { output in
            encoder.append(entry, name: name, to: &output)
            output.append(UInt8(ascii: "\n"))
        }
    }

    public mutating func end(_ conversation: ConversationSummary) throws {}

    public mutating func finish() throws -> [WrittenFile] { [try file.finish()] }
}
