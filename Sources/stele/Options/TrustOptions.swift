// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleLog

/// Checkpoints kept elsewhere, and the keys to trust.
struct TrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A signed checkpoint kept elsewhere, which the log must still hold; may repeat.",
            valueName: "file"))
    var checkpoint: [String] = []

    @Option(
        help: ArgumentHelp(
            "Trust this key, NAME+KEYID+BASE64, or a file with one a line; may repeat (default: the archive's own, key.pub).",
            valueName: "key|file"))
    var verifierKey: [String] = []

    /// The keys whose signatures count; nil when the archive's own are to be taken.
    ///
    /// - Throws: ``CommandError`` or `LogError` when something given is no key.
    func keys() throws -> [VerifyingKey]? {
        guard !verifierKey.isEmpty else { return nil }
        return try verifierKey.flatMap { text in
            if let key = VerifyingKey(text) { return [key] }
            guard FileManager.default.fileExists(atPath: text) else {
                throw CommandError(
                    "'\(text)' is neither a verifying key nor a file.",
                    hint: "'stele init' prints the archive's: NAME+KEYID+BASE64.", exit: .badUsage)
            }
            let hint = "Name a file with one key a line: NAME+KEYID+BASE64."
            let keys = try VerifyingKey.list(try GivenFile.bytes(text, hint: hint), in: text)
            guard !keys.isEmpty else {
                throw CommandError(
                    "\(text) holds no verifying key.", hint: "Write one key a line: NAME+KEYID+BASE64.",
                    exit: .badInput)
            }
            return keys
        }
    }

    /// The checkpoints given, as they are.
    func files() throws -> [(file: String, bytes: [UInt8])] {
        try checkpoint.map { ($0, try CheckpointFile.bytes($0)) }
    }
}

/// A small file that was named on the command line.
private enum GivenFile {
    /// Checkpoints and lists of keys are far shorter; what is longer is none, and refused as such.
    private static let limit = 1024 * 1024

    static func bytes(_ path: String, hint: String) throws -> [UInt8] {
        do throws(FileFailure) {
            return try LocalFileSystem().contents(of: path, limit: limit)
        } catch {
            throw CommandError("\(path): \(error).", hint: hint, exit: .inputOutput)
        }
    }
}

/// A checkpoint's file, wherever it lies.
enum CheckpointFile {
    static func bytes(_ path: String) throws -> [UInt8] {
        try GivenFile.bytes(path, hint: "Name a file that 'stele checkpoint' printed.")
    }

    /// The checkpoint in it.
    ///
    /// - Throws: ``CommandError`` when it breaks a rule, naming it.
    static func note(_ path: String) throws -> CheckpointNote {
        let bytes = try bytes(path)
        do throws(NoteRefusal) {
            return try CheckpointNote(bytes)
        } catch {
            throw CommandError(
                "\(path) is not a checkpoint: \(error).",
                hint: "Name a file that 'stele checkpoint' printed, exactly as it was printed.",
                exit: .badInput)
        }
    }
}
