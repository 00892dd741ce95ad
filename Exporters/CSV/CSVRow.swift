// SPDX-License-Identifier: Apache-2.0

import SteleTranscript

/// A row being written, cell by cell.
struct CSVRow {
    let isExact: Bool
    private var cells = 0

    init(isExact: Bool) { self.isExact = isExact }

    /// Appends a cell of received text: quoted where the grammar asks for it, guarded where a spreadsheet would run it.
    mutating func text(_ text: String?, _ output: inout [UInt8]) {
        startCell(&output)
        guard var text, !text.isEmpty else { return }
        if !isExact { text = Self.guarded(text) }
        let needsQuotes = text.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
        }
        guard needsQuotes || text.first == " " || text.last == " " else { return output.append(utf8: text) }
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { output.append(byte) }
            output.append(byte)
        }
        output.append(UInt8(ascii: "\""))
    }

    mutating func number(_ number: (some BinaryInteger)?, _ output: inout [UInt8]) {
        startCell(&output)
        if let number { output.append(decimal: number) }
    }

    mutating func number(_ number: Double?, _ output: inout [UInt8]) {
        startCell(&output)
        if let number { output.append(utf8: number.description) }
    }

    mutating func flag(_ isSet: Bool, _ output: inout [UInt8]) {
        startCell(&output)
        if isSet { output.append(literal: "yes") }
    }

    /// Appends a cell of our own making, which needs neither quotes nor guard.
    mutating func plain(_ output: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        startCell(&output)
        write(&output)
    }

    mutating func skip(_ count: Int, _ output: inout [UInt8]) {
        for _ in 0..<count { startCell(&output) }
    }

    /// Ends the row, empty cells filled in up to `columns`.
    mutating func end(columns: Int, _ output: inout [UInt8]) {
        skip(columns - cells, &output)
        output.append(literal: "\r\n")
    }

    private mutating func startCell(_ output: inout [UInt8]) {
        if cells > 0 { output.append(UInt8(ascii: ",")) }
        cells += 1
    }

    /// The text so that no spreadsheet takes it for a formula, and with nothing invisible in it but tabs and line breaks.
    private static func guarded(_ text: String) -> String {
        var text = text
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.value == 0x7F || scalar.value < 0x20 && scalar != "\t" && scalar != "\n" && scalar != "\r"
        }
        if text.unicodeScalars.contains(where: isControl) {
            var visible = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                visible.append(
                    isControl(scalar)
                        ? Unicode.Scalar(scalar.value == 0x7F ? 0x2421 : 0x2400 + scalar.value) ?? " "
                        : scalar)
            }
            text = String(visible)
        }
        switch text.unicodeScalars.first {
        // The wide forms too: some programs fold them into the plain ones.
        case "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠": return "'" + text
        default: return text
        }
    }
}
