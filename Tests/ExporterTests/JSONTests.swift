// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONExporter
import SteleEvents
import SteleTranscript
import Testing

@Suite struct JSONTests {
    private static let schema: JSONSchema = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Exporters/JSON/transcript.schema.json")
        guard let bytes = try? Data(contentsOf: file), let document = try? JSONDocument(Array(bytes)) else {
            preconditionFailure("\(file.path) cannot be read")
        }
        return JSONSchema(root: document.root)
    }()

    @Test("the document fits its schema")
    func documentIsValid() throws {
        let document = try JSONDocument(text: try Format.json.text(of: .lively))
        #expect(Self.schema.problems(with: document.root) == [])
        #expect(
            document.root["conversations"]?.elements.map { $0["entries"]?.elements.map(\.self).count } == [
                16, 9, 2,
            ])
    }

    @Test(
        "the schema refuses what does not belong",
        arguments: [
            (#""state":"normal""#, #""state":"gone""#), (#""records":61"#, #""records":-1"#),
            (#""kind":"group""#, #""kind":7"#),
            (#""pinned":true"#, #""surprise":true"#), (#""isEdit":false"#, #""isEdit":"no""#),
            (#""state":"missing""#, #""state":"stored""#), ("T01:30:12.345Z", " 01:30:12"),
        ])
    func schemaBites(good: String, bad: String) throws {
        let text = try Format.json.text(of: .lively)
        let broken = text.replacingOccurrences(of: good, with: bad)
        try #require(broken != text)
        #expect(try Self.schema.problems(with: JSONDocument(text: broken).root) != [])
    }

    @Test("every line is an entry of the schema, and of the document")
    func linesAreEntries() throws {
        let lines = try Format.jsonLines.text(of: .lively).split(separator: "\n")
        #expect(lines.count == 27)
        let document = try Format.json.text(of: .lively)
        for line in lines {
            let value = try JSONDocument(text: "{\"entry\":\(line)}")
            let schema = JSONSchema(root: Self.schema.root)
            let wrapped = try JSONDocument(
                text:
                    #"{"schema":"stele-transcript/1","from":null,"to":null,"records":0,"conversations":[{"id":"x","kind":"chat","app":null,"title":null,"participants":[],"messages":0,"first":null,"last":null,"entries":[\#(line)]}]}"#
            )
            #expect(schema.problems(with: wrapped.root) == [])
            #expect(value.root["entry"]?["conversation"]?.string?.isEmpty == false)
            #expect(document.contains(line))
        }
    }

    @Test("ext is JSON, on one line, and text where it is none")
    func ext() throws {
        let texts = ["{\n  \"a\": [1, \"x\\ny\"]\r\n}", "{broken", "{\"n\":1e3}"]
        var expected = [#"{   "a": [1, "x\ny"]  }"#, #""{broken""#, #"{"n":1e3}"#][...]
        for text in texts {
            let written = try Format.jsonLines.text(of: .of([Sample.message(.text("x"), ext: text)]))
            #expect(written.split(separator: "\n").count == 1)
            let line = try JSONDocument(text: written)
            #expect(line.root["ext"]?.json == expected.popFirst())
        }
    }

    @Test("secrets appear only when asked for")
    func secrets() throws {
        for format in Format.allCases {
            #expect(try !format.text(of: .lively).contains("s3cret-of"), "\(format)")
        }
        var encoder = MessageEncoder(includesSecrets: true)
        var line: [UInt8] = []
        let file = Attachment.named("a.png", bytes: 1, uuid: "5c1e6f60")
        encoder.append(Sample.message(.image(file)), name: "chat:alice:bob", to: &line)
        #expect(String(decoding: line, as: UTF8.self).contains(#""secret":"s3cret-of-5c1e""#))
    }

    @Test("a conversation's line has the members of lists")
    func conversationLine() throws {
        var line: [UInt8] = []
        var encoder = MessageEncoder()
        encoder.append(SingleChat.conversation.summary, to: &line)
        let value = try JSONDocument(line).root
        #expect(value["id"]?.string == "chat:david.chen:linxiaoyu")
        #expect(value["participants"]?.elements.map(\.string) == ["david.chen", "linxiaoyu"])
        #expect(value["messages"]?.int64 == 15)
        #expect(value["first"]?.string == "2026-11-20T01:30:12.345Z")
    }

    @Test("numbers that JSON cannot say are null", arguments: [Double.nan, .infinity, -.infinity])
    func strangeNumbers(number: Double) throws {
        let place = Location(latitude: number, longitude: -0.5, address: "?")
        let line = try JSONDocument(
            text: try Format.jsonLines.text(of: .of([Sample.message(.location(place))])))
        #expect(line.root["body"]?["latitude"]?.isNull == true)
        #expect(line.root["body"]?["longitude"]?.double == -0.5)
    }
}
