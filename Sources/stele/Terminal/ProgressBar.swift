// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A line on standard error that tells how far a long step is; silent where standard error is no terminal.
struct ProgressBar {
    private static let width = 24
    private static let interval = Duration.milliseconds(100)

    private let label: String
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var next: ContinuousClock.Instant

    init(_ label: String, isShown: Bool = Terminal.isError) {
        self.label = label
        self.isShown = isShown
        next = start
    }

    /// Draws the bar, at most ten times a second; `total` nil when it is not known.
    mutating func update(_ done: UInt64, of total: UInt64?, note: String = "") {
        guard isShown else { return }
        let now = ContinuousClock.now
        guard now >= next else { return }
        next = now + Self.interval
        draw("\r\u{1B}[2K" + Self.line(label, done, total, note: note))
    }

    /// Takes the bar off the screen.
    func clear() {
        if isShown { draw("\r\u{1B}[2K") }
    }

    static func line(_ label: String, _ done: UInt64, _ total: UInt64?, note: String) -> String {
        let suffix = note.isEmpty ? "" : "  \(note)"
        guard let total, total > 0 else { return "\(label)  \(done)\(suffix)" }
        let fraction = min(1, Double(done) / Double(total))
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
        return "\(label)  \(bar)  \(Int(fraction * 100)) %\(suffix)"
    }

    private func draw(_ text: String) {
        // A progress bar that cannot be drawn hurts nobody.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
