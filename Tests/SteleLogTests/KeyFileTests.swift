// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// The signing key's file and the list of the archive's keys.
@Suite struct KeyFileTests {
    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func code(_ body: () throws -> some Any) -> LogError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? LogError)?.code
        }
    }

    @Test("the key is made once, and its public half is listed")
    func once() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            #expect(try archive.verifyingKeys().isEmpty)
            let key = try KeyFile(archive).readOrCreate()
            #expect(try KeyFile(archive).readOrCreate().verifyingKey == key.verifyingKey)
            #expect(try archive.verifyingKeys() == [key.verifyingKey])
            #expect(key.name == archive.origin)
            // A list that is lost is written again from the key.
            try FileManager.default.removeItem(atPath: archive.verifyingKeysPath)
            _ = try KeyFile(archive).readOrCreate()
            #expect(try archive.verifyingKeys() == [key.verifyingKey])
        }
    }

    @Test("the key's bytes never lie in a file that others may read, whatever stood at its place before")
    func isPrivate() async throws {
        try await withTemporaryFolder { folder in
            let files = ReadingFileSystem()
            let archive = try Archive.create(folder, files: files)
            // Where a fixed name were used, a file waiting there would keep its permissions.
            for name in ["key.partial", "key.tmp"] { try Data().write(to: folder.appending(path: name)) }
            files.reset()
            _ = try KeyFile(archive).readOrCreate()
            let made = files.counts.made.filter { !$0.path.contains("key.pub") }
            #expect(made.count == 1 && made.allSatisfy { $0.isPrivate })
            #expect(try permissions(archive.keyPath) == 0o600)
            #expect(!KeyFile(archive).isReadableByOthers)
            #expect(
                try archive.files.names(in: archive.path).filter { $0.hasSuffix(".partial") } == [
                    "key.partial"
                ])
            for mode in [0o640, 0o604, 0o660, 0o601] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: archive.keyPath)
                #expect(KeyFile(archive).isReadableByOthers)
            }
        }
    }

    @Test("many who need the first key at once get the same one")
    func together() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            let keys = try await withThrowingTaskGroup(of: VerifyingKey.self) { group in
                for _ in 0..<16 { group.addTask { try KeyFile(archive).readOrCreate().verifyingKey } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(keys.count == 1)
            #expect(try archive.verifyingKeys() == Array(keys))
        }
    }

    @Test("a key may lie elsewhere, and one that is missing is not replaced by itself")
    func elsewhere() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "archive"))
            let file = KeyFile(archive, at: folder.appending(path: "elsewhere"))
            let key = try file.readOrCreate()
            #expect(try permissions(file.path) == 0o600)
            #expect(try archive.verifyingKeys() == [key.verifyingKey])
            #expect(code { try KeyFile(archive).readOrCreate() } == .badKey)
            #expect(!FileManager.default.fileExists(atPath: archive.keyPath))
            // Asked for in so many words, it is: the old one stays in the list.
            let another = try KeyFile(archive).createAnother()
            #expect(try archive.verifyingKeys() == [key.verifyingKey, another.verifyingKey])
            #expect(try file.readOrCreate().verifyingKey == key.verifyingKey)
            #expect(code { try KeyFile(archive).createAnother() } == .badKey)
            #expect(try KeyFile(archive).readOrCreate().verifyingKey == another.verifyingKey)
        }
    }

    @Test("another archive's key, and what is no key, are refused")
    func refused() async throws {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder.appending(path: "one"))
            let other = try Archive.create(folder.appending(path: "two"))
            _ = try KeyFile(archive).readOrCreate()
            _ = try KeyFile(other).readOrCreate()
            #expect(code { try KeyFile(archive, at: URL(filePath: other.keyPath)).readOrCreate() } == .badKey)
            let good = try String(contentsOfFile: archive.keyPath, encoding: .utf8)
            let url = folder.appending(path: "key")
            for bad in [
                "", "\n", "key\n", good + "\n", " " + good, String(good.dropLast(2)),
                good.replacing("PRIVATE+KEY", with: "PRIVATE+YEK"),
                good.replacing("+stele/", with: "+stile/"),
                String(repeating: "a", count: 5000),
            ] {
                try Data(bad.utf8).write(to: url)
                #expect(code { try KeyFile(archive, at: url).readOrCreate() } == .badKey, "\(bad)")
            }
            try Data(good.dropLast().utf8).write(to: url)
            #expect(code { try KeyFile(archive, at: url).readOrCreate() } == nil)
            try Data("no key\n".utf8).write(to: URL(filePath: archive.verifyingKeysPath))
            #expect(code { try archive.verifyingKeys() } == .badKey)
        }
    }

    @Test("a key that could not be written whole is not there", arguments: [ENOSPC, EIO])
    func faults(number: Int32) async throws {
        let url = URL(filePath: "/archive")
        let probe = MemoryFileSystem()
        _ = try KeyFile(try Archive.create(url, files: probe)).readOrCreate()
        for failing in 0..<probe.operations {
            let files = MemoryFileSystem()
            // Making the archive itself may fail, too: then there is nothing to look at.
            guard let archive = try? Archive.create(url, files: files) else { continue }
            let made = files.operations
            files.setFault { count, operation in
                count == made + failing ? .init(number: number, writtenByteCount: 5) : nil
            }
            let first = try? KeyFile(archive).readOrCreate()
            files.setFault { _, _ in nil }
            let key = try KeyFile(archive).readOrCreate()
            if let first { #expect(first.verifyingKey == key.verifyingKey) }
            #expect(try archive.verifyingKeys() == [key.verifyingKey])
        }
    }
}
