// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SteleLog

/// A disk in memory that keeps apart what was written and what was synced, fails when told to, and loses power.
///
/// What a real one may do to an unprepared program, it does:
///
/// - Power loss keeps any subset of the sectors that were not synced, each as it was after any of its writes; any
///   size the file had; any subset of the names and folders that were not synced.
/// - A failed sync forgets which sectors were to be written: some reached the disk, the others never will, though
///   reads go on showing them until the cache is dropped.
/// - A kill (``copy(from:to:)``) keeps everything, synced or not.
final class MemoryFileSystem: FileSystem, @unchecked Sendable {
    enum Operation: Hashable, CaseIterable {
        case open, create, read, size, names, write, sync, truncate, rename, remove, makeFolder, syncFolder
    }

    struct Fault {
        var number: Int32
        /// For writes: how many of the bytes reach the file before it fails.
        var writtenByteCount = 0
    }

    // All guarded by `lock`.
    private let lock = NSRecursiveLock()
    private var names: [String: MemoryNode] = [:]
    private var syncedNames: [String: MemoryNode] = [:]
    private var folders: Set<String> = []
    private var syncedFolders: Set<String> = []
    private var operationCount = 0
    private var generator: SeededGenerator
    /// Asked before each operation, with its number.
    private var fault: (Int, Operation) -> Fault? = { _, _ in nil }

    /// - Parameter seed: Decides what a failed sync leaves on the disk.
    init(seed: UInt64 = 0) { generator = SeededGenerator(seed: seed) }

    /// Whether syncs say that they succeed while the disk loses some of what it was given.
    var liesAboutSyncs: Bool {
        get { lock.withLock { lies } }
        set { lock.withLock { lies = newValue } }
    }
    private var lies = false

    /// Whether every operation is refused, uncounted: a process that ends here changes nothing more.
    var isHalted: Bool {
        get { lock.withLock { halted } }
        set { lock.withLock { halted = newValue } }
    }
    private var halted = false

    /// Adds bytes to a file behind everybody's back.
    func tear(_ path: String, _ bytes: [UInt8]) {
        lock.withLock {
            guard let node = names[path] else { return }
            bytes.withUnsafeBytes { node.write($0[...], at: node.bytes.count) }
        }
    }

    func setFault(_ fault: @escaping (Int, Operation) -> Fault?) { lock.withLock { self.fault = fault } }
    var operations: Int { lock.withLock { operationCount } }

    private func check(_ operation: Operation, _ path: String) throws(FileFailure) -> Fault? {
        guard !isHalted else { throw FileFailure(errno: EIO, "\(operation)", path) }
        let fault: Fault? = lock.withLock {
            defer { operationCount += 1 }
            return self.fault(operationCount, operation)
        }
        if let fault, operation != .write, operation != .sync {
            throw FileFailure(errno: fault.number, "\(operation)", path)
        }
        return fault
    }

    // MARK: - Catastrophes

    /// The disk as a process that is killed leaves it, with the files below one folder moved below another.
    func copy(from folder: String, to target: String) -> MemoryFileSystem {
        lock.lock()
        defer { lock.unlock() }
        func moved(_ path: String) -> String {
            path == folder || path.hasPrefix(folder + "/") ? target + path.dropFirst(folder.count) : path
        }
        let other = MemoryFileSystem()
        other.generator = generator
        var copies: [ObjectIdentifier: MemoryNode] = [:]
        func copied(_ node: MemoryNode) -> MemoryNode {
            let copy = copies[ObjectIdentifier(node)] ?? MemoryNode(node)
            copies[ObjectIdentifier(node)] = copy
            return copy
        }
        for (path, node) in names { other.names[moved(path)] = copied(node) }
        for (path, node) in syncedNames { other.syncedNames[moved(path)] = copied(node) }
        other.folders = Set(folders.map(moved))
        other.syncedFolders = Set(syncedFolders.map(moved))
        return other
    }

