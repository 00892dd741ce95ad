// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import Synchronization

/// Rewrites an archive's log as its owner could.
///
/// Any text is changed, every sum and the whole tree made anew, so that the log agrees with itself. Records, times and
/// commits are otherwise what they were.
struct Forger {
    private let archive: Archive

    init(_ folder: URL) throws { archive = try Archive.open(folder) }

    /// Writes the log again, with its first `limit` commits, and what `change` makes of each record's members after `at`.
    func rewrite(commits limit: Int? = nil, change: (String) -> String = { $0 }) async throws {
        var commits: [(time: Int64, lines: [String])] = []
        var cursor = try LogReader(archive).cursor(from: .zero)
        while case .lines(let lines)? = try cursor.next() {
            for index in 0..<lines.count {
                let line = String(decoding: lines[index], as: UTF8.self)
                let members = line.split(separator: ",", maxSplits: 2)
                let time = Instant(rfc3339: String(members[1].dropFirst(6).dropLast()))?.microseconds ?? 0
                var rest = members[2].dropLast()
                if rest.hasPrefix("\"commit\":{"), let end = rest.firstIndex(of: "}") {
                    rest = rest[rest.index(end, offsetBy: 2)...]
                    commits.append((time, []))
                }
                commits[commits.count - 1].lines.append(change(String(rest)))
            }
        }
        for path in [archive.logPath, archive.path + "/lock"] {
            try FileManager.default.removeItem(atPath: path)
        }
        try FileManager.default.createDirectory(atPath: archive.logPath, withIntermediateDirectories: false)

        let time = Mutex<Int64>(0)
        var options = LogOptions()
        options.clock = { time.withLock { $0 } }
        let writer = try LogWriter.open(archive, options: options)
        for commit in commits.prefix(limit ?? .max) {
            time.withLock { $0 = commit.time }
            var batch = LineBatch()
            for line in commit.lines { batch.append { $0 += Array(line.utf8) } }
            _ = try await writer.append(batch)
        }
        try await writer.close()
    }
}
