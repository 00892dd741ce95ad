// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// All rounds on one archive, and what was acknowledged in them.
struct Campaign {
    private let archive: URL
    private let mirror: URL
    private let writers: Int
    private var generator: SplitMix

    private var told: [Entry.Key: Range<SequenceNumber>] = [:]
    /// Where the records that were looked at after earlier rounds end.
    private var checkedEnd = SequenceNumber.zero
    /// The batch each writer is expected to go on with, in the round under way.
    private var nextNumber: [Int: Int] = [:]
    private var recoveries = 0
    private var silent = 0

    init(place: URL, writers: Int, seed: UInt64) throws {
        archive = place.appending(path: "archive")
        mirror = place.appending(path: "mirror")
        self.writers = writers
        generator = SplitMix(state: seed)
    }

    func summary(rounds: Int) -> String {
        let records = told.values.reduce(0) { $0 + $1.upperBound.distance(from: $1.lowerBound) }
        return
            "\(rounds) rounds, \(writers) writers: \(told.count) batches of \(records) records acknowledged, 0 lost, 0 twice, 0 half; "
            + "\(checkedEnd) records in the log, \(recoveries) recoveries, \(silent) rounds killed before the first acknowledgement; mirror and zcat agree"
    }

    mutating func round(_ round: Int, isFull: Bool) async throws {
        // One in four while it opens and recovers, the others under load.
        let delay = generator.below(4) == 0 ? generator.below(25_000) : generator.below(600_000)
        let acknowledgements = try runVictim(round, microseconds: delay)
        if acknowledgements.isEmpty { silent += 1 }
        for acknowledgement in acknowledgements {
            switch acknowledgement {
            case .lost(let count): throw Broken("\(count) acknowledged records were missing at its start")
            case .durable(let key, let range):
                guard told.updateValue(range, forKey: key) == nil else {
                    throw Broken("\(key) was told twice")
                }
            }
        }
        guard FileManager.default.fileExists(atPath: archive.appending(path: "stele.json").path) else {
            return
        }
        let archive = try Archive.open(archive)
        // Every second time the torn end is left as it is, for the next victim to be killed over.
        let isOpened = isFull || generator.below(2) == 0
        let log = isOpened ? try LogWriter.open(archive, options: Victim.options) : nil
        if let lost = log?.recovery?.lostRecords, lost > 0 {
            throw Broken("\(lost) acknowledged records are missing: \(String(describing: log?.recovery))")
        }
        if log?.recovery != nil { recoveries += 1 }
        try await log?.close()
        try checkNew(archive, round)
        if isFull { try await checkAll(archive) }
    }

    // MARK: - The victim

    private func runVictim(_ round: Int, microseconds: Int) throws -> [Acknowledgement] {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = [
            "victim", "--round", "\(round)", "--writers", "\(writers)", archive.path, mirror.path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let identifier = process.processIdentifier
        let killer = Thread {
            usleep(UInt32(microseconds))
            kill(identifier, SIGKILL)
        }
        killer.start()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL else {
            throw Broken("the victim ended by itself, with \(process.terminationStatus)")
        }
        guard data.count % Acknowledgement.byteCount == 0 else { throw Broken("the pipe ends within a word") }
        let words = data.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
        return stride(from: 0, to: words.count, by: 5).map { Acknowledgement(Array(words[$0..<$0 + 5])) }
    }

    // MARK: - Questions

    /// The records of this round: dense, whole batches, each writer's in order and without a gap, and where they should be.
    private mutating func checkNew(_ archive: Archive, _ round: Int) throws {
        nextNumber = [:]
        var cursor = try LogReader(archive).cursor(from: checkedEnd)
        var batch: Entry?
        while let chunk = try cursor.next() {
            guard case .lines(let lines) = chunk else { throw Broken("a hole: \(chunk)") }
            guard lines.first == checkedEnd else { throw Broken("record \(checkedEnd) is missing") }
            for index in 0..<lines.count {
                guard let entry = Entry(line: lines[index]) else { throw Broken("a strange line") }
                try check(entry, after: batch, at: lines.first.advanced(by: index), round)
                batch = entry
            }
            checkedEnd = lines.end
        }
        if let batch, batch.index != batch.count - 1 { throw Broken("half a batch: \(batch)") }
        for (key, range) in told where key.round == round {
            guard range.upperBound <= checkedEnd else {
                throw Broken("\(key) was acknowledged as \(range), and the log ends at \(checkedEnd)")
            }
        }
    }

    private mutating func check(
        _ entry: Entry, after last: Entry?, at sequence: SequenceNumber, _ round: Int
    ) throws {
        guard entry.key.round == round else {
            throw Broken("record \(sequence) is of round \(entry.key.round)")
        }
        if entry.index == 0 {
            if let last, last.index != last.count - 1 {
                throw Broken("half a batch before record \(sequence)")
            }
            guard entry.key.number == nextNumber[entry.key.writer, default: 0] else {
                throw Broken("out of order at record \(sequence): \(entry)")
            }
            nextNumber[entry.key.writer] = entry.key.number + 1
        } else if last?.key != entry.key || last?.index != entry.index - 1 {
            throw Broken("half a batch at record \(sequence)")
        }
        if let range = told[entry.key] {
            guard range.upperBound.distance(from: range.lowerBound) == entry.count,
                range.lowerBound.advanced(by: entry.index) == sequence
            else {
                throw Broken("\(entry) stands at \(sequence), and was acknowledged as \(range)")
            }
        }
    }

    /// The whole log: every acknowledgement of every round, stock `zcat`, the verifier, and the mirror.
    private func checkAll(_ archive: Archive) async throws {
        var missing = told
        var cursor = try LogReader(archive).cursor(from: .zero)
        var expected = SequenceNumber.zero
        while let chunk = try cursor.next() {
            guard case .lines(let lines) = chunk, lines.first == expected else {
                throw Broken("a hole: \(chunk)")
            }
            for index in 0..<lines.count {
                guard let entry = Entry(line: lines[index]) else { throw Broken("a strange line") }
                guard entry.index == 0, let range = told[entry.key] else { continue }
                guard missing.removeValue(forKey: entry.key) != nil else { throw Broken("twice: \(entry)") }
                guard range.lowerBound == lines.first.advanced(by: index) else {
                    throw Broken("moved: \(entry)")
                }
            }
            expected = lines.end
        }
        guard missing.isEmpty else { throw Broken("\(missing.count) acknowledged batches are gone") }
        let verification = try LogVerifier(archive).run()
        guard verification.isIntact else { throw Broken("verify: \(verification.problems)") }
        let copy = Mirror(of: archive, at: mirror)
        while try await copy.step() == nil {}
        await copy.close()
        let mirrored = try LogVerifier(try Archive.open(mirror)).run()
        guard mirrored.isIntact, mirrored.root == verification.root else {
            throw Broken("the mirror is another log: \(mirrored.problems)")
        }
        for folder in [archive.url, mirror] {
            let (status, lines) = try zcat(folder)
            guard status == 0, lines == Int(expected.rawValue) else {
                throw Broken("zcat of \(folder.path): exit \(status), \(lines) of \(expected) lines")
            }
        }
    }

    private func zcat(_ folder: URL) throws -> (status: Int32, lines: Int) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", "set -o pipefail; zcat \"$0\"/log/*.jsonl.gz | wc -l", folder.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return (process.terminationStatus, Int(text) ?? -1)
    }
}

/// Random numbers that a seed repeats.
struct SplitMix {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }
}