    /// What the disk may hold after power was lost: all that was synced, and any sectors and names that were not.
    func afterPowerLoss(using generator: inout some RandomNumberGenerator) -> MemoryFileSystem {
        lock.lock()
        defer { lock.unlock() }
        let other = MemoryFileSystem(seed: generator.next())
        var lost: [String] = []
        // In order, so that a seed always gives the same disk.
        for folder in folders.union(syncedFolders).sorted() {
            if syncedFolders.contains(folder) || Bool.random(using: &generator) {
                other.folders.insert(folder)
            } else {
                lost.append(folder + "/")
            }
        }
        for path in Set(names.keys).union(syncedNames.keys).sorted() {
            let isSettled = names[path] === syncedNames[path]
            guard let node = isSettled || Bool.random(using: &generator) ? names[path] : syncedNames[path],
                !lost.contains(where: path.hasPrefix)
            else { continue }
            let survivor = MemoryNode(surviving: node, using: &generator)
            other.names[path] = survivor
            other.syncedNames[path] = survivor
        }
        other.syncedFolders = other.folders
        return other
    }

    // MARK: - The file system

    func open(_ path: String, _ mode: FileMode) throws(FileFailure) -> any OpenFile {
        if case .create = mode {
            _ = try check(.create, path)
            return lock.withLock {
                let node = names[path] ?? MemoryNode()
                node.truncate(to: 0)
                names[path] = node
                return MemoryFile(path: path, node: node, system: self)
            }
        }
        _ = try check(.open, path)
        guard let node = lock.withLock({ names[path] }) else {
            throw FileFailure(errno: ENOENT, "open", path)
        }
        return MemoryFile(path: path, node: node, system: self)
    }

    func names(in folder: String) throws(FileFailure) -> [String] {
        _ = try check(.names, folder)
        return lock.withLock {
            Set(names.keys).union(folders).filter { $0.hasPrefix(folder + "/") }
                .map { String($0.dropFirst(folder.count + 1)) }.filter { !$0.contains("/") }
        }
    }

    func makeFolder(_ path: String) throws(FileFailure) {
        _ = try check(.makeFolder, path)
        lock.withLock {
            var path = path
            // Those above are as durable as the file system makes them; see `LocalFileSystem`.
            while path.count > 1, folders.insert(path).inserted {
                path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
                syncedFolders.insert(path)
            }
        }
    }

    func exists(_ path: String) -> Bool { lock.withLock { names[path] != nil || folders.contains(path) } }

    func rename(_ source: String, to target: String) throws(FileFailure) {
        _ = try check(.rename, source)
        lock.withLock { names[target] = names.removeValue(forKey: source) }
    }

    func remove(_ path: String) throws(FileFailure) {
        _ = try check(.remove, path)
        guard lock.withLock({ names.removeValue(forKey: path) }) != nil else {
            throw FileFailure(errno: ENOENT, "remove", path)
        }
    }

    func syncFolder(_ path: String) throws(FileFailure) {
        _ = try check(.syncFolder, path)
        // `a/b/..` is `a`.
        let parts = path.split(separator: "/")
        let folder = "/" + (parts.last == ".." ? parts.dropLast(2) : parts[...]).joined(separator: "/")
        func isIn(_ entry: String) -> Bool {
            entry.hasPrefix(folder + "/") && !entry.dropFirst(folder.count + 1).contains("/")
        }
        lock.withLock {
            for name in Set(names.keys).union(syncedNames.keys) where isIn(name) {
                syncedNames[name] = names[name]
            }
            syncedFolders.formUnion(folders.filter(isIn))
        }
    }

    final class MemoryFile: OpenFile, @unchecked Sendable {
        let path: String
        // Guarded by the system's lock.
        private let node: MemoryNode
        private let system: MemoryFileSystem

        init(path: String, node: MemoryNode, system: MemoryFileSystem) {
            self.path = path
            self.node = node
            self.system = system
        }

        func size() throws(FileFailure) -> Int64 {
            _ = try system.check(.size, path)
            return system.lock.withLock { Int64(node.bytes.count) }
        }

        func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
            _ = try system.check(.read, path)
            return system.lock.withLock {
                let start = min(Int(offset), node.bytes.count)
                let count = min(buffer.count, node.bytes.count - start)
                buffer.copyBytes(from: node.bytes[start..<start + count])
                return count
            }
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
            let fault = try system.check(.write, path)
            let written = fault.map { min($0.writtenByteCount, bytes.count) } ?? bytes.count
            system.lock.withLock { node.write(bytes[..<written], at: Int(offset)) }
            if let fault { throw FileFailure(errno: fault.number, "write", path) }
        }

        func truncate(to size: Int64) throws(FileFailure) {
            _ = try system.check(.truncate, path)
            system.lock.withLock { node.truncate(to: Int(size)) }
        }

