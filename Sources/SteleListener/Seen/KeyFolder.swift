// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog

/// The folder of ``KeyRun`` files: which of them are believed, and how few big ones come of many small ones.
struct KeyFolder: Sendable {
    let url: URL

    static func url(of archive: Archive) -> URL { archive.indexURL.appending(path: "keys") }

    /// The runs that cover the log from record 0 without a hole, oldest first; every other file is removed.
    ///
    /// - Parameters:
    ///   - logEnd: The sequence the log gives next. Runs past it belong to another log.
    ///   - fingerprint: Stands for the log's line with the given sequence.
    /// - Returns: Mapped files.
    /// - Throws: A file error when the folder cannot be made, listed or cleared, or what `fingerprint` throws.
    func open(
        logEnd: UInt64, fingerprint: (UInt64) throws -> DeduplicationKey
    ) throws -> [KeyRun] {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        // A file that cannot be read costs a reading of the log: it is removed below like any other leftover.
        let runs = files.filter { $0.pathExtension == "keys" }.compactMap { try? KeyRun($0) }
        var chain = Self.chain(runs.map(\.coverage.records)).map { runs[$0] }
        if let last = chain.last {
            let records = last.coverage.records
            if try records.upperBound > logEnd
                || fingerprint(records.upperBound - 1) != last.coverage.fingerprint
            {
                chain = []
            }
        }
        let kept = Set(chain.map(\.url.lastPathComponent))
        for file in files where ["keys", "partial"].contains(file.pathExtension) {
            if !kept.contains(file.lastPathComponent) { try FileManager.default.removeItem(at: file) }
        }
        return chain
    }

    /// Writes sorted keys as the newest run.
    func write(_ keys: [DeduplicationKey], _ coverage: KeyRun.Coverage) throws -> KeyRun {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let file = name(coverage)
        var writer = try KeyRunWriter(file, atMost: keys.count)
        for key in keys { try writer.append(key) }
        try writer.finish(coverage)
        return try KeyRun(file)
    }

    /// Writes one run with the keys of `runs`, which follow one another, and removes their files.
    func merge(_ runs: [KeyRun]) throws -> KeyRun {
        guard let first = runs.first, let last = runs.last else { preconditionFailure("nothing to merge") }
        let records = first.coverage.records.lowerBound..<last.coverage.records.upperBound
        let coverage = KeyRun.Coverage(records: records, fingerprint: last.coverage.fingerprint)
        let file = name(coverage)
        var writer = try KeyRunWriter(file, atMost: runs.reduce(0) { $0 + $1.count })
        var positions = runs.map { _ in 0 }
        while let next = Self.lowest(runs, positions) {
            try writer.append(runs[next][positions[next]])
            positions[next] += 1
        }
        try writer.finish(coverage)
        for run in runs where run.url != file { try FileManager.default.removeItem(at: run.url) }
        return try KeyRun(file)
    }

    private static func lowest(_ runs: [KeyRun], _ positions: [Int]) -> Int? {
        var lowest: (index: Int, key: DeduplicationKey)?
        for (index, run) in runs.enumerated() where positions[index] < run.count {
            let key = run[positions[index]]
            if lowest.map({ key < $0.key }) ?? true { lowest = (index, key) }
        }
        return lowest?.index
    }

    private func name(_ coverage: KeyRun.Coverage) -> URL {
        func digits(_ number: UInt64) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, 12 - text.count)) + text
        }
        let records = coverage.records
        return url.appending(path: "\(digits(records.lowerBound))-\(digits(records.upperBound)).keys")
    }

    /// Which of `coverages` follow one another from record 0 on, the widest first where several start alike.
    static func chain(_ coverages: [Range<UInt64>]) -> [Int] {
        var chain: [Int] = []
        var end: UInt64 = 0
        while true {
            let next = coverages.indices.filter {
                coverages[$0].lowerBound == end && coverages[$0].upperBound > end
            }
            .max { coverages[$0].upperBound < coverages[$1].upperBound }
            guard let next else { return chain }
            chain.append(next)
            end = coverages[next].upperBound
        }
    }

    /// How many of the newest runs become one, so that each run left is at least twice as long as the next.
    ///
    /// There are then never more runs than the logarithm of the number of keys, and a key is rewritten no more
    /// often than that.
    static func newestToMerge(_ counts: [Int]) -> Int {
        guard var size = counts.last else { return 0 }
        var merged = 1
        for count in counts.dropLast().reversed() {
            guard count < 2 * size else { break }
            size += count
            merged += 1
        }
        return merged > 1 ? merged : 0
    }
}
