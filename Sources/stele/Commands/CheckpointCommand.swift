// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog

/// `stele checkpoint`: signs what the log holds now.
struct CheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Signs the log's size and root as they are now, and prints them to be kept elsewhere.",
        discussion: """
            Prints a signed note (C2SP tlog-checkpoint): the log's name, how many records it holds, the root of the \
            hash tree over them, a signature. Whoever keeps it can show, years later, whether the log still holds \
            exactly these records: the archive alone cannot, because its owner could sign another history. The \
            archive keeps one too, in 'checkpoints'. Runs beside 'stele serve'.

            The log is not signed when it is not what was signed before: exit 1.

            Examples:
              stele checkpoint > kept-elsewhere/2026-11-23.txt
              stele verify --checkpoint kept-elsewhere/2026-11-23.txt
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let archive = try archive.existing()
        let key = try key.signingKey(of: archive)
        let note = try CheckpointKeeper(archive, key: key).keep()
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("origin", note.checkpoint.origin)
            line.add("size", note.checkpoint.size)
            line.add("root", note.checkpoint.root.base64)
            line.add("note", String(decoding: note.encoded, as: UTF8.self))
            // Of the same size as one that is kept: that one, which an earlier key may have signed.
            let signer = try archive.verifyingKeys().last { note.note.names($0) }
            line.add("key", signer.map { "\($0)" })
            try output.print(line)
        } else {
            try output.write(note.encoded[...])
        }
        try output.flush()
    }
}
