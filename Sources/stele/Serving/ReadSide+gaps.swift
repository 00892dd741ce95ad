// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import SteleServer
import Synchronization

extension ReadSide {
    /// The same, and the gaps as `stele gaps --json` tells them.
    func tellingGaps(of views: Views) -> ReadSide {
        var side = self
        side.gaps = { query in
            var options = GapOptions(now: .now)
            options.from = query.from
            options.to = query.to
            let gaps = try views.read { try $0.gaps(app: query.app, options) }
            let rest = Mutex(gaps.filter { query.wantsClosed || $0.isOpen }[...])
            return {
                let part = rest.withLock { rest in
                    defer { rest = rest.dropFirst(500) }
                    return rest.prefix(500)
                }
                return part.isEmpty ? nil : part.flatMap { $0.line.closed + [UInt8(ascii: "\n")] }
            }
        }
        return side
    }
}
