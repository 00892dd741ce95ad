// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SteleLog

/// Changes made with every sum made to fit: what is left to tell them is the one thing each test is about.
@Suite struct ForgeryTests {
    /// A segment taken apart, to be put together again with sums that hold.
    private struct Parts {
        struct Part {
            var header: MemberHeader
            /// All after the header.
            var body: [UInt8]
        }

        var parts: [Part] = []
        var keepsDirectory = false
        var keepsPrevious = false

        init(_ bytes: [UInt8]) throws {
            var rest = bytes[...]
            while !rest.isEmpty {
                let header = try MemberHeader(Array(rest))
                rest = rest.dropFirst(header.byteCount)
                var size = MemberHeader.markBody.count
                if header.kind == .lines {
                    var scan = MemberScan(header)
                    var used = 0
                    repeat {
                        used += rest.dropFirst(used).withUnsafeBytes { scan.feed($0) }
                        while scan.takeCommits() != nil {}
                    } while scan.state == .hungry
                    size = used
                }
                parts.append(Part(header: header, body: Array(rest.prefix(size))))
                rest = rest.dropFirst(size)
            }
        }

        /// The segment, with sizes, check sums and the directory as its members are now.
        func bytes(first: SequenceNumber = .zero) -> [UInt8] {
            var bytes: [UInt8] = []
            var directory: [MemberEntry] = []
            var before: (size: UInt32, crc: UInt32) = (0, 0)
            for part in parts {
                var header = part.header
                if !keepsPrevious { (header.previousSize, header.previousCRC) = before }
                if header.kind == .lines {
                    directory.append(
                        MemberEntry(
                            offset: UInt32(bytes.count),
                            recordsBefore: UInt32(header.sequence.rawValue - first.rawValue),
                            time: header.time))
                }
                if header.kind == .end, !keepsDirectory { header.directory = directory }
                let member = header.encoded() + part.body
                before = (UInt32(member.count), Checksum.crc32(member))
                bytes += member
            }
            return bytes
        }
    }

    /// A member's commit as it stands in the log, compressed as a whole member's body.
    private func body(_ lines: [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        lines.withUnsafeBytes { Deflater(level: 1).deflate($0, finish: true, into: &body) }
        body.append(integer: Checksum.crc32(lines))
        body.append(integer: UInt32(lines.count))
        return body
    }

    /// Checks that `change` to a sealed segment is found, with threads and with a close look.
    private func forge(
        _ what: String, _ change: (inout Parts) -> Void, then also: (inout [UInt8]) -> Void = { _ in }
    ) async throws -> [LogProblem] {
        try await withTemporaryFolder { folder in
            let archive = try Archive.create(folder)
            var options = LogOptions()
            options.memberByteCount = 3000
            options.segmentByteCount = 5000
            options.clock = { 1_700_000_000_000_000 }
            for start in [0, 200] {
                // Opened twice, so that a pause mark stands between members.
                let writer = try LogWriter.open(archive, options: options)
                for part in 0..<(start == 0 ? 2 : 12) {
                    _ = try await writer.append(LineBatch(start + part * 30..<start + part * 30 + 30))
                }
                try await writer.close()
            }
            let segments = try archive.segments()
            try #require(segments.count > 1)
            let url = archive.logURL.appending(path: Archive.segmentName(.zero))
            let good = [UInt8](try Data(contentsOf: url))
            var parts = try Parts(good)
            try #require(parts.parts.count > 4 && parts.parts.last?.header.kind == .end)
            try #require(parts.parts.contains { $0.header.kind == .pause })
            #expect(parts.bytes() == good, "taken apart and put together, it is the same")
            #expect(try LogVerifier(archive).run().problems == [])
            change(&parts)
            var bytes = parts.bytes()
            also(&bytes)
            #expect(bytes != good, "\(what): the change is real")
            try Data(bytes).write(to: url)
            let problems = try LogVerifier(archive, threadCount: 2).run().problems
            #expect(!problems.isEmpty, "\(what) is found")
            let scope = try VerificationScope(archive, options: ReadingOptions())
            #expect(try !scope.check(0).run(from: LogState()).problems.isEmpty, "\(what), looked at closely")
            return problems
        }
    }

    @Test("gzip's own check sum and length are checked, though nothing else tells")
    func trailers() async throws {
        for place in [8, 5, 4, 1] {
            let problems = try await forge(
                "a trailer's byte \(place) from its end",
                { parts in
                    let count = parts.parts[1].body.count
                    parts.parts[1].body[count - place] ^= 1
                })
            #expect(problems.first?.what.hasPrefix("gzip's ") == true)
        }
    }

    @Test("the body of a mark can be one thing only")
    func marks() async throws {
        for bit in 0..<80 {
            _ = try await forge(
                "bit \(bit) of a pause mark's body",
                { parts in
                    for index in parts.parts.indices where parts.parts[index].header.kind == .pause {
                        parts.parts[index].body[bit / 8] ^= 1 << (bit % 8)
                    }
                })
        }
    }

    @Test("an end mark that lists other members is found")
    func directories() async throws {
        let changes: [(String, (inout [MemberEntry]) -> Void)] = [
            ("an entry less", { $0.removeLast() }), ("the first entry less", { $0.removeFirst() }),
            ("no entry", { $0 = [] }), ("an entry twice", { $0.append($0[0]) }),
            ("entries swapped", { $0.swapAt(0, 1) }),
            ("another time", { $0[1].time = CaptureTime(microseconds: 5) }),
            ("another number of records", { $0[1].recordsBefore += 1 }),
            ("another offset", { $0[1].offset += 1 }),
        ]
        for (what, change) in changes {
            let problems = try await forge(
                what,
                { parts in
                    parts.keepsDirectory = true
                    change(&parts.parts[parts.parts.count - 1].header.directory)
                })
            #expect(
                problems.contains { $0.what.contains("does not list the members that stand before it") },
                "\(what)")
        }
    }

