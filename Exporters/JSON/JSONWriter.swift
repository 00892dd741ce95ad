// SPDX-License-Identifier: Apache-2.0

public import SteleTranscript

/// Writes a transcript as one JSON document of the schema `stele-transcript/1`.
///
/// ```
/// {"schema":"stele-transcript/1","from":null,"to":null,"records":41,"conversations":[
/// {"id":"chat:alice:bob",…,"entries":[
/// {"id":"…",…},            one entry a line, so that text tools and diffs can work on it
/// {"notice":"joined",…}]}]}
/// ```
public struct JSONWriter: TranscriptWriter {
    private let file: OutputFile
    private var encoder: MessageEncoder
    private var conversations = 0
    private var entries = 0
    private var name = ""

    public init(to file: OutputFile, includesSecrets: Bool = false) {
        self.file = file
        encoder = MessageEncoder(includesSecrets: includesSecrets)
    }

    public mutating func begin(_ header: TranscriptHeader) throws {
        try file.append { output in
            var object = JSONObject(&output)
            object.string("schema", MessageEncoder.schema, &output)
            encoder.optionalTime("from", header.from, of: &object, &output)
            encoder.optionalTime("to", header.to, of: &object, &output)
            object.number("records", header.recordCount, &output)
            encoder.appendViewpoint(of: header, to: &object, &output)
            object.key("conversations", &output)
            output.append(UInt8(ascii: "["))
        }
    }

    public mutating func begin(_ conversation: ConversationSummary) throws {
        name = conversation.name
        try file.append { output in
            output.append(literal: conversations == 0 ? "\n" : ",\n")
            var object = encoder.appendOpen(conversation, to: &output)
            object.key("entries", &output)
            output.append(UInt8(ascii: "["))
        }
        conversations += 1
        entries = 0
    }

    public mutating func write(_ entry: TranscriptEntry) throws {
        try file.append { output in
            output.append(literal: entries == 0 ? "\n" : ",\n")
            encoder.append(entry, name: name, to: &output)
        }
        entries += 1
    }

    public mutating func end(_ conversation: ConversationSummary) throws {
        try file.append("]}")
    }

    public mutating func finish() throws -> [WrittenFile] {
        try file.append("]}\n")
        return [try file.finish()]
    }
}
