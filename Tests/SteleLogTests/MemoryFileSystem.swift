// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SteleLog

/// A disk in memory that keeps apart what was written and what was synced, fails when told to, and loses power.
final class MemoryFileSystem: FileSystem, @unchecked Sendable {
    enum Operation: Hashable, CaseIterable { case create, write, sync, truncate, rename, remove, syncFolder }

    struct Fault {
        var number: Int32
        /// For writes: how many of the bytes reach the file before it fails.
        var writtenByteCount = 0
    }

    final class Node {
        var bytes: [UInt8] = []
        var synced: [UInt8] = []
    }

    // All guarded by `lock`.
    private let lock = NSRecursiveLock()
    private var names: [String: Node] = [:]
    private var syncedNames: [String: Node] = [:]
    private var folders: Set<String> = []
    private(set) var operationCount = 0
    /// Asked before each operation that changes something, with its number.
    private var fault: (Int, Operation) -> Fault? = { _, _ in nil }

    func setFault(_ fault: @escaping (Int, Operation) -> Fault?) { lock.withLock { self.fault = fault } }
    var operations: Int { lock.withLock { operationCount } }

    private func check(_ operation: Operation, _ path: String) throws(FileFailure) -> Fault? {
        let fault: Fault? = lock.withLock {
            defer { operationCount += 1 }
            return self.fault(operationCount, operation)
        }
        if let fault, operation != .write { throw FileFailure(errno: fault.number, "\(operation)", path) }
        return fault
    }

    /// What a disk may hold after power was lost: all that was synced, and any sectors and names that were not.
    func afterPowerLoss(using generator: inout some RandomNumberGenerator) -> MemoryFileSystem {
        lock.lock()
        defer { lock.unlock() }
        let other = MemoryFileSystem()
        other.folders = folders
        // In order, so that a seed always gives the same disk.
        for path in Set(names.keys).union(syncedNames.keys).sorted() {
            let isSettled = names[path] === syncedNames[path]
            guard let node = isSettled || Bool.random(using: &generator) ? names[path] : syncedNames[path]
            else { continue }
            let survivor = Node()
            survivor.bytes = Self.torn(node, using: &generator)
            survivor.synced = survivor.bytes
            other.names[path] = survivor
            other.syncedNames[path] = survivor
        }
        return other
    }

    private static func torn(_ node: Node, using generator: inout some RandomNumberGenerator) -> [UInt8] {
        guard node.bytes != node.synced else { return node.bytes }
        let size =
            [
                node.bytes.count, node.synced.count,
                Int.random(in: 0...max(node.bytes.count, node.synced.count), using: &generator),
            ]
            .randomElement(using: &generator) ?? 0
        var bytes = [UInt8](repeating: 0, count: max(size, min(node.synced.count, node.bytes.count)))
        for start in stride(from: 0, to: bytes.count, by: 512) {
            let range = start..<min(start + 512, bytes.count)
            let isNew = Bool.random(using: &generator)
            for place in range {
                let old = place < node.synced.count ? node.synced[place] : 0
                let new = place < node.bytes.count ? node.bytes[place] : old
                bytes[place] = isNew ? new : old
            }
        }
        return bytes
    }

    func open(_ path: String, _ mode: FileMode) throws(FileFailure) -> any OpenFile {
        if case .create = mode {
            _ = try check(.create, path)
            return lock.withLock {
                let node = names[path] ?? Node()
                node.bytes = []
                names[path] = node
                return MemoryFile(path: path, node: node, system: self)
            }
        }
        guard let node = lock.withLock({ names[path] }) else {
            throw FileFailure(errno: ENOENT, "open", path)
        }
        return MemoryFile(path: path, node: node, system: self)
    }

    func names(in folder: String) throws(FileFailure) -> [String] {
        lock.withLock {
            names.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }
                .filter { !$0.contains("/") }
        }
    }

    func makeFolder(_ path: String) throws(FileFailure) { lock.withLock { _ = folders.insert(path) } }
    func exists(_ path: String) -> Bool { lock.withLock { names[path] != nil || folders.contains(path) } }

    func rename(_ source: String, to target: String) throws(FileFailure) {
        _ = try check(.rename, source)
        lock.withLock { names[target] = names.removeValue(forKey: source) }
    }

    func remove(_ path: String) throws(FileFailure) {
        _ = try check(.remove, path)
        lock.withLock { names[path] = nil }
    }

    func syncFolder(_ path: String) throws(FileFailure) {
        _ = try check(.syncFolder, path)
        lock.withLock {
            for name in Set(names.keys).union(syncedNames.keys) where name.hasPrefix(path + "/") {
                guard !name.dropFirst(path.count + 1).contains("/") else { continue }
                syncedNames[name] = names[name]
            }
        }
    }

    final class MemoryFile: OpenFile, @unchecked Sendable {
        let path: String
        // Guarded by the system's lock.
        private let node: Node
        private let system: MemoryFileSystem

        init(path: String, node: Node, system: MemoryFileSystem) {
            self.path = path
            self.node = node
            self.system = system
        }

        func size() throws(FileFailure) -> Int64 { system.lock.withLock { Int64(node.bytes.count) } }

        func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
            system.lock.withLock {
                let start = min(Int(offset), node.bytes.count)
                let count = min(buffer.count, node.bytes.count - start)
                buffer.copyBytes(from: node.bytes[start..<start + count])
                return count
            }
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
            let fault = try system.check(.write, path)
            let written = fault.map { min($0.writtenByteCount, bytes.count) } ?? bytes.count
            system.lock.withLock {
                let end = Int(offset) + written
                if node.bytes.count < end {
                    node.bytes += [UInt8](repeating: 0, count: end - node.bytes.count)
                }
                node.bytes.replaceSubrange(Int(offset)..<end, with: bytes[..<written])
            }
            if let fault { throw FileFailure(errno: fault.number, "write", path) }
        }

        func truncate(to size: Int64) throws(FileFailure) {
            _ = try system.check(.truncate, path)
            system.lock.withLock {
                if node.bytes.count > Int(size) {
                    node.bytes.removeLast(node.bytes.count - Int(size))
                } else {
                    node.bytes += [UInt8](repeating: 0, count: Int(size) - node.bytes.count)
                }
            }
        }

        func sync() throws(FileFailure) {
            _ = try system.check(.sync, path)
            system.lock.withLock { node.synced = node.bytes }
        }

        func dropCache() {}
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
