// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTestSupport
import Testing

@testable import SteleWire

/// Bundles that the platform's own client wrote, and what it read out of them.
struct BundleSampleTests {
    static let readable = [
        "combine-txt3", "combine-mixed", "combine-group", "combine-room", "combine-nested2",
        "combine-bad-even-byte-undetected",
    ]

    static func sample(_ name: String) throws -> (file: [UInt8], root: JSONValue) {
        let root = try JSONDocument(Fixtures.bytes("sdk-event/\(name).json")).root
        let base64 = try #require(root["attachment_base64"]?.string)
        return (try #require(Base64.decode(base64.utf8)), root)
    }

    @Test("reads what the client read", arguments: readable)
    func readsLikeTheClient(name: String) throws {
        let (file, root) = try Self.sample(name)
        let bundle = try Bundle(file: file)
        let parsed = try #require(root["parsed"])
        #expect(bundle.messages.count == Array(parsed.elements).count)
        for (message, expected) in zip(bundle.messages, parsed.elements) {
            try expect(message, equals: expected)
        }
    }

    private func expect(_ message: BundleMessage, equals json: JSONValue) throws {
        let line = try JSONDocument(text: #"{"handler":"onMessage","message":\#(json.json)}"#)
        let event = Event.decode(line.root, surface: .sdk, isPreSend: false, app: nil, session: nil)
        guard case .message(let expected) = event.kind else {
            Issue.record("the client's own message was decoded as \(event.kind)")
            return
        }
        #expect(message.id == event.id)
        #expect(message.time == event.time)
        #expect(message.from == expected.from)
        #expect(message.to == expected.to)
        #expect(message.kind == expected.conversation?.kind)
        #expect(withoutImageThumbnail(message.body) == withoutImageThumbnail(expected.body))
        #expect(message.priority == expected.priority)
        #expect(message.isBroadcast == expected.isBroadcast)
        #expect(message.wantsGroupReceipt == expected.wantsGroupReceipt)
        #expect(message.app == AppKey("easemob-demo#support"))
        #expect(message.ext == expected.ext)
    }

    /// The client makes an image's thumbnail URL up from the image's; the file has none.
    private func withoutImageThumbnail(_ body: Body) -> Body {
        guard case .image(var attachment) = body else { return body }
        attachment.thumbnailURL = nil
        attachment.thumbnailSecret = nil
        return .image(attachment)
    }

    @Test("writes the client's bytes again", arguments: readable)
    func writesTheSameBytes(name: String) throws {
        let (file, _) = try Self.sample(name)
        #expect(try Bundle(file: file).encoded().dropLast() == file.dropLast())
        // Of the file with a changed byte that the check does not cover, the check is right all the same.
        #expect(try Bundle(file: file).encoded() == file)
    }

    @Test("writes the bytes of larger files again", arguments: 1...3)
    func writesLargerFiles(number: Int) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let hex = try Data(contentsOf: folder.appending(path: "combine-file-\(number).hex"))
            .filter { $0 > 0x20 }
        let file = stride(from: 0, to: hex.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: hex[index..<(index + 2)], as: UTF8.self), radix: 16)
        }
        #expect(file.count * 2 == hex.count)
        let bundle = try Bundle(file: file)
        #expect(!bundle.messages.isEmpty)
        #expect(try bundle.encoded() == file)
    }

    @Test(
        "refuses a file whose check byte does not fit",
        arguments: ["combine-bad-checksum", "combine-bad-odd-byte"])
    func refusesBadCheck(name: String) throws {
        let (file, _) = try Self.sample(name)
        let error = #expect(throws: BundleError.self) { try Bundle(file: file) }
        #expect(error?.code == .checksum)
        #expect(error?.description.contains("check byte") == true)
    }

    @Test("a nested bundle is a combine message, and one level more")
    func nested() throws {
        let bundle = try Bundle(file: try Self.sample("combine-nested2").file)
        guard case .combine(let combine) = bundle.messages[1].body else {
            Issue.record("the second message is a \(bundle.messages[1].body.type)")
            return
        }
        #expect(combine.level == 1)
        #expect(combine.bundle.uuid == "eec4eb00-2ee0-11f0-8f24-b3ce6aa9421a")
        #expect(combine.bundle.secret == "7sUSEC7gEfCYlE9p85BBKlYH1ZsF2VFN49QS85LJMTNIkBKw")
        #expect(combine.bundle.url?.contains("share-secret") == false)
        #expect(bundle.level == 2)
        #expect(try Bundle(file: try Self.sample("combine-txt3").file).level == 1)
    }

    @Test("only a present sub_type 0 makes a text a combine message")
    func presenceDecides() throws {
        var content = WireMessageBody.Content()
        content.type = .text
        content.text = "hello"
        #expect(Body(content: content) == .text("hello"))
        content.subType = .subCombine
        #expect(Body(content: content).type == "combine")
        content.clearSubType()
        #expect(Body(content: content) == .text("hello"))
        content.subType = .subStream
        #expect(Body(content: content) == .text("hello"))
    }
}
