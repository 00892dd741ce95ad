// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
@testable import SteleProjection
import SteleTestSupport
import Testing

/// Where each sample of the platform's payloads ends in the views, one by one.
///
/// `SampleViews.txt` holds, for each sample, the rows that fresh views have after it alone, as lines of the canonical dump
/// (its columns are in `CanonicalDump.swift`); they were read against the platform's documentation. After a change that is
/// meant: `STELE_REWRITE_GOLDEN=1 swift test --filter SampleViewTests`, then review the difference.
struct SampleViewTests {
    static let folders = ["callback-post", "callback-pre", "history-file", "sdk-event"]

    static func delivery(_ file: String, session: String) throws -> Delivery {
        let bytes = try Fixtures.bytes(file)
        let shape = PayloadShape.detect(try JSONDocument(bytes).root)
        return Delivery(
            surface: shape.surface, flow: shape.flow, isPreSend: shape.isPreSend,
            session: shape.surface == .sdk ? session : nil, payload: String(decoding: bytes, as: UTF8.self))
    }

    /// Rows of the views but for how far the fold has come and the words of the search index.
    private static func rows(of file: String) throws -> [String] {
        try withTemporaryDirectory { folder in
            // Without a log: each sample would be synced to disk and its checkpoint signed.
            let views = try Views(at: folder.appending(path: "views.sqlite"))
            try views.makeEmpty()
            var fold = LiveFold(try views.pool())
            let head = Array(#"{"seq":0,"at":"2026-11-23T00:00:00.000000Z","#.utf8)
            let line = head + TestLog.members(try delivery(file, session: "tap")) + Array("}".utf8)
            let end = SequenceNumber(1)
            try fold.apply(FoldBatch(inputs: [.event(DecodedRecord(RecordedEvent(line: line)))], end: end))
            return try views.canonicalDump(withSequences: false).filter { line in
                !line.hasPrefix(#"["meta""#) && !line.hasPrefix(#"["search""#)
                    && !line.hasPrefix(#"["edit_search""#)
            }
            // Bodies are compared field by field in `FixtureImportTests`; here their bytes would only hide the rest.
            .map { line in
                line.replacing(/[0-9A-F]{40,}/) { "\($0.output.count / 2) bytes" }
            }
        }
    }

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "SampleViews.txt")

    /// The kept rows by file.
    private static func expected() throws -> [String: [String]] {
        let text = String(decoding: try Data(contentsOf: golden), as: UTF8.self)
        var rows: [String: [String]] = [:]
        var file = ""
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("## ") {
                file = String(line.dropFirst(3))
                rows[file] = []
            } else {
                rows[file, default: []].append(line)
            }
        }
        return rows
    }

    @Test("every sample ends in the rows kept for it")
    func samples() throws {
        let files = try Self.folders.flatMap { try Fixtures.files(in: $0) }
        var found: [String: [String]] = [:]
        for file in files { found[file] = try Self.rows(of: file) }
        if ProcessInfo.processInfo.environment["STELE_REWRITE_GOLDEN"] != nil {
            let text = files.map { file in
                (["## \(file)"] + (found[file] ?? [])).joined(separator: "\n") + "\n"
            }
            try Data(text.joined(separator: "\n").utf8).write(to: Self.golden)
        }
        let expected = try Self.expected()
        #expect(Set(expected.keys) == Set(files))
        for file in files { #expect(found[file] == expected[file], "\(file)") }
    }

    /// The time of this one's message is its capture's: no surface tells one, nor is there an id.
    private static let untimed = "sdk-event/send-muted-in-group.json"

    @Test("all samples together give the same views in any order", arguments: 1...3 as ClosedRange<UInt64>)
    func anyOrder(seed: UInt64) async throws {
        let deliveries = try Self.folders.flatMap { try Fixtures.files(in: $0) }
            .filter { $0 != Self.untimed }.map { try Self.delivery($0, session: "tap") }
        func dump(_ deliveries: [Delivery]) async throws -> [String] {
            try await withViews(of: deliveries) { views, _ in
                try views.canonicalDump(withSequences: false)
            }
        }
        var random = SeededGenerator(seed: seed)
        let expected = Set(try await dump(deliveries))
        let shuffled = Set(try await dump(deliveries.shuffled(using: &random)))
        #expect(expected.symmetricDifference(shuffled).sorted() == [], "seed \(seed)")
    }
}
