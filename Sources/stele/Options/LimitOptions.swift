// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleListener

/// The limits of what is taken in, the same for every way in.
struct LimitOptions: ParsableArguments {
    @Option(
        name: .customLong("max-payload"),
        help: ArgumentHelp(
            "Largest event taken in, in bytes; a larger one is refused. At most 16 MiB.", valueName: "bytes"))
    var payloadBytes = ListenerOptions().maximumPayloadBytes

    @Option(
        name: .customLong("max-depth"),
        help: ArgumentHelp(
            "How deep arrays and objects of an event may nest; a deeper one is refused.", valueName: "levels")
    )
    var depth = ListenerOptions().maximumDepth

    func validate() throws {
        let largest = ListenerOptions().maximumPayloadBytes
        guard (1...largest).contains(payloadBytes) else {
            throw ValidationError("--max-payload is between 1 and \(largest) bytes.")
        }
        guard depth > 0 else { throw ValidationError("--max-depth is at least 1.") }
    }

    var options: ListenerOptions {
        var options = ListenerOptions()
        options.maximumPayloadBytes = payloadBytes
        options.maximumDepth = depth
        return options
    }
}
