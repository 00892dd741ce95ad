// SPDX-License-Identifier: Apache-2.0

/// Plays records as lines: each as the log holds it, or its payload alone.
package struct RecordPrinter {
    /// What a line shows.
    package enum Form: Hashable, Sendable {
        /// The record as one line of JSON: `seq`, `at`, `via`, `flow`, …, `event`, the same bytes as in the log.
        case record
        /// The received bytes, and a newline where they do not end in one.
        case payload
    }

    private static let bufferSize = 65_536

    private let form: Form
    /// Whether every line leaves at once, or whenever the buffer is full.
    private let isImmediate: Bool
    private let write: (ArraySlice<UInt8>) throws -> Void

    /// A printer whose bytes go to `write`.
    package init(
        form: Form, isImmediate: Bool, write: @escaping (ArraySlice<UInt8>) throws -> Void
    ) {
        self.form = form
        self.isImmediate = isImmediate
        self.write = write
    }

    /// Prints what `player` hands out, to the end.
    ///
    /// - Throws: What the player or `write` throws.
    package func run<Clock>(_ player: inout ReplayPlayer<Clock>) async throws {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(Self.bufferSize * 2)
        while let record = try await player.next() {
            switch form {
            case .record: buffer.append(contentsOf: record.line)
            case .payload: buffer.append(contentsOf: try record.payload())
            }
            if buffer.last != UInt8(ascii: "\n") { buffer.append(UInt8(ascii: "\n")) }
            guard isImmediate || buffer.count >= Self.bufferSize else { continue }
            try write(buffer[...])
            buffer.removeAll(keepingCapacity: true)
        }
        if !buffer.isEmpty { try write(buffer[...]) }
    }
}
