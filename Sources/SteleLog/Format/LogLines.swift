// SPDX-License-Identifier: Apache-2.0

/// Lines read from the log, one after the other, in one buffer.
package struct LogLines: Sendable {
    package let first: SequenceNumber
    /// Every line with the line feed that ends it.
    package let bytes: [UInt8]
    /// Where each line ends in `bytes`: the place of its line feed.
    let ends: [Int]

    /// How many lines.
    package var count: Int { ends.count }
    /// The sequence after the last line.
    package var end: SequenceNumber { first.advanced(by: count) }

    /// One line, without its line feed.
    package subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(of: index)] }

    /// Where a line stands in ``bytes``, without its line feed.
    package func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1] + 1)..<ends[index]
    }

    /// The lines from `sequence` on, which is among them.
    func dropping(before sequence: SequenceNumber) -> LogLines {
        guard sequence > first else { return self }
        let skipped = sequence.distance(from: first)
        let start = ends[skipped - 1] + 1
        return LogLines(
            first: sequence, bytes: Array(bytes[start...]), ends: ends[skipped...].map { $0 - start })
    }
}
