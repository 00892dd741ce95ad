// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How far a mirror is behind its archive.
package struct MirrorStatus: Hashable, Sendable {
    /// The mirror's folder.
    package var path: String
    /// Records that were checked on the mirror.
    package var records: UInt64 = 0
    /// Records and bytes that are durable in the archive and not on the mirror.
    package var behind: UInt64 = 0
    package var bytesBehind: Int64 = 0
    /// When it last had everything, RFC 3339 UTC; nil when that was never so.
    package var at: String?
    /// Why it does not have everything, and what to do; nil while nothing is in the way.
    package var problem: String?
    package var remedy: String?
}

/// The file `mirror.json` in an archive: which mirror follows it, and what its shipper last said.
///
/// ```
/// {"at":"2026-11-23T02:40:00.123456Z","path":"/mnt/second/stele","problem":null,"records":421184}
/// ```
///
/// Derived, but for one thing: while it names a folder, an empty folder there means a disk that is not mounted.
struct MirrorState: Codable, Hashable {
    var path: String
    var records: UInt64
    var at: String?
    var problem: String?
    var remedy: String?

    /// What the archive's file says; nil when there is none that can be read.
    init?(_ archive: Archive) {
        // Derived: a file that cannot be read is like none.
        guard let bytes = try? archive.files.contents(of: archive.mirrorStatePath),
            let state = try? JSONDecoder().decode(MirrorState.self, from: Data(bytes))
        else { return nil }
        self = state
    }

    init(_ status: MirrorStatus) {
        path = status.path
        records = status.records
        at = status.at
        problem = status.problem
        remedy = status.remedy
    }

    func write(_ archive: Archive) throws(FileFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else { preconditionFailure("plain members encode") }
        try archive.files.writeWhole(
            Array(bytes) + [UInt8(ascii: "\n")], to: archive.mirrorStatePath, in: archive.path)
    }
}

extension MirrorStatus {
    /// What an archive's mirror has, seen from any process; nil when no mirror follows it.
    ///
    /// - Throws: ``LogError`` when the archive itself cannot be read.
    package init?(of archive: Archive) throws(LogError) {
        guard let state = MirrorState(archive) else { return nil }
        self.init(path: state.path, records: state.records, at: state.at)
        problem = state.problem
        remedy = state.remedy
        let mirror = Archive(
            url: URL(filePath: state.path, directoryHint: .isDirectory), origin: archive.origin,
            files: archive.files)
        var arrived: DurableEnd?
        var isFollowed = false
        // A mirror that cannot be looked at is what is to be reported, not an error of this look.
        switch try? WriterLock.look(mirror) {
        case .durable(let end):
            arrived = end
            isFollowed = true
        case .noWriter(let last): arrived = last
        case .starting: isFollowed = true
        case nil: break
        }
        if let arrived { records = arrived.sequence.rawValue }
        let lag = try MirrorLag(archive, arrived: arrived)
        behind = lag.records
        bytesBehind = lag.bytes
        if arrived == nil, !isFollowed, problem == nil {
            problem = "\(state.path): the mirror cannot be read"
            remedy = "Mount its disk, or check its permissions."
        } else if !isFollowed, behind > 0, problem == nil {
            problem = "nothing ships to it now"
            remedy = "Start 'stele serve --mirror \(state.path)', or run 'stele mirror \(state.path)'."
        }
    }
}

/// What is durable in an archive and not on its mirror.
struct MirrorLag: Hashable {
    var records: UInt64 = 0
    var bytes: Int64 = 0

    /// Looks at the archive, whose mirror was checked up to `arrived`, or not at all.
    init(_ archive: Archive, arrived: DurableEnd?) throws(LogError) {
        let durable: DurableEnd
        switch try WriterLock.look(archive) {
        case .durable(let end), .noWriter(last: let end?): durable = end
        case .noWriter(last: nil), .starting: durable = .start
        }
        let segments = try archive.segments().filter { $0 <= durable.segment }
        var sizes: [(first: SequenceNumber, byteCount: Int64)] = []
        for (index, first) in segments.enumerated() {
            // Those that arrived whole need not be looked at.
            if index + 1 < segments.count, segments[index + 1] <= arrived?.sequence ?? .zero { continue }
            let size = first == durable.segment ? durable.offset : try SegmentFile(archive, first).size()
            sizes.append((first, size))
        }
        self.init(durable: durable, arrived: arrived ?? .start, sizes: sizes)
    }

    /// - Parameters:
    ///   - durable: Where the archive is durable.
    ///   - arrived: Up to where the mirror was checked.
    ///   - sizes: Of the segments that did not arrive whole.
    init(durable: DurableEnd, arrived: DurableEnd, sizes: [(first: SequenceNumber, byteCount: Int64)]) {
        records = durable.sequence.rawValue - min(durable.sequence.rawValue, arrived.sequence.rawValue)
        bytes = sizes.reduce(0) { sum, segment in
            sum + max(0, segment.byteCount - (segment.first == arrived.segment ? arrived.offset : 0))
        }
    }
}
