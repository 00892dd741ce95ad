// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleLog
import SteleProjection
import SteleTestSupport

extension FoldTrial {
    /// Folds changed records among good ones: none may stop the fold, and all that follow must be folded.
    ///
    /// - Returns: What is wrong with the views afterwards.
    package mutating func poisoned(_ count: Int) async throws -> [String] {
        let log = try HistoryLog(folder.appending(path: "poisoned"))
        var lines: [[UInt8]] = []
        for _ in 0..<count {
            lines.append(PayloadMutation.mutated(random.pick(history.lines), using: &random))
        }
        // A good one after them all shows that the fold went on.
        lines.append(history.lines[0])
        // In pieces, so that a transaction that failed is not hidden by a rebuild.
        let views = try Views.open(log.archive)
        var rest = lines[...]
        while !rest.isEmpty {
            let piece = rest.prefix(random.int(in: 1..<20))
            try await log.append(piece, using: &random)
            _ = try Projector.upToDate(log.archive)
            rest = rest.dropFirst(piece.count)
        }
        let applied = try views.appliedEnd().rawValue
        guard applied == UInt64(lines.count) else {
            return ["poisoned: \(applied) of \(lines.count) were folded"]
        }
        _ = try views.reading()
        return try Self.differencesFromRebuild(of: log.archive, views).map { "poisoned: \($0)" }
    }
}