        func sync() throws(FileFailure) {
            let fault = try system.check(.sync, path)
            system.lock.withLock {
                if fault == nil, !system.lies { node.sync() } else { node.failSync(using: &system.generator) }
            }
            if let fault { throw FileFailure(errno: fault.number, "sync", path) }
        }

        func reserve(_ range: Range<Int64>) {}

        func dropCache() { system.lock.withLock { node.dropCache() } }
    }
}

/// A file's bytes, in the cache and on the disk.
final class MemoryNode {
    /// What reads show.
    private(set) var bytes: [UInt8] = []
    /// What is on stable storage.
    private var disk: [UInt8] = []
    /// The sectors that are still to be written to the disk, each with what it held since it last was.
    private var dirty: [Int: [[UInt8]]] = [:]
    /// Sizes since the last sync.
    private var sizes: [Int] = []

    private static let sectorByteCount = 512

    init() {}

    init(_ other: MemoryNode) {
        bytes = other.bytes
        disk = other.disk
        dirty = other.dirty
        sizes = other.sizes
    }

    /// One of the things that a power loss may leave of `other`.
    init(surviving other: MemoryNode, using generator: inout some RandomNumberGenerator) {
        let sizes = other.sizes + [other.disk.count]
        let span = (sizes.min() ?? 0)...(sizes.max() ?? 0)
        let size =
            Bool.random(using: &generator)
            ? Int.random(in: span, using: &generator)
            : sizes.randomElement(using: &generator) ?? 0
        disk = Self.resized(other.disk, size)
        for (sector, versions) in other.dirty.sorted(by: { $0.key < $1.key }) {
            let kept = ([Self.sector(sector, of: other.disk)] + versions).randomElement(using: &generator)
            if let kept { Self.put(kept, sector, into: &disk) }
        }
        bytes = disk
    }

    func write(_ new: Slice<UnsafeRawBufferPointer>, at offset: Int) {
        guard !new.isEmpty else { return }
        let end = offset + new.count
        if bytes.count < end { bytes = Self.resized(bytes, end) }
        bytes.replaceSubrange(offset..<end, with: new)
        sizes.append(bytes.count)
        touch(offset / Self.sectorByteCount...(end - 1) / Self.sectorByteCount)
    }

    func truncate(to size: Int) {
        let longest = max(size, bytes.count)
        bytes = Self.resized(bytes, size)
        sizes.append(size)
        guard longest > size || size > 0 else { return }
        touch(size / Self.sectorByteCount...max(size, longest - 1) / Self.sectorByteCount)
    }

    private func touch(_ sectors: ClosedRange<Int>) {
        for sector in sectors { dirty[sector, default: []].append(Self.sector(sector, of: bytes)) }
    }

    func sync() {
        disk = Self.resized(disk, bytes.count)
        for sector in dirty.keys { Self.put(Self.sector(sector, of: bytes), sector, into: &disk) }
        dirty = [:]
        sizes = []
    }

    func failSync(using generator: inout some RandomNumberGenerator) {
        if Bool.random(using: &generator) { disk = Self.resized(disk, bytes.count) }
        for sector in dirty.keys.sorted() where Bool.random(using: &generator) {
            Self.put(Self.sector(sector, of: bytes), sector, into: &disk)
        }
        // The system takes them for written: no later sync tries again.
        dirty = [:]
    }

    func dropCache() {
        for sector in 0..<(bytes.count + Self.sectorByteCount - 1) / Self.sectorByteCount
        where dirty[sector] == nil {
            Self.put(Self.sector(sector, of: disk), sector, into: &bytes)
        }
    }

    private static func resized(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
        bytes.prefix(size) + [UInt8](repeating: 0, count: max(0, size - bytes.count))
    }

    private static func sector(_ number: Int, of bytes: [UInt8]) -> [UInt8] {
        let start = min(number * sectorByteCount, bytes.count)
        return resized(Array(bytes[start..<min(start + sectorByteCount, bytes.count)]), sectorByteCount)
    }

    private static func put(_ sector: [UInt8], _ number: Int, into bytes: inout [UInt8]) {
        let start = number * sectorByteCount
        guard start < bytes.count else { return }
        let end = min(start + sectorByteCount, bytes.count)
        bytes.replaceSubrange(start..<end, with: sector[..<(end - start)])
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
