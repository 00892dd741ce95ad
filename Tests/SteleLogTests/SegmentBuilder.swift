// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SteleLog

/// Lays out a segment by hand, with sums that hold: what a writer would write, and what none would.
struct SegmentBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var directory: [MemberEntry] = []
    /// Where the log stands after what was laid out.
    private(set) var state = LogState()
    private var previous: (size: UInt32, crc: UInt32) = (0, 0)
    private let first: SequenceNumber

    static let time = CaptureTime(microseconds: 1_700_000_000_000_000)

    init(after state: LogState = LogState()) {
        self.state = state
        first = state.next
    }

    /// Goes on after members that were read from a file.
    init(continuing bytes: [UInt8]) throws {
        first = .zero
        var rest = bytes[...]
        while !rest.isEmpty {
            let header = try MemberHeader(Array(rest))
            var size = header.byteCount + MemberHeader.markBody.count
            state = LogState(before: header)
            if header.kind == .lines {
                var scan = MemberScan(header)
                let body = rest.dropFirst(header.byteCount)
                size = header.byteCount
                repeat {
                    let used = body.dropFirst(scan.usedByteCount).withUnsafeBytes { scan.feed($0) }
                    while let lines = scan.takeCommits() { state.frontier.append(lines) }
                    guard used > 0 else { break }
                } while scan.state == .hungry
                size += scan.usedByteCount
                state.next = scan.next
                directory.append(
                    MemberEntry(
                        offset: UInt32(bytes.count - rest.count),
                        recordsBefore: UInt32(header.sequence.rawValue), time: header.time))
            }
            previous = (UInt32(size), Checksum.crc32(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        self.bytes = bytes
    }

    /// Appends a member that holds one commit.
    mutating func lines(_ count: Int) {
        let start = Int(state.next.rawValue)
        var commit = CommitLines([LineBatch(start..<start + count)], first: state.next, time: Self.time)
        directory.append(
            MemberEntry(
                offset: UInt32(bytes.count), recordsBefore: UInt32(start - Int(first.rawValue)),
                time: Self.time))
        let header = MemberHeader(
            kind: .lines, sequence: state.next, time: Self.time, previousSize: previous.size,
            previousCRC: previous.crc, frontier: state.frontier)
        var member = header.encoded()
        commit.bytes.withUnsafeBytes { Deflater(level: 1).deflate($0, finish: true, into: &member) }
        member.appendTrailer(crc: commit.crc, byteCount: commit.bytes.count)
        commit.appendLeaves(to: &state.frontier)
        state.next = state.next.advanced(by: count)
        append(member)
    }

    /// Appends a mark, which may claim another sequence, and another tree, than the members before it lead to.
    mutating func mark(
        _ kind: MemberHeader.Kind, at sequence: UInt64? = nil, frontier: TreeFrontier? = nil,
        directory: [MemberEntry]? = nil
    ) {
        let claimed = sequence.map { SequenceNumber($0) } ?? state.next
        let header = MemberHeader(
            kind: kind, sequence: claimed, time: Self.time, previousSize: previous.size,
            previousCRC: previous.crc,
            frontier: frontier ?? (claimed == state.next ? state.frontier : .forged(claimed.rawValue)),
            directory: directory ?? (kind == .end ? self.directory : []))
        append(header.encoded() + MemberHeader.markBody)
    }

    private mutating func append(_ member: [UInt8]) {
        bytes += member
        previous = (UInt32(member.count), Checksum.crc32(member))
    }

    /// Writes the segment into an archive.
    func write(to archive: Archive) throws {
        try Data(bytes).write(to: URL(filePath: archive.segmentPath(first)))
    }
}

extension TreeFrontier {
    /// Of a size, over leaves that nobody wrote.
    static func forged(_ size: UInt64) -> TreeFrontier {
        let hash = TreeHash(left: .empty, right: .empty)
        return TreeFrontier(size: size, hashes: Array(repeating: hash, count: size.nonzeroBitCount))
            ?? TreeFrontier()
    }
}

extension Archive {
    /// The bytes of a segment's file.
    func bytes(of first: SequenceNumber = .zero) throws -> [UInt8] {
        try files.contents(of: segmentPath(first))
    }

    func removeLock() throws { try FileManager.default.removeItem(atPath: lockPath) }

    /// What recovery and repair kept beside the log.
    func kept() throws -> [[UInt8]] {
        let damaged = path + "/damaged"
        guard files.exists(damaged) else { return [] }
        return try files.names(in: damaged).sorted().map { try files.contents(of: damaged + "/" + $0) }
    }
}
