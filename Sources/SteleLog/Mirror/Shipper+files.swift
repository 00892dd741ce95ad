// SPDX-License-Identifier: Apache-2.0

import Crypto

extension Shipper {
    /// Ships files beside the log.
    func ship(_ work: SideWork, to mirror: Archive) throws(MirrorError) {
        switch work {
        case .smallFiles: try shipSmallFiles(mirror)
        case .attachments(let prefix): try shipAttachments(prefix, mirror)
        }
    }

    /// Longest file that is held in memory: public keys and checkpoints are far shorter.
    private static let smallByteCount = 1024 * 1024

    /// Everything that proves the log, except what could sign another one: the private key stays where it is.
    private func shipSmallFiles(_ mirror: Archive) throws(MirrorError) {
        try shipSmallFile(Archive.verifyingKeysName, from: archive.path, to: mirror.path, mirror)
        guard archive.files.exists(archive.checkpointsPath) else { return }
        let names = try mirroring { () throws(FileFailure) in
            try archive.files.names(in: archive.checkpointsPath).filter {
                $0.utf8.allSatisfy(Self.isNameByte)
            }
        }
        if !mirror.files.exists(mirror.checkpointsPath) {
            try mirroring { () throws(FileFailure) in
                try mirror.files.makeFolder(mirror.checkpointsPath)
                try mirror.files.syncFolder(mirror.path)
            }
        }
        for name in names.sorted() {
            try shipSmallFile(name, from: archive.checkpointsPath, to: mirror.checkpointsPath, mirror)
        }
    }

    /// Checkpoints are named by their size; whatever else lies there, half-written files among it, is not shipped.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private func shipSmallFile(_ name: String, from folder: String, to target: String, _ mirror: Archive)
        throws(MirrorError)
    {
        let path = target + "/" + name
        guard archive.files.exists(folder + "/" + name) else { return }
        try mirroring { () throws(FileFailure) in
            let source = try archive.files.open(folder + "/" + name, .read)
            let bytes = try source.bytes(at: 0, count: Self.smallByteCount)
            if mirror.files.exists(path), try mirror.files.contents(of: path) == bytes { return }
            try mirror.files.writeWhole(bytes, to: path, in: target)
        }
        let copy = try mirroring { () throws(FileFailure) in try mirror.files.open(path, .read) }
        copy.dropCache()
        let isSame = try mirroring { () throws(FileFailure) in
            try copy.bytes(at: 0, count: Self.smallByteCount)
                == archive.files.open(folder + "/" + name, .read).bytes(at: 0, count: Self.smallByteCount)
        }
        guard isSame else {
            throw MirrorError(
                .damagedOnArrival, path, "what was written does not read back right",
                remedy: "Check the mirror's disk; it is shipped again by itself.")
        }
    }

    private func shipAttachments(_ prefix: String, _ mirror: Archive) throws(MirrorError) {
        let folder = AttachmentFolders.path(archive, prefix)
        let target = AttachmentFolders.path(mirror, prefix)
        let names = try mirroring { () throws(FileFailure) in try archive.files.names(in: folder) }
        let there =
            mirror.files.exists(target)
            ? Set(try mirroring { () throws(FileFailure) in try mirror.files.names(in: target) }) : []
        var damaged: MirrorError?
        for name in names.sorted() where !there.contains(name) && AttachmentFolders.isHash(name) {
            try stopIfAsked(target)
            do throws(MirrorError) {
                try ship(attachment: name, from: folder, mirror)
            } catch {
                // One that is damaged where it comes from must not keep the others.
                guard error.code == .damagedArchive else { throw error }
                damaged = damaged ?? error
            }
        }
        if let damaged { throw damaged }
    }

    private func ship(attachment name: String, from folder: String, _ mirror: Archive) throws(MirrorError) {
        let partial = mirror.attachmentsPath + "/sha256/" + name + ".partial"
        let target = AttachmentFolders.path(mirror, String(name.prefix(2)))
        let source = try mirroring { () throws(FileFailure) in
            try mirror.files.makeFolder(target)
            for folder in [mirror.attachmentsPath + "/sha256", mirror.attachmentsPath, mirror.path] {
                try mirror.files.syncFolder(folder)
            }
            return try archive.files.open(folder + "/" + name, .read)
        }
        do throws(MirrorError) {
            let (sent, arrived) = try mirroring { () throws(FileFailure) in
                let copy = try mirror.files.open(partial, .create(isPrivate: false))
                let sent = try Self.hash(source) { offset, piece throws(FileFailure) in
                    try copy.write(piece, at: offset)
                }
                try copy.sync()
                copy.dropCache()
                return (sent, try Self.hash(copy))
            }
            guard arrived == name else {
                throw arrived == sent
                    ? MirrorError(
                        .damagedArchive, source.path, "the attachment is not what its name says",
                        remedy: "Restore it from its source, or remove it: it is not evidence any more.")
                    : MirrorError(
                        .damagedOnArrival, partial, "what was written does not read back right",
                        remedy: "Check the mirror's disk; it is shipped again by itself.")
            }
            try mirroring { () throws(FileFailure) in
                try mirror.files.rename(partial, to: target + "/" + name)
                try mirror.files.syncFolder(target)
            }
        } catch {
            // The first failure is the one to tell; what is left bears no attachment's name.
            try? mirror.files.remove(partial)
            throw error
        }
    }

    /// The SHA-256 of a file, as its name would say it.
    private static func hash(
        _ file: any OpenFile, _ take: (Int64, [UInt8]) throws(FileFailure) -> Void = { _, _ in }
    ) throws(FileFailure) -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try file.bytes(at: offset, count: 1024 * 1024)
            guard !piece.isEmpty else { return Archive.hexadecimal(hash.finalize()) }
            hash.update(data: piece)
            try take(offset, piece)
            offset += Int64(piece.count)
        }
    }
}

/// The folders below `attachments/sha256`.
enum AttachmentFolders {
    static func path(_ archive: Archive, _ prefix: String) -> String {
        archive.attachmentsPath + "/sha256/" + prefix
    }

    /// The first two digits of all attachments there are.
    static func prefixes(_ archive: Archive) -> [String] {
        // No attachments yet, most often; a folder that cannot be read shows when it is asked for by name.
        let names = (try? archive.files.names(in: archive.attachmentsPath + "/sha256")) ?? []
        return names.filter { $0.utf8.count == 2 }.sorted()
    }

    static func isHash(_ name: String) -> Bool {
        name.utf8.count == 64 && name.utf8.allSatisfy { Archive.hexDigits.contains($0) }
    }
}
