// SPDX-License-Identifier: Apache-2.0

import BundleExporter
import Foundation
import SteleEvents
import SteleTranscript
import SteleWire
import Testing

@Suite struct BundleTests {
    /// The messages of the single chat that can be forwarded.
    private static let sent = SingleChat.conversation.entries.compactMap { entry -> TranscriptMessage? in
        guard case .message(let message) = entry, message.standing == .sent else { return nil }
        if case .command = message.body { return nil }
        return message
    }

    private func write(_ sample: Sample, _ options: BundleWriter.Options = .init()) throws -> (
        bytes: [UInt8], manifest: JSONDocument
    ) {
        try Fixture.withFolder { folder in
            var writer = BundleWriter(to: folder.appendingPathComponent("combine"), options: options)
            let files = try sample.write(to: &writer)
            let manifest = try #require(files.last)
            return (
                Array(try Data(contentsOf: files[0].url)),
                try JSONDocument(Array(try Data(contentsOf: manifest.url)))
            )
        }
    }

    @Test("what is written is read back as identical, in order")
    func roundTrip() throws {
        let (bytes, manifest) = try write(Sample([SingleChat.conversation]))
        let archive = Dictionary(uniqueKeysWithValues: Self.sent.map { ($0.id, $0) })
        let judged = try Bundle.judge(file: bytes) { archive[$0] }
        #expect(judged.map(\.message.id) == Self.sent.map(\.id))
        let expected = Self.sent.map { $0.recall == nil ? BundleVerdict.identical : .recalledSince }
        #expect(judged.map(\.verdict) == expected)
        #expect(manifest.root["messages"]?.elements.map { $0["verdict"]?.string } == expected.map(\.rawValue))
        #expect(
            manifest.root["leftOut"]?.elements.map { $0["reason"]?.string } == [
                "command", "refused", "not proven sent",
            ])
        #expect(manifest.root["level"]?.int64 == 4)
        #expect(manifest.root["bytes"]?.int64 == Int64(bytes.count))
    }

    @Test("judges each message by the archive's", arguments: BundleVerdict.allCases)
    func verdicts(verdict: BundleVerdict) throws {
        let original = Sample.message(.text("the words"), ext: #"{"a":1,"b":"x"}"#)
        let (bytes, _) = try write(.of([original]))
        var archived: TranscriptMessage? = original
        switch verdict {
        case .identical: archived?.versions[0].ext = #"{ "b":"x", "a":1.0 }"#
        case .editedSince: archived?.versions.append(Version(body: .text("other words"), isEdit: true))
        case .recalledSince: archived?.recall = RecallMark(by: nil, time: nil, notice: nil)
        case .altered: archived?.versions[0].body = .text("the word")
        case .notInArchive: archived = nil
        }
        #expect(try Bundle.judge(file: bytes) { _ in archived }.map(\.verdict) == [verdict])
    }

    @Test("notices a changed sender, time and extension")
    func alterations() throws {
        let original = Sample.message(.text("the words"), ext: #"{"a":1}"#)
        let (bytes, _) = try write(.of([original]))
        for change: (inout TranscriptMessage) -> Void in [
            { $0.from = Participant(user: UserID("mallory")) }, { $0.time = Sample.at(1, 1, 1) },
            { $0.versions[0].ext = #"{"a":2}"# }, { $0.versions[0].ext = nil },
        ] {
            var archived = original
            change(&archived)
            #expect(try Bundle.judge(file: bytes) { _ in archived }.map(\.verdict) == [.altered])
        }
    }

    @Test("takes 300 messages, and refuses one more with words")
    func messageLimit() throws {
        let messages = (1...301).map { Sample.message(.text("\($0)"), number: $0) }
        #expect(try Bundle(file: write(.of(Array(messages.prefix(300)))).bytes).messages.count == 300)
        let error = #expect(throws: OutputError.self) { try write(.of(messages)) }
        #expect(error?.code == .tooLarge)
        #expect(error?.reason.contains("300") == true)
    }

    @Test("refuses an eleventh level and an empty bundle")
    func levelLimit() throws {
        let nested = { (level: Int) in
            Sample.message(
                .combine(
                    Combine(
                        title: "t", summary: "s", compatibleText: nil, level: level,
                        bundle: .named("combine", bytes: 1, uuid: "d0000000-0000-4000-8000-000000000001"))))
        }
        #expect(try Bundle(file: write(.of([nested(9)])).bytes).level == 10)
        #expect(throws: BundleError.self) { try write(.of([nested(10)])) }
        #expect(throws: BundleError.self) { try write(.of([])) }
    }

    @Test("carries secrets only when asked to")
    func secrets() throws {
        let contains = { (bytes: [UInt8]) in
            String(decoding: bytes, as: Unicode.ASCII.self).contains("s3cret-of")
        }
        var options = BundleWriter.Options()
        #expect(try !contains(write(Sample([SingleChat.conversation]), options).bytes))
        options.includesSecrets = true
        #expect(try contains(write(Sample([SingleChat.conversation]), options).bytes))
    }

    @Test("copies the files of the bundles inside that the archive has")
    func nestedFiles() throws {
        try Fixture.withFolder { folder in
            // Any content will do: it is copied, not read.
            var message = Sample.message(.combine(Bundles.outer))
            message.attachment = .stored(sha256: Fixture.pngHash, bytes: 357)
            var options = BundleWriter.Options()
            options.attachments = try Fixture.attachments(in: folder)
            var writer = BundleWriter(to: folder.appendingPathComponent("combine"), options: options)
            let files = try Sample.of([message]).write(to: &writer)
            #expect(files.map(\.url.lastPathComponent) == ["combine", Fixture.pngHash, "combine.json"])
            let copy = try Data(contentsOf: files[1].url)
            #expect(copy == Fixture.png)
            let manifest = try Fixture.text(of: files[2].url)
            #expect(manifest.contains("combine.nested/\(Fixture.pngHash)"))
        }
    }
}
