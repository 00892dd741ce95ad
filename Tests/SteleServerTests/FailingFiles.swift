// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import SteleLog

/// The local files, on a disk that can be full.
struct FailingFiles: FileSystem {
    /// Whether the disk is full now.
    final class Disk: Sendable {
        private let full = Mutex(false)

        var isFull: Bool {
            get { full.withLock { $0 } }
            set { full.withLock { $0 = newValue } }
        }

        func check(_ path: String) throws(FileFailure) {
            if isFull {
                throw FileFailure(
                    operation: "write", path: path, number: 28, reason: "No space left on device")
            }
        }
    }

    private let base = LocalFileSystem()
    let disk = Disk()

    func open(_ path: String, _ mode: FileMode) throws(FileFailure) -> any OpenFile {
        FailingFile(base: try base.open(path, mode), disk: disk)
    }

    func names(in folder: String) throws(FileFailure) -> [String] { try base.names(in: folder) }
    func makeFolder(_ path: String) throws(FileFailure) { try base.makeFolder(path) }
    func exists(_ path: String) -> Bool { base.exists(path) }
    func rename(_ source: String, to target: String) throws(FileFailure) {
        try base.rename(source, to: target)
    }
    func remove(_ path: String) throws(FileFailure) { try base.remove(path) }
    func syncFolder(_ path: String) throws(FileFailure) { try base.syncFolder(path) }
}

/// An open file on that disk.
final class FailingFile: OpenFile {
    private let base: any OpenFile
    private let disk: FailingFiles.Disk

    init(base: any OpenFile, disk: FailingFiles.Disk) {
        self.base = base
        self.disk = disk
    }

    var path: String { base.path }
    func size() throws(FileFailure) -> Int64 { try base.size() }
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        try base.read(at: offset, into: buffer)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
        try disk.check(path)
        try base.write(bytes, at: offset)
    }
    func truncate(to size: Int64) throws(FileFailure) { try base.truncate(to: size) }
    func sync() throws(FileFailure) {
        try disk.check(path)
        try base.sync()
    }
    func reserve(_ range: Range<Int64>) { base.reserve(range) }
    func dropCache() { base.dropCache() }
}
