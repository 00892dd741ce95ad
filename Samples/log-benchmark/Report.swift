// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One line of the table: a figure of ours beside a peer's.
struct Row: Encodable {
    /// What is measured, with commit size and codec where they matter.
    var what: String
    var unit: String
    var ours: Spread
    /// Nil where there is nobody to compare with.
    var peer: String?
    var theirs: Spread?
    /// Ours divided by the peer's, run by run.
    var ratio: Spread?
    var goal: Goal?
    /// Whether the median ratio is within the goal.
    var isReached: Bool?
    /// What a reader must know to judge the figure.
    var note: String?

    /// What the ratio is to be.
    enum Goal: Encodable {
        case atLeast(Double)
        case atMost(Double)

        /// Writes `{"atLeast":1.3}`; the form that is made by itself would wrap the number once more.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .atLeast(let bound): try container.encode(bound, forKey: .atLeast)
            case .atMost(let bound): try container.encode(bound, forKey: .atMost)
            }
        }

        private enum CodingKeys: CodingKey { case atLeast, atMost }

        var text: String {
            switch self {
            case .atLeast(let bound): "≥ \(bound)"
            case .atMost(let bound): "≤ \(bound)"
            }
        }

        func holds(_ ratio: Double) -> Bool {
            switch self {
            case .atLeast(let bound): ratio >= bound
            case .atMost(let bound): ratio <= bound
            }
        }
    }

    /// A row with a peer, from each run's figure of ours and of the peer's in `unit`; at least one.
    init(
        _ what: String, unit: String, beside peer: String, runs: [(ours: Double, theirs: Double)],
        goal: Goal? = nil, note: String? = nil
    ) {
        self.what = what
        self.unit = unit
        self.peer = peer
        ours = Spread(runs.map(\.ours))
        theirs = Spread(runs.map(\.theirs))
        let ratio = Spread(runs.map { $0.ours / $0.theirs })
        self.ratio = ratio
        self.goal = goal
        isReached = goal?.holds(ratio.median)
        self.note = note
    }

    init(_ what: String, unit: String, runs: [Double], note: String? = nil) {
        self.what = what
        self.unit = unit
        ours = Spread(runs)
        self.note = note
    }
}

/// Prints rows as they come.
struct Report {
    let json: Bool

    func begin(_ title: String) {
        guard !json else { return }
        print("\(title); shown: medians, and ours divided by the peer's (least–greatest of the runs)\n")
    }

    /// Says why a row is missing.
    func skip(_ what: String, _ why: String) throws {
        guard json else { return print("\(what): not measured: \(why)") }
        try printJSON(["what": what, "skipped": why])
    }

    func add(_ row: Row) throws {
        guard !json else { return try printJSON(row) }
        var line = row.what.padded(48) + (row.ours.median.shown + " " + row.unit).padded(18)
        if let peer = row.peer, let theirs = row.theirs, let ratio = row.ratio {
            line += (peer + ": ").padded(34) + theirs.median.shown.padded(10)
            line += "× \(ratio.median.shown) (\(ratio.least.shown)–\(ratio.greatest.shown))".padded(24)
        }
        if let goal = row.goal { line += goal.text + (row.isReached == true ? "" : "  NOT reached") }
        print(line)
        if let note = row.note { print("    " + note) }
        fflush(nil)
    }

    private func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
        fflush(nil)
    }
}

extension Double {
    /// Three figures that count.
    fileprivate var shown: String {
        let digits = self >= 100 ? 0 : self >= 10 ? 1 : self >= 1 ? 2 : 3
        return formatted(
            .number.precision(.fractionLength(digits)).grouping(.never).locale(Locale(identifier: "en")))
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
