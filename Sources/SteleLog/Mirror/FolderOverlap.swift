// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How two folders lie to each other, whatever links and mounts lead there.
package struct FolderOverlap: Hashable, Sendable {
    /// Whether they are one folder, or one lies within the other.
    package let isOverlap: Bool
    /// Whether losing one disk would lose both.
    package let isSameFileSystem: Bool

    /// - Parameters:
    ///   - one: A full path; the folder exists.
    ///   - other: A full path; the folder may be still to be made.
    package init(_ one: String, _ other: String) {
        let first = Self.chain(one)
        let second = Self.chain(other)
        let isOtherThere = Self.identity(other) != nil
        isOverlap =
            first.first.map(second.contains) ?? false
            || (isOtherThere && second.first.map(first.contains) ?? false)
        isSameFileSystem = first.first?.device == second.first?.device
    }

    private struct Identity: Hashable {
        var device: UInt64
        var number: UInt64
    }

    private static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// The deepest folder of `path` that exists, and all above it.
    private static func chain(_ path: String) -> [Identity] {
        var path = path
        while identity(path) == nil, let slash = path.lastIndex(of: "/") {
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        guard
            var real = realpath(path, nil).map({ pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            })
        else { return [] }
        var chain: [Identity] = []
        while let identity = identity(real) {
            chain.append(identity)
            guard real.count > 1, let slash = real.lastIndex(of: "/") else { break }
            real = slash == real.startIndex ? "/" : String(real[..<slash])
        }
        return chain
    }
}
