// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Why a command stops: what and where, what to do next, and the exit code.
struct CommandError: Error {
    let what: String
    let hint: String
    let exit: ExitStatus

    init(_ what: String, hint: String, exit: ExitStatus) {
        self.what = what
        self.hint = hint
        self.exit = exit
    }
}

/// What the process ends with.
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The thing asked about does not hold: a check failed, a conversation named does not exist.
    case doesNotHold = 1
    case badUsage = 64
    case badInput = 65
    case inputOutput = 74
}
