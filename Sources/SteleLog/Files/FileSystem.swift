// SPDX-License-Identifier: Apache-2.0

/// What the log asks of the operating system: the one seam where tests let writes, syncs and renames fail.
///
/// Every path is a full path. Nothing is durable before the matching sync: a file's bytes before
/// ``OpenFile/sync()``, a name (created, renamed or removed) before ``syncFolder(_:)`` of its folder.
package protocol FileSystem: Sendable {
    func open(_ path: String, _ mode: FileMode) throws(FileFailure) -> any OpenFile
    /// Names of the entries of a folder, unordered, without `.` and `..`.
    func names(in folder: String) throws(FileFailure) -> [String]
    /// Makes a folder and those above it, when missing.
    func makeFolder(_ path: String) throws(FileFailure)
    func exists(_ path: String) -> Bool
    /// Puts `source` in the place of `target`, which disappears in the same step.
    func rename(_ source: String, to target: String) throws(FileFailure)
    /// Gives `source` the name `target` unless that name is taken; false then, and both stay as they are.
    func rename(_ source: String, toNew target: String) throws(FileFailure) -> Bool
    func remove(_ path: String) throws(FileFailure)
    func syncFolder(_ path: String) throws(FileFailure)
}

package enum FileMode: Sendable {
    case read
    /// Reading and writing a file that exists.
    case update
    /// Reading and writing; an existing file is emptied. `isPrivate`: only the owner may read it.
    case create(isPrivate: Bool)
}

package protocol OpenFile: AnyObject, Sendable {
    var path: String { get }
    func size() throws(FileFailure) -> Int64
    /// Reads at most `buffer.count` bytes; 0 is the end of the file.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int
    /// Writes all bytes; after a failure any prefix of them may stand in the file.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure)
    func truncate(to size: Int64) throws(FileFailure)
    /// Keeps blocks of the disk for bytes to be written, without making the file longer; only a hint.
    ///
    /// Truncating gives back what lies behind the new end.
    func reserve(_ range: Range<Int64>)
    /// Returns when the file's bytes and size are on stable storage.
    func sync() throws(FileFailure)
    /// Forgets cached pages, so that the next read comes from the disk; only a hint.
    func dropCache()
}

extension OpenFile {
    /// Reads `count` bytes at `offset`, fewer only where the file ends.
    func bytes(at offset: Int64, count: Int) throws(FileFailure) -> [UInt8] {
        guard count > 0 else { return [] }
        var failure: FileFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileFailure) {
                filled = try fill(UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads as many bytes at `offset` as `buffer` takes, fewer only where the file ends.
    ///
    /// - Returns: How many were read.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = try read(at: offset + Int64(filled), into: rest)
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws(FileFailure) {
        var failure: FileFailure?
        bytes.withUnsafeBytes { buffer in
            do throws(FileFailure) { try write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

extension FileSystem {
    /// The whole of a small file.
    func contents(of path: String) throws(FileFailure) -> [UInt8] {
        let file = try open(path, .read)
        return try file.bytes(at: 0, count: Int(try file.size()))
    }

    /// Writes a small file so that it appears whole or not at all, durably.
    ///
    /// - Parameters:
    ///   - bytes: All of its content.
    ///   - path: Its full path; a file of that name is replaced.
    ///   - folder: The folder of `path`, which is synced after the rename.
    ///   - isPrivate: Whether only the owner may read it.
    /// - Throws: ``FileFailure``; what was at `path` before is still there then.
    func writeWhole(_ bytes: [UInt8], to path: String, in folder: String, isPrivate: Bool = false)
        throws(FileFailure)
    {
        let partial = path + ".partial"
        let file = try open(partial, .create(isPrivate: isPrivate))
        try file.write(bytes, at: 0)
        try file.sync()
        try rename(partial, to: path)
        try syncFolder(folder)
    }
}

/// An operation the operating system refused.
package struct FileFailure: Error, Hashable, CustomStringConvertible {
    /// What was asked for, as a verb.
    package let operation: String
    package let path: String
    /// The system's `errno`.
    package let number: Int32
    /// The system's words for it.
    package let reason: String

    package var description: String { "cannot \(operation): \(reason)" }
}
