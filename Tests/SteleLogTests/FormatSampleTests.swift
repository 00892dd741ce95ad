// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Archives that earlier versions wrote, kept in `Samples/formats` under their format's number: they stay readable.
@Suite struct FormatSampleTests {
    private static let samples = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Samples/formats").standardizedFileURL

    @Test("an archive of format 1 reads, proves itself, and agrees with the checkpoints it was kept with")
    func first() async throws {
        try await withTemporaryFolder { folder in
            let place = folder.appending(path: "archive")
            // Never in place: looking at it must not change it.
            try FileManager.default.copyItem(at: Self.samples.appending(path: "1"), to: place)
            let archive = try Archive.open(place)
            let segments = try archive.segments()
            #expect(segments == [0, 101, 315].map { SequenceNumber($0) })
            // Written anew, sealed as it was written, and the last one.
            #expect(
                try segments.map { try SegmentFile(archive, $0).header(at: 0)?.header.effort }
                    == [.best, .fastest, .fastest])

            let (lines, holes) = try LogReader(archive).everything()
            #expect(holes.isEmpty)
            #expect(sequences(lines) == Array(0..<359))
            let stock = try run("zcat \(archive.logPath)/*.jsonl.gz")
            #expect(stock.status == 0)
            #expect(stock.output.split(separator: "\n").map(String.init) == lines)
            #expect(try LogVerifier(archive).run().isIntact)

            let keyText = try String(contentsOf: place.appending(path: "key.pub"), encoding: .utf8)
            let key = try #require(VerifyingKey(keyText.trimmingCharacters(in: .whitespacesAndNewlines)))
            for size in ["000000000101", "000000000315"] {
                let url = place.appending(path: "checkpoints/\(size)")
                let note = try SignedNote([UInt8](try Data(contentsOf: url)))
                try note.verify([key])
                #expect(try LogReader(archive).matches(try Checkpoint(text: note.text)))
            }

            let writer = try LogWriter.open(archive)
            #expect(writer.recovery == nil)
            _ = try await writer.append(LineBatch(0..<3))
            try await writer.close()
            #expect(try LogReader(archive).everything().lines.dropLast(3).elementsEqual(lines))
        }
    }
}
