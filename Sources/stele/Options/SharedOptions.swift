// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleTranscript

/// How to report.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON for programs instead of text for people.")
    var isJSON = false
}

/// In which time zone people read times.
struct TimeZoneOptions: ParsableArguments {
    @Option(
        name: .customLong("time-zone"),
        help: ArgumentHelp(
            "The zone of the times shown, such as Asia/Shanghai, or 'local' (STELE_TIME_ZONE, default UTC).",
            valueName: "zone"))
    var name: TimeZoneName?

    var clock: ZonedClock {
        get throws { ZonedClock(try Settings.timeZone.value(flag: name).zone) }
    }
}
