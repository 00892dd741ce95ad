// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents

/// Which part of a conversation.
struct RangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The first time wanted: RFC 3339, or a date (UTC).", valueName: "time"))
    var from: TimeArgument?

    @Option(help: ArgumentHelp("The first time no longer wanted.", valueName: "time"))
    var to: TimeArgument?

    func validate() throws {
        if let from, let to, to.instant < from.instant { throw ValidationError("--to is before --from.") }
    }
}

/// As of when.
struct AsOfOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "As the archive knew it after this record, or at this time of capture. Folds the log up to there.",
            valueName: "time|seq"))
    var asOf: PointArgument?
}

/// In which language headings and labels are; messages stay as written.
struct LanguageOptions: ParsableArguments {
    @Option(help: "Of headings, labels and notices.")
    var language = LanguageArgument.en
}

enum LanguageArgument: String, CaseIterable, ExpressibleByArgument { case en, zh }
