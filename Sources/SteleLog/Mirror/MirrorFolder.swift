// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The folder of a mirror: an ordinary archive without the private key, of the same origin as the archive it follows.
enum MirrorFolder {
    /// Opens the mirror at `url`, or begins one where nothing is.
    ///
    /// - Parameters:
    ///   - url: The mirror's folder.
    ///   - archive: What it follows.
    ///   - files: The mirror's file system.
    ///   - isKnown: Whether a mirror of the archive was there before: an empty folder is no new one then.
    /// - Returns: The mirror, as an archive.
    /// - Throws: ``MirrorError``, with `.overlaps`, `.foreign` or `.gone` when the folder must not be written to.
    static func open(_ url: URL, of archive: Archive, files: any FileSystem, isKnown: Bool)
        throws(MirrorError) -> Archive
    {
        let mirror = Archive(url: url, origin: archive.origin, files: files)
        guard !FolderOverlap(archive.path, mirror.path).isOverlap else {
            throw MirrorError(
                .overlaps, mirror.path, "the mirror and the archive \(archive.path) lie one within the other",
                remedy: "Name a folder on another disk with --mirror.")
        }
        if files.exists(mirror.path + "/" + Archive.descriptionName) {
            try check(url, of: archive, files: files)
            // Whoever began it may not have come as far as this.
            try mirroring { () throws(FileFailure) in
                try files.syncFolder(mirror.path)
                try files.syncFolder(mirror.path + "/..")
            }
            return mirror
        }
        guard !isKnown else {
            throw MirrorError(
                .gone, mirror.path, "the mirror that was here is gone",
                remedy:
                    "Mount its disk again. To begin a new mirror in this folder, remove \(archive.mirrorStatePath) first."
            )
        }
        try begin(mirror, of: archive)
        return mirror
    }

    private static func check(_ url: URL, of archive: Archive, files: any FileSystem) throws(MirrorError) {
        let found: Archive
        do throws(LogError) { found = try Archive.open(url, files: files) } catch {
            guard error.code == .notAnArchive || error.code == .laterVersion else { throw MirrorError(error) }
            throw foreign(found: "\(error.what)", error.file)
        }
        guard found.origin == archive.origin else {
            throw foreign(found: "this is a copy of another archive, \(found.origin)", found.path)
        }
    }

    private static func foreign(found what: String, _ path: String) -> MirrorError {
        MirrorError(
            .foreign, path, what,
            remedy: "Name a new or empty folder with --mirror, or the one that follows this archive.")
    }

    /// What an interrupted beginning, or a new disk, may hold.
    private static let harmless: Set<String> = [
        "lost+found", "log", "index", "lock", Archive.descriptionName + ".partial",
    ]

    private static func begin(_ mirror: Archive, of archive: Archive) throws(MirrorError) {
        let files = mirror.files
        if files.exists(mirror.path) {
            let names = try mirroring { () throws(FileFailure) in try files.names(in: mirror.path) }
            let segments = files.exists(mirror.logPath) ? try mirroringLog(mirror.segments) : []
            if let name = names.sorted().first(where: { !harmless.contains($0) })
                ?? segments.first.map({ _ in "log" })
            {
                throw foreign(
                    found: "the folder is not empty, and no mirror: it holds '\(name)'", mirror.path)
            }
        }
        // The archive's own description, byte for byte: the last thing to appear.
        let description = archive.path + "/" + Archive.descriptionName
        let bytes = try mirroring { () throws(FileFailure) in try archive.files.contents(of: description) }
        try mirroring { () throws(FileFailure) in
            for folder in [mirror.path, mirror.logPath, mirror.indexPath] { try files.makeFolder(folder) }
            // The mirror's own name lies in the folder above it.
            try files.syncFolder(mirror.path + "/..")
            try files.writeWhole(
                bytes, to: mirror.path + "/" + Archive.descriptionName, in: mirror.path)
        }
    }
}
