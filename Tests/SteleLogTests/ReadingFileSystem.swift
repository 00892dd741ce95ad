// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import SteleLog

/// The disk, with a count of what is read and a list of what is made.
final class ReadingFileSystem: FileSystem {
    struct Counts: Sendable {
        /// Bytes read from segments.
        var byteCount = 0
        /// Segments that were opened.
        var segments: Set<String> = []
        /// Files made, and whether for their owner alone.
        var made: [(path: String, isPrivate: Bool)] = []
    }

    private let disk = LocalFileSystem()
    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }
    func reset() { state.withLock { $0 = Counts() } }

    func open(_ path: String, _ mode: FileMode) throws(FileFailure) -> any OpenFile {
        let file = try disk.open(path, mode)
        if case .create(let isPrivate) = mode { state.withLock { $0.made.append((path, isPrivate)) } }
        guard path.hasSuffix(".jsonl.gz"), case .read = mode else { return file }
        state.withLock { _ = $0.segments.insert(path) }
        return ReadFile(file) { count in self.state.withLock { $0.byteCount += count } }
    }

    func names(in folder: String) throws(FileFailure) -> [String] { try disk.names(in: folder) }
    func makeFolder(_ path: String) throws(FileFailure) { try disk.makeFolder(path) }
    func exists(_ path: String) -> Bool { disk.exists(path) }
    func rename(_ source: String, to target: String) throws(FileFailure) {
        try disk.rename(source, to: target)
    }
    func rename(_ source: String, toNew target: String) throws(FileFailure) -> Bool {
        try disk.rename(source, toNew: target)
    }
    func remove(_ path: String) throws(FileFailure) { try disk.remove(path) }
    func syncFolder(_ path: String) throws(FileFailure) { try disk.syncFolder(path) }
}

private final class ReadFile: OpenFile {
    private let file: any OpenFile
    private let count: @Sendable (Int) -> Void

    init(_ file: any OpenFile, count: @escaping @Sendable (Int) -> Void) {
        self.file = file
        self.count = count
    }

    var path: String { file.path }
    func size() throws(FileFailure) -> Int64 { try file.size() }
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        let read = try file.read(at: offset, into: buffer)
        count(read)
        return read
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
        try file.write(bytes, at: offset)
    }
    func truncate(to size: Int64) throws(FileFailure) { try file.truncate(to: size) }
    func sync() throws(FileFailure) { try file.sync() }
    func reserve(_ range: Range<Int64>) { file.reserve(range) }
    func dropCache() { file.dropCache() }
}
