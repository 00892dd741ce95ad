// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog

/// `stele init`: a new archive.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a new, empty archive.",
        discussion: """
            Writes the folder and its description, stele.json. 'serve' and 'import' do so by themselves where there \
            is no archive yet; 'init' lets you choose the archive's name first. An archive that is there already \
            stays as it is.

            Example:
              stele init --archive /srv/stele --origin chat.example.com/archive
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions

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
        let output = StandardOutput()
        if self.output.isJSON {
            var line = JSONLine()
            line.add("archive", archive.path)
            line.add("origin", archive.origin)
            line.add("created", isNew)
            try output.print(line)
        } else if isNew {
            try output.print("Made the archive \(archive.path), named \(archive.origin).")
        } else {
            try output.print("\(archive.path) is an archive already, named \(archive.origin).")
        }
        try output.flush()
    }
}
