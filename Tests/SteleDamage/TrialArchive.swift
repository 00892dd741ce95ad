// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import SteleLog
import SteleTestSupport

/// A small archive of several sessions, segments and members, in a state a log can be found in.
package final class TrialArchive {
    package enum State: String, CaseIterable, Sendable {
        /// Its writer closed in good order.
        case closed
        /// Its writer was killed: the last member has no end.
        case killed
        /// Its writer lives.
        case live
        /// Its writer was killed just after it sealed a segment.
        case sealed
        /// Opened and closed again just after a segment was sealed: the active segment has no file yet.
        case reopened
    }

    package let state: State
    package let archive: Archive
    package let image: ArchiveImage
    /// Every line, without its line feed.
    package let lines: [[UInt8]]
    /// Only while the state is live.
    private var writer: LogWriter?

    private init(_ state: State, _ archive: Archive, _ image: ArchiveImage, _ writer: LogWriter?) throws {
        self.state = state
        self.archive = archive
        self.image = image
        self.writer = writer
        lines = try Self.lines(archive)
        precondition(lines.count == Int(image.recordCount))
    }

    /// Makes an archive.
    ///
    /// - Parameters:
    ///   - folder: Where; it holds two archives afterwards.
    ///   - state: How its log ends.
    ///   - seed: Decides all content; the places of members follow from the batches, the same for every seed.
    /// - Returns: The archive, its writer living where the state says so.
    /// - Throws: What the log's writer throws.
    package static func make(in folder: URL, state: State, seed: UInt64) async throws -> TrialArchive {
        let place = folder.appending(path: "written")
        let archive = try Archive.create(place, origin: "trial/\(seed)")
        var generator = SeededGenerator(seed: seed)
        var writer = try LogWriter.open(archive, options: options)
        for part in 0..<60 {
            if part == 17 || part == 38 {
                try await writer.close()
                writer = try LogWriter.open(archive, options: options)
            }
            _ = try await writer.append(batch(part, using: &generator))
        }
        // On to the state wanted: enough bytes in the last segment, and it open or just sealed.
        var part = 60
        let wantsSealed = state == .sealed || state == .reopened
        while true {
            let image = try ArchiveImage(place, recordCount: writer.durableEnd.rawValue)
            let last = image.segments().last?.segment
            let isSealed = last?.members.last?.kind == UInt8(ascii: "E")
            if wantsSealed ? isSealed : (!isSealed && (last?.bytes.count ?? 0) > 4200) { break }
            _ = try await writer.append(batch(part, using: &generator))
            part += 1
        }
        let count = writer.durableEnd.rawValue
        switch state {
        case .closed:
            try await writer.close()
            return try TrialArchive(state, archive, ArchiveImage(place, recordCount: count), nil)
        case .live: return try TrialArchive(state, archive, ArchiveImage(place, recordCount: count), writer)
        case .reopened:
            try await writer.close()
            try await LogWriter.open(archive, options: options).close()
            return try TrialArchive(state, archive, ArchiveImage(place, recordCount: count), nil)
        case .killed, .sealed:
            // What is on the disk now is what a killed process leaves.
            let image = try ArchiveImage(place, recordCount: count)
            let copy = folder.appending(path: "killed")
            try image.write(in: copy)
            try await writer.close()
            return try TrialArchive(state, Archive.open(copy), image, nil)
        }
    }

    /// Ends the writer, if there is one.
    package func close() async throws {
        try await writer?.close()
        writer = nil
    }

    private static var options: LogOptions {
        var options = LogOptions()
        options.memberByteCount = 2500
        options.segmentByteCount = 5000
        let clock = SteppingClock()
        options.clock = { clock.next() }
        return options
    }

    private static func batch(_ part: Int, using generator: inout SeededGenerator) -> LineBatch {
        var batch = LineBatch()
        for _ in 0..<(1 + part * 7 % 12) {
            // As many bytes whatever the seed, so that archives of two seeds have their members at the same places.
            let noise = generator.bytes(40).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                .joined()
            batch.append { bytes in
                bytes += Array(
                    #""via":"callback","flow":"none","event":{"text":"雨前 before the rain","salt":"\#(noise)"}"#
                        .utf8)
            }
        }
        return batch
    }

    private static func lines(_ archive: Archive) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var cursor = try LogReader(archive).cursor(from: .zero)
        while case .lines(let chunk)? = try cursor.next() {
            for index in 0..<chunk.count { lines.append(Array(chunk[index])) }
        }
        return lines
    }
}

/// A time that goes on a second a commit.
private final class SteppingClock: @unchecked Sendable {
    // Guarded by `lock`.
    private var time: Int64 = 1_795_401_600_000_000
    private let lock = NSLock()

    func next() -> Int64 {
        lock.withLock {
            time += 1_000_000
            return time
        }
    }
}
