// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import CFallocate
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The disk.
package struct LocalFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: FileMode) throws(FileFailure) -> any OpenFile {
        let flags: Int32
        var permissions: mode_t = 0o644
        switch mode {
        case .read: flags = O_RDONLY
        case .update: flags = O_RDWR
        case .create(let isPrivate):
            flags = O_RDWR | O_CREAT | O_TRUNC
            if isPrivate { permissions = 0o600 }
        }
        let descriptor = retrying { systemOpen(path, flags | O_CLOEXEC, permissions) }
        guard descriptor >= 0 else { throw FileFailure(errno: errno, "open", path) }
        return LocalFile(descriptor: descriptor, path: path)
    }

    package func names(in folder: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(folder) else { throw FileFailure(errno: errno, "list", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileFailure(errno: errno, "list", folder) }
        return names
    }

    package func makeFolder(_ path: String) throws(FileFailure) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex else {
            throw FileFailure(errno: errno, "make the folder", path)
        }
        let above = String(path[..<slash])
        try makeFolder(above)
        // The caller syncs the folder of what it asked for; those above it are nobody else's to make durable.
        try syncFolder(above + "/..")
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw FileFailure(errno: errno, "make the folder", path)
        }
    }

    package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package func rename(_ source: String, to target: String) throws(FileFailure) {
        guard systemRename(source, target) == 0 else { throw FileFailure(errno: errno, "rename", source) }
    }

    package func rename(_ source: String, toNew target: String) throws(FileFailure) -> Bool {
        // A second name cannot be given over an existing one, whoever else tries at the same time.
        if link(source, target) == 0 {
            try remove(source)
            return true
        }
        if errno == EEXIST { return false }
        guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(errno) else {
            throw FileFailure(errno: errno, "rename", source)
        }
        // A file system without second names: the best there is.
        guard !exists(target) else { return false }
        try rename(source, to: target)
        return true
    }

    package func remove(_ path: String) throws(FileFailure) {
        guard unlink(path) == 0 else { throw FileFailure(errno: errno, "remove", path) }
    }

    package func syncFolder(_ path: String) throws(FileFailure) {
        let descriptor = retrying { systemOpen(path, O_RDONLY | O_CLOEXEC, 0) }
        guard descriptor >= 0 else { throw FileFailure(errno: errno, "open", path) }
        defer { close(descriptor) }
        guard retrying({ fsync(descriptor) }) == 0 else { throw FileFailure(errno: errno, "sync", path) }
    }
}

/// An open file; closed, and its lock released, when the last reference goes.
final class LocalFile: OpenFile {
    let descriptor: Int32
    let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func size() throws(FileFailure) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure(errno: errno, "examine", path) }
        return Int64(status.st_size)
    }

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        let count = retrying { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
        guard count >= 0 else { throw FileFailure(errno: errno, "read", path) }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = retrying {
                pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + Int64(written)))
            }
            guard count > 0 else { throw FileFailure(errno: count < 0 ? errno : EIO, "write", path) }
            written += count
        }
    }

    func truncate(to size: Int64) throws(FileFailure) {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
            throw FileFailure(errno: errno, "truncate", path)
        }
    }

    func reserve(_ range: Range<Int64>) {
        #if canImport(Glibc)
            // Only a hint: see the protocol. A file system that cannot, or is full, says so at the write.
            _ = fallocate(
                descriptor, FALLOC_FL_KEEP_SIZE, off_t(range.lowerBound),
                off_t(range.upperBound - range.lowerBound))
        #endif
    }

    func sync() throws(FileFailure) {
        #if canImport(Darwin)
            // A plain fsync there leaves the bytes in the drive's own cache.
            let result = retrying { fcntl(descriptor, F_FULLFSYNC) }
        #else
            let result = retrying { fdatasync(descriptor) }
        #endif
        guard result == 0 else { throw FileFailure(errno: errno, "sync", path) }
    }

    func dropCache() {
        #if canImport(Glibc)
            // Only a hint: see the protocol.
            _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }
}

extension FileFailure {
    init(errno number: Int32, _ operation: String, _ path: String) {
        self.init(operation: operation, path: path, number: number, reason: String(cString: strerror(number)))
    }

    /// Whether making room would help.
    package var isOutOfSpace: Bool { number == ENOSPC || number == EDQUOT }

    package var isMissing: Bool { number == ENOENT }
}

/// Calls again while a signal interrupts it.
private func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

private func systemOpen(_ path: String, _ flags: Int32, _ permissions: mode_t) -> Int32 {
    open(path, flags, permissions)
}

private func systemRename(_ source: String, _ target: String) -> Int32 { rename(source, target) }
