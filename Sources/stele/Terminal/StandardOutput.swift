// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTranscript

/// Standard output, buffered: what a command was asked for, and nothing else.
struct StandardOutput {
    private let file = OutputFile(descriptor: STDOUT_FILENO)

    /// Adds one line.
    func print(_ line: String = "") throws { try file.append(line + "\n") }

    /// Adds one line of bytes that hold no newline.
    func print(_ object: JSONLine) throws {
        try file.append { output in
            output.append(contentsOf: object.closed)
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// Adds one line that `write` appends.
    func printLine(_ write: (inout [UInt8]) throws -> Void) throws {
        try file.append { output in
            try write(&output)
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// Adds bytes as they are.
    func write(_ bytes: ArraySlice<UInt8>) throws { try file.append { $0.append(contentsOf: bytes) } }

    /// Hands everything to the system; a command calls it before it returns.
    func flush() throws { try file.flush() }
}
