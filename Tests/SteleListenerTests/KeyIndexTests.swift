// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import SteleEvents
import SteleLog
import SteleTestSupport
import Testing

@testable import SteleListener

/// A damaged index is found, and never the reason why an event is not recorded.
@Suite("Index of recorded events, damaged")
struct KeyIndexTests {
    private static func key(_ number: Int) -> DeduplicationKey {
        DeduplicationKey(hashing: Array("key \(number)".utf8))
    }

    private static func run(_ folder: URL, keys: Range<Int>) throws -> URL {
        let coverage = KeyRun.Coverage(
            records: 0..<UInt64(keys.count), fingerprint: DeduplicationKey(high: 7, low: 8))
        return try KeyFolder(url: folder).write(keys.map(key).sorted(), coverage).url
    }

    @Test("every flipped bit of a file of keys is found", arguments: 0..<4)
    func flips(seed: Int) throws {
        try withTemporaryDirectory { folder in
            let url = try Self.run(folder, keys: 0..<900)
            let good = [UInt8](try Data(contentsOf: url))
            #expect(try KeyRun(url).damage() == nil)
            var generator = SeededGenerator(seed: UInt64(seed))
            // The header and the sums, which are short, as often as the rest.
            let places = [0..<64, good.count - 64..<good.count, 64..<good.count]
            for round in 0..<150 {
                let place = generator.int(in: places[round % 3])
                var bytes = good
                bytes[place] ^= 1 << UInt8(generator.int(in: 0..<8))
                try Data(bytes).write(to: url)
                let isFound: Bool
                do throws(KeyFileError) { isFound = try KeyRun(url).damage() != nil } catch { isFound = true }
                #expect(isFound, "seed \(seed), byte \(place)")
            }
        }
    }

    @Test("a key that seems to be there in changed bytes does not count as recorded")
    func changedPage() throws {
        try withTemporaryDirectory { folder in
            let url = try Self.run(folder, keys: 0..<900)
            var bytes = [UInt8](try Data(contentsOf: url))
            let keys = (0..<900).map(Self.key).sorted()
            let start =
                bytes.count - 4
                * (KeyRun.pages(900 * 16) + KeyRun.pages(BloomFilter.blocks(forKeys: 900) * 64)) - 900 * 16
            // The last key of the first page: all others of that page are where they were.
            bytes[start + 255 * 16 + 15] ^= 1
            try Data(bytes).write(to: url)
            let run = try KeyRun(url)
            for (index, key) in keys.enumerated() {
                switch run.look(for: key) {
                case .damaged: #expect(index < 255)
                case .absent: #expect(index == 255)
                case .present: #expect(index > 255)
                }
            }
        }
    }

    @Test(
        "an event in a damaged file is recorded again rather than refused, and the next start mends the file")
    func distrusted() async throws {
        try await withTemporaryDirectory { folder async throws in
            func open() throws -> SeenKeys {
                try SeenKeys(
                    folder, logEnd: 100, limit: 1000,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    fingerprint: { DeduplicationKey(high: 7, low: $0) })
            }
            let first = try open()
            for number in 0..<100 { first.replay(Self.key(number), at: UInt64(number), mayRepeat: false) }
            await first.saveIfDue(isClosing: true)
            let url = try #require(
                try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first
            )
            var bytes = [UInt8](try Data(contentsOf: url))
            bytes[bytes.count - 40] ^= 1
            try Data(bytes).write(to: url)
            let second = try open()
            #expect(second.frontier == 100, "what is not looked at is believed")
            let claims = Claims(second)
            var fresh = 0
            for number in 0..<100 {
                if case .new = claims.claim(Self.key(number)) { fresh += 1 }
            }
            #expect(fresh == 100, "one page holds them all")
            #expect(!FileManager.default.fileExists(atPath: url.path), "the next start reads the log again")
            #expect(try open().frontier == 0)
        }
    }

    @Test("damaged files are not merged into one with good sums")
    func merging() async throws {
        try await withTemporaryDirectory { folder async throws in
            func open(limit: Int) throws -> SeenKeys {
                try SeenKeys(
                    folder, logEnd: 200, limit: limit,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    fingerprint: { DeduplicationKey(high: 7, low: $0) })
            }
            let first = try open(limit: 64)
            for number in 0..<64 { first.replay(Self.key(number), at: UInt64(number), mayRepeat: false) }
            let url = try #require(
                try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first
            )
            var bytes = [UInt8](try Data(contentsOf: url))
            bytes[bytes.count - 40] ^= 1
            try Data(bytes).write(to: url)
            let second = try open(limit: 64)
            for number in 64..<128 { second.replay(Self.key(number), at: UInt64(number), mayRepeat: false) }
            let files = try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)
            #expect(files.allSatisfy { $0 != url })
            for file in files { #expect(try KeyRun(file).damage() == nil) }
            for number in 64..<128 { #expect(second.contains(Self.key(number))) }
        }
    }

    @Test("the check names a file that is damaged, and one made of another log")
    func check() async throws {
        try await withTemporaryDirectory { folder async throws in
            let archive = try Archive.create(folder)
            #expect(try KeyIndexCheck(archive).run(isLogWhole: true).isEmpty)
            let log = try LogWriter.open(archive)
            let listener = try Listener(log: log, archive: archive)
            let lines = (0..<20).map { #"{"id":"\#($0)"}"# }
            _ = try await listener.receive(
                lines.map { Received(surface: .callback, payload: Array($0.utf8)) })
            await listener.close()
            try await log.close()
            #expect(try KeyIndexCheck(archive).run(isLogWhole: true) == [])
            let keys = KeyFolder.url(of: archive)
            let url = try #require(
                try FileManager.default.contentsOfDirectory(at: keys, includingPropertiesForKeys: nil).first)
            let good = try Data(contentsOf: url)
            var bad = good
            bad[bad.count - 30] ^= 1
            try bad.write(to: url)
            let problem = try #require(try KeyIndexCheck(archive).run(isLogWhole: true).first)
            #expect(problem.file == "index/keys/" + url.lastPathComponent)
            #expect(problem.remedy.contains("Delete the folder index"))
            try good.write(to: url)
            #expect(try KeyIndexCheck(archive).run(isLogWhole: true) == [])
            // As after the log's end was lost and written anew.
            try FileManager.default.removeItem(at: archive.logURL)
            try FileManager.default.createDirectory(at: archive.logURL, withIntermediateDirectories: true)
            try FileManager.default.removeItem(atPath: archive.lockPath)
            #expect(
                try KeyIndexCheck(archive).run(isLogWhole: true).first?.what.contains(
                    "the log ends before that") == true)
        }
    }
}
