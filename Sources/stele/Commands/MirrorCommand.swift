// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// `stele mirror`: brings a second copy up to date, once.
struct MirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror",
        abstract: "Brings a second copy of the archive up to date, and checks what it ships.",
        discussion: """
            Ships the log, checkpoints, the public key and attachments to a folder, which should lie on another disk. \
            What arrives is read back from there and checked against the log's sums, its sequence and its hash tree. \
            The copy is an archive like any other: every command reads it with --archive. The private key stays where \
            it is. 'serve --mirror' does the same all the time.

            A mirror is never made shorter. Where it holds records that the archive does not have, nothing is \
            shipped, and the message says what to do.

            Example:
              stele mirror /mnt/second-disk/stele
            """)

    @Argument(help: ArgumentHelp("The mirror's folder; it is made when it is missing.", valueName: "dir"))
    var mirror: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let archive = try archive.existing()
        try await settle(archive)
        let mirror = Mirror(of: archive, at: URL(fileURLWithPath: mirror, isDirectory: true))
        try await mirror.open()
        if mirror.isOnSameFileSystem {
            StandardError.warn(
                "\(mirror.status.path) is on the same file system as the archive: it does not outlive that disk."
            )
        }
        var bar = ProgressBar("Mirroring")
        var total: Int64 = 0
        while try await mirror.step() == nil {
            let status = mirror.status
            total = max(total, status.bytesBehind)
            bar.update(
                UInt64(max(0, total - status.bytesBehind)), of: UInt64(max(0, total)),
                note: "\(status.behind) records behind")
        }
        bar.clear()
        let status = mirror.status
        await mirror.close()
        try report(status)
    }

    /// Takes a log that nobody writes to back to its last whole commit, as the next writer would.
    private func settle(_ archive: Archive) async throws {
        do {
            let log = try LogWriter.open(archive)
            Recovery.say(log)
            try await log.close()
        } catch  where error.code == .lockedByAnotherProcess {
            // Its writer says what is durable.
        }
    }

    private func report(_ status: MirrorStatus) throws {
        let output = StandardOutput()
        if self.output.isJSON {
            try output.print(status.line)
        } else {
            try output.print("\(status.path) has all \(status.records) records, checked.")
        }
        try output.flush()
        guard let problem = status.problem else { return }
        throw CommandError("\(problem).", hint: status.remedy ?? "", exit: .doesNotHold)
    }
}

extension MirrorStatus {
    var line: JSONLine {
        var line = JSONLine()
        line.add("path", path)
        line.add("records", records)
        line.add("behind", behind)
        line.add("bytesBehind", bytesBehind)
        line.add("at", at)
        line.add("problem", problem)
        line.add("hint", remedy)
        return line
    }

    /// As people read it.
    var text: String {
        let place = "\(path), \(records) records"
        let lag = behind == 0 ? ", up to date" : ", \(behind) records (\(ByteCount.text(bytesBehind))) behind"
        let since = behind == 0 ? "" : at.map { " since \($0)" } ?? ""
        return place + lag + since + (problem.map { "; \($0). \(remedy ?? "")" } ?? "")
    }
}
