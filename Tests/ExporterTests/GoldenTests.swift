// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTranscript
import Testing

/// Exports of the invented transcript, compared byte for byte.
///
/// After a change that is meant: `STELE_REWRITE_GOLDEN=1 swift test --filter GoldenTests`, then review the difference.
@Suite struct GoldenTests {
    @Test("writes exactly the golden file", arguments: Format.allCases)
    func golden(format: Format) throws {
        try Fixture.withFolder { folder in
            let written = try format.write(
                .lively, in: folder, attachments: try Fixture.attachments(in: folder))
            let base = folder.appendingPathComponent(format.fileName).path
            for file in written where file.url.lastPathComponent != OutputFolder.markName {
                let name = format.fileName + file.url.path.dropFirst(base.count)
                let actual = try Data(contentsOf: file.url)
                let golden = Self.golden.appendingPathComponent(name)
                if ProcessInfo.processInfo.environment["STELE_REWRITE_GOLDEN"] != nil {
                    try FileManager.default.createDirectory(
                        at: golden.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try actual.write(to: golden)
                }
                let expected = try Data(contentsOf: golden)
                #expect(actual == expected, "\(name): \(Self.difference(actual, expected))")
            }
        }
    }

    @Test("writes the same bytes twice", arguments: Format.allCases)
    func deterministic(format: Format) throws {
        #expect(try format.text(of: .lively) == format.text(of: .lively))
    }

    /// The files in the sources, not their copies in the build: a rewrite must reach them.
    private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    private static func difference(_ actual: Data, _ expected: Data) -> String {
        let at = zip(actual, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        guard let at else { return "\(actual.count) bytes instead of \(expected.count)" }
        let around = { (data: Data) in
            String(decoding: data[max(0, at - 40)..<min(data.count, at + 60)], as: UTF8.self)
        }
        return "byte \(at):\n  is      \(around(actual))\n  golden  \(around(expected))"
    }
}
