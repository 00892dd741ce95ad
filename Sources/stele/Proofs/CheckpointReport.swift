// SPDX-License-Identifier: Apache-2.0

import SteleLog

/// What `stele verify` tells of the checkpoints that hold.
struct CheckpointReport {
    let outcome: CheckpointCheck.Outcome
    /// Whether their signatures were checked with the archive's own key.
    let trustsArchive: Bool

    init(_ outcome: CheckpointCheck.Outcome, trustsArchive: Bool) {
        self.outcome = outcome
        self.trustsArchive = trustsArchive
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("holding", outcome.holding)
        line.add("newest", outcome.newest?.checkpoint.size)
        line.add("key", trustsArchive ? "archive" : "given")
        return line
    }

    var text: String {
        guard let newest = outcome.newest else {
            return "No checkpoint says what they were: 'stele checkpoint' makes one."
        }
        let count = outcome.holding == 1 ? "1 checkpoint holds" : "\(outcome.holding) checkpoints hold"
        return "\(count), the newest of \(newest.checkpoint.size) records, "
            + (trustsArchive
                ? "signed with the archive's own key: what its holder did cannot be seen from here."
                : "signed with a key that you trust.")
    }
}
