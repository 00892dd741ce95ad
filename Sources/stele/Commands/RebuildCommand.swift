// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog
import SteleProjection

/// `stele rebuild`: the views anew from the log.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Makes the views anew from the log.",
        discussion: """
            The log is the only truth; everything else can be made from it. The new views are built beside the old \
            ones and swapped in when they are whole, so readers are never without.

            Example:
              stele rebuild
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let archive = try archive.existing()
        let end = try LogReader(archive).end().rawValue
        var bar = ProgressBar("Rebuilding the views")
        let start = ContinuousClock.now
        try Projector.rebuild(archive) { bar.update($0.rawValue, of: end) }
        bar.clear()
        let applied = try Views.open(archive).appliedSequence()
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("records", applied.map { $0.rawValue + 1 } ?? 0)
            line.add("applied", applied?.rawValue)
            line.add("milliseconds", Int64(milliseconds))
            try output.print(line)
        } else {
            try output.print("Rebuilt the views from \(applied.map { $0.rawValue + 1 } ?? 0) records.")
        }
        try output.flush()
    }
}
