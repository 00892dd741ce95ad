// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTestSupport
import Testing

/// Every sample payload, against what a reader of the platform's documentation takes from it.
struct FixtureTests {
    static let surfaces = ["callback-post", "callback-pre", "history-file", "sdk-event"]
    /// The rows of `expected.tsv` by file: one line each, its columns named in the first.
    static let expected: [String: [String]] = {
        guard let bytes = try? Fixtures.bytes("expected.tsv") else { return [:] }
        let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        return Dictionary(rows.map { ($0[0], Array($0.dropFirst())) }) { first, _ in first }
    }()

    static func event(_ file: String) throws -> Event {
        let document = try JSONDocument(Fixtures.bytes(file))
        let surface: Surface =
            switch file.split(separator: "/").first {
            case "history-file": .history
            case "sdk-event": .sdk
            default: .callback
            }
        return Event.decode(
            document.root, surface: surface, isPreSend: file.hasPrefix("callback-pre/"), app: nil,
            session: nil)
    }

    /// After a change that is meant: `STELE_REWRITE_GOLDEN=1 swift test --filter FixtureTests`, then review the difference.
    @Test("every sample has its row, and every row its sample")
    func isComplete() throws {
        let files = try Self.surfaces.flatMap { try Fixtures.files(in: $0) }
        if ProcessInfo.processInfo.environment["STELE_REWRITE_GOLDEN"] != nil {
            let head = ["file", "kind", "conversation", "from", "to", "what", "time", "id", "app"]
            let rows = try [head] + files.map { try [$0] + EventSummary.columns(of: Self.event($0)) }
            let text = rows.map { $0.joined(separator: "\t") + "\n" }.joined()
            try Data(text.utf8).write(to: Fixtures.folder.appending(path: "expected.tsv"))
        }
        #expect(files.count > 200)
        #expect(Set(files) == Set(Self.expected.keys))
    }

    @Test("a sample is understood as its row says", arguments: expected.keys.sorted())
    func isUnderstood(file: String) throws {
        let event = try Self.event(file)
        #expect(EventSummary.columns(of: event) == Self.expected[file])
        if case .unknown(let reason) = event.kind { #expect(!reason.isEmpty) }
    }

    /// Samples that are parts of payloads or answers to callbacks, which no surface shows alone.
    static let notPayloads = ["fragment", "response-"]

    @Test("a sample's surface is recognised", arguments: expected.keys.sorted())
    func isRecognised(file: String) throws {
        guard !Self.notPayloads.contains(where: { file.contains($0) }) else { return }
        let shape = PayloadShape.detect(try JSONDocument(Fixtures.bytes(file)).root)
        switch file.split(separator: "/").first {
        case "callback-post": #expect(shape.surface == .callback && !shape.isPreSend && shape.flow == .none)
        case "callback-pre": #expect(shape.surface == .callback && shape.isPreSend)
        case "history-file": #expect(shape.surface == .history)
        default:
            let isFrame = file.contains("wire-meta")
            #expect(shape.surface == (isFrame ? .msync : .sdk))
            if file.contains("/event-") { #expect(shape.flow == .in) }
            if file.contains("/create-") || file.contains("/send-") { #expect(shape.flow == .out) }
        }
    }

    @Test("no attachment URL keeps its secret", arguments: expected.keys.sorted())
    func secretsAreTakenOff(file: String) throws {
        #expect(Self.expected[file]?.contains { $0.contains("share-secret") } == false)
    }
}