    @Test("a member that is there twice, or not at all, is found in its place")
    func membersThatFit() async throws {
        let twice = try await forge("a member twice", { $0.parts.insert($0.parts[1], at: 1) })
        #expect(twice.first?.what.contains("where record") == true)
        let gone = try await forge("a member gone", { $0.parts.remove(at: 1) })
        #expect(gone.first?.what.contains("are missing before") == true)
        #expect(gone.first?.lost == SequenceNumber(30)..<SequenceNumber(60))
        let first = try await forge("the first member gone", { $0.parts.remove(at: 0) })
        #expect(first.first?.sequence == .zero)
        let claim = try await forge(
            "a member said to be before the first",
            { parts in
                parts.keepsPrevious = true
                parts.parts[0].header.previousSize = 77
            })
        #expect(claim.contains { $0.what.contains("a member before byte 0") })
        _ = try await forge("bytes after the end mark", { _ in }, then: { $0 += [0] })
        _ = try await forge("an end mark twice", { $0.parts.append($0.parts[$0.parts.count - 1]) })
    }

    @Test("a tree that does not fit is found at every header, and named by the records before it")
    func frontiers() async throws {
        for index in 1..<4 {
            var sequence = SequenceNumber.zero
            let problems = try await forge(
                "another frontier",
                { parts in
                    let header = parts.parts[index].header
                    sequence = header.sequence
                    var hashes = header.frontier.hashes
                    hashes[0] = TreeHash(left: hashes[0], right: hashes[0])
                    if let forged = TreeFrontier(size: header.frontier.size, hashes: hashes) {
                        parts.parts[index].header.frontier = forged
                    }
                })
            #expect(
                problems.contains { $0.what.contains("do not match the tree") && $0.sequence == sequence })
        }
    }

    @Test("a line within a commit that says another number is found")
    func innerNumber() async throws {
        let problems = try await forge(
            "another number",
            { parts in
                let header = parts.parts[0].header
                var lines = CommitLines([LineBatch(0..<30)], first: .zero, time: header.time).bytes
                guard let place = lines.firstRange(of: Array(#"{"seq":7,"#.utf8)) else { return }
                lines[place.upperBound - 2] = UInt8(ascii: "9")
                // The seal, made to fit.
                guard let digits = lines.firstRange(of: Array(#""crc32":""#.utf8))?.upperBound else { return }
                var zeroed = lines
                for place in digits..<digits + 8 { zeroed[place] = UInt8(ascii: "0") }
                let sum = String(Checksum.crc32(zeroed), radix: 16)
                lines.replaceSubrange(
                    digits..<digits + 8,
                    with: Array((String(repeating: "0", count: 8 - sum.count) + sum).utf8))
                parts.parts[0].body = body(lines)
                // And the tree.
                var frontier = TreeFrontier()
                for line in lines.split(separator: UInt8(ascii: "\n")) {
                    Array(line).withUnsafeBytes { frontier.append(leaf: TreeHash(leaf: $0)) }
                }
                parts.parts[1].header.frontier = frontier
            })
        #expect(problems.first?.what == "record 7 is missing from its commit")
    }
}
