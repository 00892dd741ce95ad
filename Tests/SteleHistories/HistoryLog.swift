// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import SteleLog
package import SteleTestSupport
import Synchronization

/// An archive whose records are written as a trial says; capture times are a millisecond apart.
package struct HistoryLog {
    package let archive: Archive
    private static let start: Int64 = 1_790_000_000_000_000

    package init(_ folder: URL) throws { archive = try Archive.openOrCreate(folder) }

    /// Appends lines, opening the log anew, in commits of random sizes and segments of few.
    package func append(_ lines: ArraySlice<[UInt8]>, using random: inout SeededGenerator) async throws {
        var options = LogOptions()
        let now = Mutex(Self.start)
        options.clock = {
            now.withLock { time in
                time += 1000
                return time
            }
        }
        options.memberByteCount = 8 << 10
        options.segmentByteCount = 16 << 10
        let writer = try LogWriter.open(archive, options: options)
        var rest = lines
        while !rest.isEmpty {
            var batch = LineBatch()
            let part = rest.prefix(random.int(in: 1..<60))
            for line in part { batch.append { $0 += line } }
            rest = rest.dropFirst(part.count)
            _ = try await writer.append(batch)
        }
        try await writer.close()
    }
}
