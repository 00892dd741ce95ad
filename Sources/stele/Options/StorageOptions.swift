// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog

/// How the log that a command writes is laid out on the disk.
struct StorageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "zlib's level, 1 to 9, for records as they are written; more is smaller and slower.",
            valueName: "level"))
    var level = LogOptions().compressionLevel

    @Option(
        help: ArgumentHelp(
            "The level at which complete segments are written anew in the background; 0 leaves them.",
            valueName: "level"))
    var sealedLevel = 6

    @Option(
        help: ArgumentHelp(
            "Compressed bytes after which a segment of the log is complete and the next one begins.",
            valueName: "bytes"))
    var segmentBytes = LogOptions().segmentByteCount

    @Option(
        help: ArgumentHelp(
            "Bytes of records that are compressed together: fewer are found faster, more are smaller.",
            valueName: "bytes"))
    var memberBytes = LogOptions().memberByteCount

    func validate() throws {
        guard (1...9).contains(level), (0...9).contains(sealedLevel) else {
            throw ValidationError("Compression levels are 1 to 9.")
        }
        // The places of members within a segment are kept in four bytes.
        guard (1...1_000_000_000).contains(segmentBytes), (1...64_000_000).contains(memberBytes) else {
            throw ValidationError(
                "A segment has 1 to 1000000000 bytes, and what is compressed together 1 to 64000000.")
        }
    }

    var options: LogOptions {
        var options = LogOptions()
        options.compressionLevel = level
        options.sealedCompressionLevel = sealedLevel == 0 ? nil : sealedLevel
        options.segmentByteCount = segmentBytes
        options.memberByteCount = memberBytes
        return options
    }
}
