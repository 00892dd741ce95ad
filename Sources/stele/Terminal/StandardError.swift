// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Standard error: progress, warnings and what went wrong.
enum StandardError {
    static func print(_ line: String) {
        // Nobody is left to tell when standard error itself fails.
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    static func warn(_ line: String) { print("warning: \(line)") }
}
