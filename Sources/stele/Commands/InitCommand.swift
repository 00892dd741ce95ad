// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog

/// `stele init`: a new archive.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a new, empty archive and its signing key.",
        discussion: """
            Writes the folder, its description, stele.json, and the key that its checkpoints are signed with. 'serve' \
            and 'import' do so by themselves where there is no archive yet; 'init' lets you choose the archive's \
            name and the key's place first. An archive that is there already stays as it is.

            Prints the verifying key. Keep it elsewhere: with it, anybody can check the archive's checkpoints.

            Examples:
              stele init --archive /srv/stele --origin chat.example.com/archive
              stele init --key /etc/stele/signing-key
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var output: OutputOptions

    @Flag(
        help:
            "Make another key where the old one is lost or known to others; old checkpoints stay valid by the old one."
    )
    var newKey = false

    @Option(
        help: ArgumentHelp(
            "What the archive calls itself in signed statements: a name nobody else uses (default: a random one).",
            valueName: "name"))
    var origin: String?

    func validate() throws {
        if let origin, origin.isEmpty || origin.contains(where: { $0.isWhitespace || $0 == "+" }) {
            throw ValidationError("--origin is a name without spaces or plus signs.")
        }
    }

    func run() throws {
        let url = try archive.url
        if let existing = try archive.ifAny() {
            if let origin, origin != existing.origin {
                throw CommandError(
                    "\(existing.path) is an archive already, and its name is \(existing.origin).",
                    hint: "Name another folder with --archive: an archive keeps its name.", exit: .doesNotHold
                )
            }
            try report(existing, isNew: false)
        } else {
            try report(try Archive.create(url, origin: origin), isNew: true)
        }
    }

    private func report(_ archive: Archive, isNew: Bool) throws {
        let verifyingKey =
            newKey
            ? try key.file(of: archive).createAnother().verifyingKey
            : try key.signingKey(of: archive).verifyingKey
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("archive", archive.path)
            line.add("origin", archive.origin)
            line.add("created", isNew)
            line.add("key", key.file(of: archive).path)
            line.add("verifyingKey", "\(verifyingKey)")
            try output.print(line)
        } else if isNew {
            try output.print("Made the archive \(archive.path), named \(archive.origin).")
        } else {
            try output.print("\(archive.path) is an archive already, named \(archive.origin).")
        }
        if !self.output.isJSON {
            try output.print(
                "Its checkpoints are signed with \(key.file(of: archive).path): that file is for its owner alone."
            )
            try output.print("Keep this key, which verifies them, elsewhere:")
            try output.print("\(verifyingKey)")
        }
        try output.flush()
    }
}
