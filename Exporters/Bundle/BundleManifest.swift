// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript
import SteleWire

/// What stands beside a bundle: its messages, what each is to the archive, and what was left out.
///
/// ```
/// {"schema":"stele-bundle/1","file":"combine","bytes":812,"level":1,"messages":[
/// {"id":"…","conversation":"chat:alice:bob","type":"txt","from":"alice","time":"…Z","verdict":"identical"}],
/// "nested":[{"uuid":"…","sha256":"…","file":"combine.nested/…"}],"leftOut":[{"id":"…","reason":"command"}]}
/// ```
struct BundleManifest {
    var conversation = ""
    /// Files of combine messages inside, each content once.
    private(set) var nested: [(sha256: String, uuid: String?, file: String)] = []
    private var messages: [[UInt8]] = []
    private var leftOut: [[UInt8]] = []
    private var clock = ZonedClock.utc

    mutating func add(_ message: BundleMessage, verdict: BundleVerdict) {
        var line: [UInt8] = []
        line.append(literal: "{\"id\":")
        JSONString.append(message.id.rawValue, to: &line)
        line.append(literal: ",\"conversation\":")
        JSONString.append(conversation, to: &line)
        line.append(literal: ",\"type\":")
        JSONString.append(message.body.type, to: &line)
        if let from = message.from {
            line.append(literal: ",\"from\":")
            JSONString.append(from.rawValue, to: &line)
        }
        if let time = message.time {
            line.append(literal: ",\"time\":\"")
            clock.appendRFC3339(time, to: &line)
            line.append(literal: "\"")
        }
        line.append(literal: ",\"verdict\":")
        JSONString.append(verdict.rawValue, to: &line)
        line.append(literal: "}")
        messages.append(line)
    }

    mutating func leaveOut(_ message: TranscriptMessage, _ reason: String) {
        var line: [UInt8] = []
        line.append(literal: "{\"id\":")
        JSONString.append(message.id.rawValue, to: &line)
        line.append(literal: ",\"reason\":")
        JSONString.append(reason, to: &line)
        line.append(literal: "}")
        leftOut.append(line)
    }

    mutating func keep(uuid: String?, sha256: String, folder: String) {
        guard !nested.contains(where: { $0.sha256 == sha256 }) else { return }
        nested.append((sha256, uuid, folder + "/" + sha256))
    }

    func append(file: String, _ bytes: Int, level: Int, to output: inout [UInt8]) {
        output.append(literal: "{\"schema\":\"stele-bundle/1\",\"file\":")
        JSONString.append(file, to: &output)
        output.append(utf8: ",\"bytes\":\(bytes),\"level\":\(level),\"messages\":[\n")
        output.append(contentsOf: messages.joined(separator: ",\n".utf8))
        output.append(literal: "],\"nested\":[")
        for (index, entry) in nested.enumerated() {
            output.append(literal: index == 0 ? "\n{\"uuid\":" : ",\n{\"uuid\":")
            if let uuid = entry.uuid {
                JSONString.append(uuid, to: &output)
            } else {
                output.append(literal: "null")
            }
            output.append(literal: ",\"sha256\":")
            JSONString.append(entry.sha256, to: &output)
            output.append(literal: ",\"file\":")
            JSONString.append(entry.file, to: &output)
            output.append(literal: "}")
        }
        output.append(literal: "],\"leftOut\":[\n")
        output.append(contentsOf: leftOut.joined(separator: ",\n".utf8))
        output.append(literal: "]}\n")
    }
}
