// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Foundation

/// Received files beside the log, named by their content: `attachments/sha256/ab/abcdef…`.
///
/// A file appears under its name whole and durable, or not at all; the same content is kept once.
extension Archive {
    /// Where the content with this SHA-256 (64 lower-case hexadecimal digits) lies, if it is stored.
    package func attachmentURL(sha256: String) -> URL { URL(filePath: attachmentPath(sha256)) }

    package func hasAttachment(sha256: String) -> Bool { files.exists(attachmentPath(sha256)) }

    /// Keeps these bytes.
    ///
    /// - Returns: Their SHA-256, 64 lower-case hexadecimal digits.
    package func storeAttachment(_ bytes: [UInt8]) throws(LogError) -> String {
        let draft = try newAttachment()
        do throws(LogError) {
            try draft.append(bytes)
            return try draft.keep().sha256
        } catch {
            draft.discard()
            throw error
        }
    }

    /// Keeps a copy of this file, read once and in pieces.
    ///
    /// - Returns: The SHA-256 and the size of its content.
    package func storeAttachment(file url: URL) throws(LogError) -> (sha256: String, byteCount: Int64) {
        let draft: AttachmentDraft
        do throws(FileFailure) {
            let source = try files.open(url.path(percentEncoded: false), .read)
            draft = AttachmentDraft(self, try makePartial())
            do throws(FileFailure) {
                while true {
                    let piece = try source.bytes(at: draft.byteCount, count: 1 << 20)
                    guard !piece.isEmpty else { break }
                    try draft.write(piece)
                }
            } catch {
                draft.discard()
                throw error
            }
        } catch {
            throw LogError(error)
        }
        do throws(LogError) {
            return try draft.keep()
        } catch {
            draft.discard()
            throw error
        }
    }

    /// Begins a file whose name is told by the bytes still to come.
    package func newAttachment() throws(LogError) -> AttachmentDraft {
        do throws(FileFailure) { return AttachmentDraft(self, try makePartial()) } catch {
            throw LogError(error)
        }
    }

    /// Removes what processes that were killed left half written: only while nobody else writes to the archive.
    package func removeUnfinishedAttachments() throws(LogError) {
        let folder = attachmentsPath + "/sha256"
        guard files.exists(folder) else { return }
        do throws(FileFailure) {
            for name in try files.names(in: folder) where name.hasSuffix(Self.partialSuffix) {
                try files.remove(folder + "/" + name)
            }
        } catch {
            throw LogError(error)
        }
    }

    private func attachmentPath(_ sha256: String) -> String {
        // Names come from records too: only a hash may become a path.
        let isHash = sha256.utf8.count == 64 && sha256.utf8.allSatisfy { Self.hexDigits.contains($0) }
        let name = isHash ? sha256 : "not-a-hash"
        return "\(attachmentsPath)/sha256/\(name.prefix(2))/\(name)"
    }

    private func makePartial() throws(FileFailure) -> any OpenFile {
        let folder = attachmentsPath + "/sha256"
        let isNew = !files.exists(folder)
        try files.makeFolder(folder)
        if isNew {
            try files.syncFolder(attachmentsPath)
            try files.syncFolder(path)
        }
        return try files.open(
            folder + "/" + UUID().uuidString + Self.partialSuffix, .create(isPrivate: false))
    }

    private static let partialSuffix = ".partial"

    fileprivate func place(_ partial: any OpenFile, _ sha256: String) throws(FileFailure) {
        let target = attachmentPath(sha256)
        let folder = String(target.dropLast(sha256.utf8.count + 1))
        try partial.sync()
        if !files.exists(folder) {
            try files.makeFolder(folder)
            try files.syncFolder(attachmentsPath + "/sha256")
        }
        try files.rename(partial.path, to: target)
        try files.syncFolder(folder)
    }

    static let hexDigits = Array("0123456789abcdef".utf8)

    static func hexadecimal(_ digest: SHA256.Digest) -> String {
        var digits: [UInt8] = []
        for byte in digest {
            digits.append(hexDigits[Int(byte >> 4)])
            digits.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

/// A file on its way into the archive: written and hashed piece by piece, then kept under its hash or thrown away.
///
/// Unchecked: used by one owner at a time, on the queue that blocks on the disk.
package final class AttachmentDraft: @unchecked Sendable {
    private let archive: Archive
    private let file: any OpenFile
    private var hash = SHA256()
    /// Bytes written so far.
    package private(set) var byteCount: Int64 = 0

    fileprivate init(_ archive: Archive, _ file: any OpenFile) {
        self.archive = archive
        self.file = file
    }

    package func append(_ bytes: [UInt8]) throws(LogError) {
        do throws(FileFailure) { try write(bytes) } catch { throw LogError(error) }
    }

    fileprivate func write(_ bytes: [UInt8]) throws(FileFailure) {
        try file.write(bytes, at: byteCount)
        hash.update(data: bytes)
        byteCount += Int64(bytes.count)
    }

    /// Gives the file its name, durably; the same content is kept once.
    ///
    /// - Returns: The SHA-256 and the size of what was written.
    package func keep() throws(LogError) -> (sha256: String, byteCount: Int64) {
        let sha256 = Archive.hexadecimal(hash.finalize())
        do throws(FileFailure) {
            if archive.hasAttachment(sha256: sha256) {
                try archive.files.remove(file.path)
            } else {
                try archive.place(file, sha256)
            }
        } catch {
            throw LogError(error)
        }
        return (sha256, byteCount)
    }

    /// Removes what was written.
    package func discard() {
        // What cannot be removed bears no attachment's name, and goes when the archive is next opened for fetching.
        try? archive.files.remove(file.path)
    }
}
