// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The file of an archive's signing key, and the archive's list of the keys it has signed with.
///
/// ```
/// key        PRIVATE+KEY+NAME+KEYID+BASE64     readable by its owner only; may lie anywhere
/// key.pub    NAME+KEYID+BASE64                 in the archive: one line for each key it ever signed with
/// ```
///
/// With `key.pub`, checking needs no private key. It says which key was the archive's own, not whom to trust: whoever
/// can write to the archive can change it.
package struct KeyFile: Sendable {
    /// Where the private key lies.
    package let path: String
    private let archive: Archive

    /// - Parameters:
    ///   - archive: Whose checkpoints are signed with it.
    ///   - url: The private key's file; nil is `key` in the archive.
    package init(_ archive: Archive, at url: URL? = nil) {
        self.archive = archive
        path = url?.path(percentEncoded: false) ?? archive.keyPath
    }

    /// Whether others than the file's owner may read it.
    package var isReadableByOthers: Bool {
        // A file that cannot even be looked at is nobody's to read; opening it says why.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return ((attributes?[.posixPermissions] as? Int) ?? 0) & 0o077 != 0
    }

    /// Reads the key, or makes the archive's first one.
    ///
    /// - Returns: The key, which is one of those in `key.pub`.
    /// - Throws: ``LogError`` with `.badKey` when the file holds no key, or another one than the archive's, or is
    ///   missing though the archive has signed before: a new key cannot speak for old checkpoints.
    package func readOrCreate() throws(LogError) -> SigningKey {
        let known = try archive.verifyingKeys()
        if archive.files.exists(path) {
            let key = try read()
            if known.isEmpty { try list(key.verifyingKey, after: known) }
            guard known.isEmpty || known.contains(key.verifyingKey) else {
                throw refusal(
                    "this is not one of the keys in \(archive.verifyingKeysPath), which the archive signs with",
                    "Name the archive's own key. To sign with this one from now on, append this line to that file: \(key.verifyingKey)"
                )
            }
            return key
        }
        guard let last = known.last else { return try create(besides: []) }
        throw refusal(
            "the signing key is not here, and the archive has one: \(last)",
            "Name its place with --key, or restore it. If it is lost, 'stele init --new-key' makes another: checkpoints signed before stay valid by the old one."
        )
    }

    /// Makes a further key: checkpoints are signed with it from now on, and earlier ones stay valid by the old one.
    ///
    /// - Throws: ``LogError`` with `.badKey` when there is a file at the key's place already.
    package func createAnother() throws(LogError) -> SigningKey {
        let known = try archive.verifyingKeys()
        guard !archive.files.exists(path) else {
            throw refusal(
                "there is a file here already",
                "Move the old key away first, or name another place with --key: a key is never replaced.")
        }
        return try create(besides: known)
    }

    private func read() throws(LogError) -> SigningKey {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try archive.files.contents(of: path, limit: Self.maximumByteCount)
        } catch {
            throw LogError(error)
        }
        guard bytes.count <= Self.maximumByteCount,
            let key = SigningKey(text: String(decoding: bytes, as: UTF8.self))
        else {
            throw refusal(
                "this is not a signing key",
                "Name the right file with --key, or restore it: a new key cannot speak for old checkpoints.")
        }
        return key
    }

    private func create(besides known: [VerifyingKey]) throws(LogError) -> SigningKey {
        guard var key = SigningKey(name: archive.origin) else {
            throw refusal(
                "the archive's origin, '\(archive.origin)', cannot be the name of a key",
                "Restore stele.json: an origin has no spaces and no plus sign.")
        }
        let isNew: Bool
        do throws(FileFailure) {
            isNew = try archive.files.writeNew(Array((key.text + "\n").utf8), to: path, isPrivate: true)
        } catch {
            throw LogError(error)
        }
        // Another process made it at the same moment: there is one key, and it is that one.
        if !isNew { key = try read() }
        try list(key.verifyingKey, after: known)
        return key
    }

    /// Writes `key.pub`.
    private func list(_ key: VerifyingKey, after known: [VerifyingKey]) throws(LogError) {
        let bytes = Array((known + [key]).map { "\($0)\n" }.joined().utf8)
        let path = archive.verifyingKeysPath
        do throws(FileFailure) {
            if known.isEmpty {
                _ = try archive.files.writeNew(bytes, to: path)
            } else {
                try archive.files.writeWhole(bytes, to: path, in: archive.path)
            }
        } catch {
            throw LogError(error)
        }
    }

    private func refusal(_ what: String, _ remedy: String) -> LogError {
        LogError(.badKey, file: path, what: what, remedy: remedy)
    }

    private static let maximumByteCount = 4096
}

extension Archive {
    /// The public halves of the keys the archive has signed with, the latest last; none before the first.
    ///
    /// - Throws: ``LogError`` with `.badKey` when `key.pub` holds anything else.
    package func verifyingKeys() throws(LogError) -> [VerifyingKey] {
        let path = verifyingKeysPath
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try files.contents(of: path)
        } catch {
            guard error.isMissing else { throw LogError(error) }
            return []
        }
        return try VerifyingKey.list(bytes, in: path)
    }
}

extension VerifyingKey {
    /// Reads one key a line.
    ///
    /// - Throws: ``LogError`` with `.badKey`, naming `path` and the line that is no key.
    package static func list(_ bytes: [UInt8], in path: String) throws(LogError) -> [VerifyingKey] {
        var keys: [VerifyingKey] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let key = VerifyingKey(String(decoding: line, as: UTF8.self)) else {
                throw LogError(
                    .badKey, file: path, what: "line \(index + 1) is not a verifying key, NAME+KEYID+BASE64",
                    remedy: "Restore the file from a second copy.")
            }
            keys.append(key)
        }
        return keys
    }
}
