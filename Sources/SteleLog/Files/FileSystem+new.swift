// SPDX-License-Identifier: Apache-2.0

import Foundation

extension FileSystem {
    /// For file systems that cannot do it in one step.
    package func rename(_ source: String, toNew target: String) throws(FileFailure) -> Bool {
        guard !exists(target) else { return false }
        try rename(source, to: target)
        return true
    }

    /// Writes a small file under a name that is not taken: whole, durably and once, or not at all.
    ///
    /// - Parameters:
    ///   - bytes: All of its content.
    ///   - path: Its path, in a folder that exists.
    ///   - isPrivate: Whether only the owner may read it, from the first instant on.
    /// - Returns: False when there is a file of that name, which stays as it is.
    /// - Throws: ``FileFailure``; there is no file of that name then, or a whole one.
    func writeNew(_ bytes: [UInt8], to path: String, isPrivate: Bool = false) throws(FileFailure) -> Bool {
        // A name of its own: two who write the same file must not write into each other's.
        let partial = "\(path).\(UUID().uuidString).partial"
        let isNew: Bool
        do throws(FileFailure) {
            let file = try open(partial, .create(isPrivate: isPrivate))
            try file.write(bytes, at: 0)
            try file.sync()
            isNew = try rename(partial, toNew: path)
            if !isNew { try remove(partial) }
        } catch {
            // The first failure is the one to tell; what is left bears no name that anybody reads.
            try? remove(partial)
            throw error
        }
        // Also where it was there: whoever wrote it may not have come as far as this.
        try syncFolder(Self.folder(of: path))
        return isNew
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The whole of a file that may be anybody's, refused when it is longer than `limit`.
    ///
    /// - Returns: At most `limit + 1` bytes: the caller sees that it is too long by there being one more.
    package func contents(of path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        try open(path, .read).bytes(at: 0, count: limit + 1)
    }
}
