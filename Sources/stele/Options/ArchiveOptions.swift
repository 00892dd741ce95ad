// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Which archive.
struct ArchiveOptions: ParsableArguments {
    @Option(
        name: .customLong("archive"),
        help: ArgumentHelp(
            "The archive's folder (STELE_ARCHIVE, default \(Settings.archive.fallback)).", valueName: "dir"))
    var path: String?

    /// The folder asked for.
    var url: URL {
        get throws { URL(fileURLWithPath: try Settings.archive.value(flag: path), isDirectory: true) }
    }

    /// The archive there, for commands that only read.
    ///
    /// - Throws: ``CommandError`` when there is none, `LogError` when it cannot be opened.
    func existing() throws -> Archive {
        if let archive = try ifAny() { return archive }
        throw CommandError(
            "There is no archive at \(try url.path).",
            hint: "Name one with --archive or STELE_ARCHIVE; 'stele init' or 'stele import' makes one.",
            exit: .inputOutput)
    }

    /// The archive there, nil when there is none.
    func ifAny() throws -> Archive? {
        let url = try url
        let description = url.appendingPathComponent("stele.json").path
        return FileManager.default.fileExists(atPath: description) ? try Archive.open(url) : nil
    }

    /// The archive there, made when there is none, for commands that record.
    func existingOrNew() throws -> Archive { try Archive.openOrCreate(try url) }
}
