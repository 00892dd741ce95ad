// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleProjection

/// Views that are not what the log gives are found.
@Suite("Views, checked")
struct ViewsCheckTests {
    private static let time: Int64 = 1_747_000_000_000

    private static func texts(_ range: Range<Int>) -> [Delivery] {
        range.map { index in
            let at = time + Int64(index)
            return .callback(
                Payload.text("message \(index)", id: Payload.id(at: at), at: at, from: "alice", to: "bob"))
        }
    }

    /// Views of 40 messages, half of them folded live; and the file they lie in.
    private static func archive(_ folder: URL) async throws -> (log: TestLog, file: URL) {
        let log = try await TestLog(folder, texts(0..<20))
        _ = try log.views()
        try await log.append(texts(20..<40))
        _ = try log.views()
        let views = ViewsFile(link: log.archive.viewsURL)
        return (log, views.url(try #require(views.current)))
    }

    private static func what(_ log: TestLog) throws -> [String] {
        try ViewsCheck(log.archive).run(isLogWhole: true).map(\.what)
    }

    @Test("views that were folded live and at once are what the log gives")
    func good() async throws {
        try await withTemporaryDirectory { folder async throws in
            let log = try TestLog(folder)
            #expect(try Self.what(log) == [], "there are none yet")
            let (other, _) = try await Self.archive(folder.appending(path: "other"))
            #expect(try Self.what(other) == [])
            let left = try FileManager.default.contentsOfDirectory(atPath: other.archive.indexPath)
            #expect(left.filter { $0.hasPrefix("verify-") } == [], "what was made to compare with is gone")
        }
    }

    @Test("a changed text is found, and the table named")
    func changedText() async throws {
        try await withTemporaryDirectory { folder async throws in
            let (log, file) = try await Self.archive(folder)
            var bytes = [UInt8](try Data(contentsOf: file))
            let place = try #require(bytes.firstRange(of: Array("message 7".utf8)))
            bytes[place.upperBound - 1] = UInt8(ascii: "8")
            try Data(bytes).write(to: file)
            let found = try Self.what(log)
            #expect(
                found.contains { $0.contains("rows of the table messages are not what the log gives") },
                "\(found)")
            #expect(try ViewsCheck(log.archive).run(isLogWhole: false).isEmpty, "nothing to compare with")
            try Projector.rebuild(log.archive)
            #expect(try Self.what(log) == [])
        }
    }

    @Test("a flipped bit is found, unless no row is changed by it", arguments: 0..<3)
    func flips(seed: Int) async throws {
        try await withTemporaryDirectory { folder async throws in
            let (log, file) = try await Self.archive(folder)
            let good = [UInt8](try Data(contentsOf: file))
            let expected = try Views(log.archive).canonicalDump(withSequences: true)
            var generator = SeededGenerator(seed: UInt64(seed))
            // Where anything is: most of a small file is room.
            let places = good.indices.filter { good[$0] != 0 }
            var found = 0
            for _ in 0..<25 {
                var bytes = good
                let bit = generator.pick(places) * 8 + generator.int(in: 0..<8)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                try Data(bytes).write(to: file)
                if try Self.what(log).isEmpty {
                    #expect(
                        try Views(log.archive).canonicalDump(withSequences: true) == expected,
                        "seed \(seed), bit \(bit)")
                } else {
                    found += 1
                }
                try Data(good).write(to: file)
            }
            #expect(found > 3)
        }
    }

    @Test("views that show more than the log holds are named")
    func ahead() async throws {
        try await withTemporaryDirectory { folder async throws in
            let (log, _) = try await Self.archive(folder)
            try FileManager.default.removeItem(at: log.archive.logURL)
            try FileManager.default.removeItem(atPath: log.archive.lockPath)
            try FileManager.default.createDirectory(at: log.archive.logURL, withIntermediateDirectories: true)
            #expect(try Self.what(log) == ["it shows records up to 40, and the log ends at 0"])
        }
    }
}
