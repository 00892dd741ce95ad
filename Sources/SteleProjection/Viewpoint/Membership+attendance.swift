// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

// What of a conversation could reach a member who comes and goes.
extension Membership {
    package func wasThere(at instant: Instant) -> Bool {
        guard let stay = lastStay(begunBy: instant) else { return false }
        return stays[stay].to.map { instant < $0 } ?? true
    }

    /// Whether the member could be told of something done at an instant: their own going included.
    package func wasTold(of instant: Instant) -> Bool {
        guard let stay = lastStay(begunBy: instant) else { return false }
        return stays[stay].to.map { instant <= $0 } ?? true
    }

    /// Since when the member had been gone at an instant, and when they came next; each nil where no record tells.
    package func absence(at instant: Instant) -> (since: Instant?, until: Instant?) {
        let before = lastStay(begunBy: instant)
        let next = before.map { $0 + 1 } ?? 0
        return (before.flatMap { stays[$0].to }, next < stays.count ? stays[next].from : nil)
    }

    /// When the member went for good; nil for one who is there.
    package var end: Instant? {
        stays.isEmpty ? Instant(microseconds: .min) : stays.last?.to
    }

    /// The place of the last stay that had begun by an instant.
    private func lastStay(begunBy instant: Instant) -> Int? {
        var low = 0
        var high = stays.count
        while low < high {
            let middle = (low + high) / 2
            if stays[middle].from.map({ $0 <= instant }) ?? true { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
