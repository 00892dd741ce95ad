// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleEvents
import SteleProjection

/// By what something is taken for a gap.
struct GapJudgement: ParsableArguments {
    private static let standard = GapOptions(now: Instant(microseconds: 0))

    @Option(
        help: ArgumentHelp(
            "The shortest silence of the callbacks taken for a suspension: the platform's bans last 5 minutes or more.",
            valueName: "seconds"))
    var silence = Self.standard.shortestSilence

    @Option(
        help: ArgumentHelp(
            "A silence counts when an hour of the traffic round it has at most so many of its length by chance.",
            valueName: "n"))
    var chance = Self.standard.limit

    @Option(
        help: ArgumentHelp("How old a message is before its callback is missed.", valueName: "seconds"))
    var grace = Self.standard.grace

    @Option(
        help: ArgumentHelp(
            "Hours for which the platform keeps history files; by contract it may be more.", valueName: "n"))
    var historyKept = Self.standard.historyHours

    @Option(
        help: ArgumentHelp(
            "Hours after which a history file is complete and its absence counts.", valueName: "n"))
    var historySettles = Self.standard.settlingHours

    @Option(help: ArgumentHelp("Days for which the platform keeps attachments.", valueName: "n"))
    var attachmentsKept = Self.standard.attachmentDays

    func validate() throws {
        guard silence > 0, grace >= 0, historyKept >= 0, historySettles >= 0, attachmentsKept >= 0 else {
            throw ValidationError("--silence is above zero, and no other limit below it.")
        }
        guard historyKept < 1_000_000, historySettles < 1_000_000, attachmentsKept < 100_000,
            silence < 1_000_000_000, grace < 1_000_000_000
        else { throw ValidationError("One of the limits is beyond all reason.") }
        guard chance >= 0, chance.isFinite else { throw ValidationError("--chance is a number from 0 on.") }
    }

    func options(now: Instant, _ range: RangeOptions) -> GapOptions {
        var options = GapOptions(now: now)
        options.from = range.from?.instant
        options.to = range.to?.instant
        options.shortestSilence = silence
        options.limit = chance
        options.grace = grace
        options.historyHours = historyKept
        options.settlingHours = historySettles
        options.attachmentDays = attachmentsKept
        return options
    }
}

extension Instant {
    /// By this machine's clock.
    static var now: Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}
