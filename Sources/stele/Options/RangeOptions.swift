// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleTranscript

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

/// From where the archive is looked at.
struct ViewpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "As it was then: after this record of the log, or at this time by the clock that --clock names.",
            valueName: "time|seq"))
    var asOf: PointArgument?

    @Option(
        help: ArgumentHelp(
            """
            Of --as-of. known: what the archive had captured by then; folds the log again up to there. happened: how it \
            stood in the chat then, with all that was learnt since, late history included. (default: known)
            """, valueName: "known|happened"))
    var clock: AsOf.Clock?

    @Option(
        help: ArgumentHelp(
            "Only what this participant could see: as a member, as a receiver, before a recall.",
            valueName: "user"))
    var asSeenBy: String?

    func validate() throws {
        if clock != nil, asOf == nil {
            throw ValidationError("--clock says how --as-of is meant: give that too.")
        }
        if clock == .happened, case .sequence = asOf {
            throw ValidationError(
                "A sequence counts records of the archive: --clock happened takes a time, such as 2026-11-23T02:40:00Z."
            )
        }
        if let asSeenBy, asSeenBy.isEmpty { throw ValidationError("--as-seen-by names a user.") }
    }

    var standpoint: Standpoint {
        Standpoint(
            asOf: asOf.map { AsOf($0.point, clock: clock ?? .known) }, viewer: asSeenBy.map { UserID($0) })
    }
}

/// Whether hidden messages are told of.
struct ExplainOptions: ParsableArguments {
    @Flag(help: "Tell of every message that --as-seen-by hides, and why, without what it says.")
    var explain = false

    func validate(_ viewpoint: ViewpointOptions) throws {
        if explain, viewpoint.asSeenBy == nil {
            throw ValidationError("--explain tells what a viewer does not see: name one with --as-seen-by.")
        }
    }
}

/// In which language headings and labels are; messages stay as written.
struct LanguageOptions: ParsableArguments {
    @Option(help: "Of headings, labels and notices.")
    var language = LanguageArgument.en
}

enum LanguageArgument: String, CaseIterable, ExpressibleByArgument { case en, zh }
