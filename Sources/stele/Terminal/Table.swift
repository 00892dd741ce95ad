// SPDX-License-Identifier: Apache-2.0

import SteleTranscript

/// Rows in columns, each as wide as its widest cell, the flexible one cut to fit the terminal.
struct Table {
    struct Column {
        let title: String
        var isRightAligned = false
        /// The one that gives way when the line is too long.
        var isFlexible = false
    }

    private static let gap = "  "
    private static let narrowest = 8

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row: one cell a column, safe to print.
    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The lines, header first, without trailing spaces; `width` nil for as wide as it takes.
    func lines(width: Int?, style: Style) -> [String] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.columns(of: columns[index].title)) {
                max($0, DisplayWidth.columns(of: $1[index]))
            }
        }
        if let width, let flexible = columns.firstIndex(where: \.isFlexible) {
            let excess = widths.reduce(0, +) + Self.gap.count * (columns.count - 1) - width
            if excess > 0 { widths[flexible] = max(Self.narrowest, widths[flexible] - excess) }
        }
        let header = style.bold(line(columns.map(\.title), widths))
        return [header] + rows.map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = columns.indices.map { index in
            let isLast = index == columns.count - 1
            let fitted = DisplayWidth.fit(cells[index], to: widths[index])
            guard columns[index].isRightAligned || isLast else { return fitted }
            let cell = String(fitted.reversed().drop { $0 == " " }.reversed())
            if !columns[index].isRightAligned { return cell }
            return String(repeating: " ", count: max(0, widths[index] - DisplayWidth.columns(of: cell)))
                + cell
        }
        return padded.joined(separator: Self.gap)
    }
}
