// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleLog

/// Where the key is that checkpoints are signed with.
struct KeyOptions: ParsableArguments {
    @Option(
        name: .customLong("key"),
        help: ArgumentHelp(
            "The signing key's file (STELE_KEY, default 'key' in the archive); made when the archive has none yet.",
            valueName: "file"))
    var path: String?

    func file(of archive: Archive) -> KeyFile { KeyFile(archive, at: Settings.key(flag: path)) }

    /// The key, for commands whose work is to sign.
    func signingKey(of archive: Archive) throws(LogError) -> SigningKey {
        let file = file(of: archive)
        let key = try file.readOrCreate()
        if file.isReadableByOthers {
            StandardError.warn(
                "others than its owner can read the signing key, and sign another history with it. Run: chmod 600 '\(file.path)'"
            )
        }
        return key
    }

    /// What keeps checkpoints, for commands whose work is to record: they go on without it, and say so.
    func keeper(of archive: Archive) -> CheckpointKeeper? {
        do throws(LogError) {
            return CheckpointKeeper(archive, key: try signingKey(of: archive))
        } catch {
            StandardError.warn("no checkpoint will be kept: \(error)")
            StandardError.print("hint: \(error.remedy)")
            return nil
        }
    }
}

extension CheckpointKeeper {
    /// Keeps a checkpoint of what was recorded; that it fails does not undo the recording, and is said.
    func keepAtEnd() {
        do throws(LogError) {
            _ = try keepIfGrown()
        } catch {
            StandardError.warn("no checkpoint was kept: \(error)")
            StandardError.print("hint: \(error.remedy)")
        }
    }
}
