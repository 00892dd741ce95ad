// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// The process that is killed: appends for as long as it lives.
struct Victim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The process that is killed.", shouldDisplay: false)

    @Option var round: Int
    @Option var writers: Int
    @Argument var archive: String
    @Argument var mirror: String

    func run() async throws {
        let archive = try Archive.openOrCreate(URL(filePath: archive))
        let log = try LogWriter.open(archive, options: Self.options)
        if let lost = log.recovery?.lostRecords, lost > 0 { Acknowledgement.lost(lost).tell() }
        let mirror = Mirror(of: archive, at: URL(filePath: mirror))
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { await Self.append(log, round: round, writer: writer) }
            }
            group.addTask { await Self.ship(mirror, log) }
        }
    }

    /// Small members and segments, so that all their ends are met often.
    static var options: LogOptions {
        var options = LogOptions()
        options.memberByteCount = 24 * 1024
        options.segmentByteCount = 64 * 1024
        return options
    }

    private static func append(_ log: LogWriter, round: Int, writer: Int) async {
        var number = 0
        while true {
            let batch = Entry.batch(round: round, writer: writer, number: number)
            // A log that cannot be written any more acknowledges nothing: there is nothing to tell.
            guard let range = try? await log.append(batch) else { return }
            Acknowledgement.durable(Entry.Key(round: round, writer: writer, number: number), range).tell()
            number += 1
        }
    }

    private static func ship(_ mirror: Mirror, _ log: LogWriter) async {
        var backoff = MirrorBackoff()
        while true {
            do {
                if let end = try await mirror.step() { _ = await log.waitForRecords(past: end) }
            } catch {
                FileHandle.standardError.write(Data("mirror: \(error)\n".utf8))
                // Killed meanwhile, most likely.
                try? await Task.sleep(for: backoff.next())
            }
        }
    }
}

/// What a victim tells, 40 bytes each: a pipe passes so few on whole.
enum Acknowledgement {
    case durable(Entry.Key, Range<SequenceNumber>)
    case lost(Int)

    static let byteCount = 40

    private var words: [UInt64] {
        switch self {
        case .durable(let key, let range):
            [
                UInt64(key.round), UInt64(key.writer), UInt64(key.number), range.lowerBound.rawValue,
                range.upperBound.rawValue,
            ]
        case .lost(let count): [.max, UInt64(count), 0, 0, 0]
        }
    }

    func tell() {
        words.withUnsafeBytes { bytes in
            // The parent reads until the end; a pipe that is gone means that it is gone too.
            _ = write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    init(_ words: [UInt64]) {
        self =
            words[0] == .max
            ? .lost(Int(words[1]))
            : .durable(
                Entry.Key(round: Int(words[0]), writer: Int(words[1]), number: Int(words[2])),
                SequenceNumber(words[3])..<SequenceNumber(words[4]))
    }
}
