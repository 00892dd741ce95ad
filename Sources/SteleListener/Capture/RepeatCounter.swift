// SPDX-License-Identifier: Apache-2.0

/// Counts how often one source repeated the same line, so that a real repetition is not taken for a retry.
///
/// Reading the same source again counts the same, so a second import still finds every line known. Memory is
/// bounded: at least the last `window` different lines are remembered.
package struct RepeatCounter: Sendable {
    private let window: Int
    private var recent: [DeduplicationKey: Int] = [:]
    private var older: [DeduplicationKey: Int] = [:]

    package init(window: Int = 1 << 18) { self.window = window }

    /// How many lines with this key the source gave before.
    mutating func ordinal(of key: DeduplicationKey) -> Int {
        let ordinal = recent[key] ?? older[key] ?? 0
        recent[key] = ordinal + 1
        if recent.count > window {
            older = recent
            recent = [:]
        }
        return ordinal
    }
}
