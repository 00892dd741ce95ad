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
        let sha256 = Self.hexadecimal(SHA256.hash(data: bytes))
        guard !hasAttachment(sha256: sha256) else { return sha256 }
        do throws(FileFailure) {
            let partial = try makePartial()
            do throws(FileFailure) {
                try partial.write(bytes, at: 0)
                try place(partial, sha256)
            } catch {
                // The first failure is the one to tell; what is left is an unnamed file.
                try? files.remove(partial.path)
                throw error
            }
        } catch {
            throw LogError(error)
        }
        return sha256
    }

    /// Keeps a copy of this file, read once and in pieces.
    ///
    /// - Returns: The SHA-256 and the size of its content.
    package func storeAttachment(file url: URL) throws(LogError) -> (sha256: String, byteCount: Int64) {
        do throws(FileFailure) {
            let source = try files.open(url.path(percentEncoded: false), .read)
            let partial = try makePartial()
            do throws(FileFailure) {
                var hash = SHA256()
                var offset: Int64 = 0
                while true {
                    let piece = try source.bytes(at: offset, count: 1 << 20)
                    guard !piece.isEmpty else { break }
                    hash.update(data: piece)
                    try partial.write(piece, at: offset)
                    offset += Int64(piece.count)
                }
                let sha256 = Self.hexadecimal(hash.finalize())
                if hasAttachment(sha256: sha256) {
                    try files.remove(partial.path)
                } else {
                    try place(partial, sha256)
                }
                return (sha256, offset)
            } catch {
                // The first failure is the one to tell; what is left is an unnamed file.
                try? files.remove(partial.path)
                throw error
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
        return try files.open(folder + "/" + UUID().uuidString + ".partial", .create(isPrivate: false))
    }

    private func place(_ partial: any OpenFile, _ sha256: String) throws(FileFailure) {
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
