// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file to import, and what its name says of it.
struct ImportFile: Hashable {
    enum Content: Hashable {
        /// JSON Lines, for certain.
        case lines
        /// JSON in a form that a look into it tells.
        case json
        /// The content of the attachment with this UUID.
        case attachment(uuid: String)
    }

    let path: String
    let content: Content
    let isGzip: Bool
    let bytes: Int64

    /// What a file's name says; nil for a file that has no place in an import of a whole folder.
    static func content(ofName name: String) -> (content: Content, isGzip: Bool)? {
        let lower = name.lowercased()
        let isGzip = lower.hasSuffix(".gz")
        let bare = isGzip ? String(lower.dropLast(3)) : lower
        if bare.hasSuffix(".jsonl") || bare.hasSuffix(".ndjson") { return (.lines, isGzip) }
        if bare.hasSuffix(".json") || isGzip { return (.json, isGzip) }
        let stem = lower.prefix { $0 != "." }
        return UUID(uuidString: String(stem)).map { (.attachment(uuid: $0.uuidString.lowercased()), false) }
    }

    /// A session's name where the payload gives none: the file's, without folders and extensions.
    var stem: String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.prefix { $0 != "." })
    }
}

/// Finds the files of an import.
///
/// A path given is followed wherever it leads; inside a folder, names that start with a dot and links that leave
/// the folder are passed over, and so is whatever is neither JSON nor named by a UUID.
enum ImportFileSearch {
    /// - Returns: Files in the order of the paths given; those of a folder by the bytes of their paths.
    /// - Throws: ``ImportError`` for a path that is not there or cannot be listed.
    static func files(at paths: [String]) throws(ImportError) -> [ImportFile] {
        var files: [ImportFile] = []
        for path in paths {
            guard let status = Status(path) else {
                throw ImportError(
                    code: .notFound, path: path, reason: "no such file or folder",
                    remedy: "Give the path of a .json, .jsonl or .gz file, or of a folder with such files.")
            }
            switch status.kind {
            case .folder:
                // The path answered a moment ago; without its real name nothing could be told to be outside.
                guard let root = realPath(path) else { throw unlistable(path) }
                try search(path, root: root, into: &files)
            case .file:
                let name = ImportFile.content(ofName: lastComponent(path)) ?? (.json, false)
                files.append(
                    ImportFile(path: path, content: name.content, isGzip: name.isGzip, bytes: status.bytes))
            case .other:
                throw ImportError(
                    code: .unreadable, path: path, reason: "neither a file nor a folder",
                    remedy: "Copy what it gives into a file first.")
            }
        }
        return files
    }

    private static func search(_ folder: String, root: String, into files: inout [ImportFile])
        throws(ImportError)
    {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw unlistable(folder)
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            let isLink = Status(path, followingLinks: false)?.isLink ?? true
            // A link to a folder inside would bring the same files twice, or never end.
            guard let status = Status(path), !isLink || status.kind == .file && leads(path, into: root) else {
                continue
            }
            switch status.kind {
            case .folder: try search(path, root: root, into: &files)
            case .file:
                guard let found = ImportFile.content(ofName: name) else { continue }
                files.append(
                    ImportFile(path: path, content: found.content, isGzip: found.isGzip, bytes: status.bytes))
            case .other: continue
            }
        }
    }

    private static func leads(_ path: String, into root: String) -> Bool {
        guard let real = realPath(path) else { return false }
        return real.hasPrefix(root.hasSuffix("/") ? root : root + "/")
    }

    private static func unlistable(_ path: String) -> ImportError {
        ImportError(
            code: .unreadable, path: path, reason: "the folder cannot be listed",
            remedy: "Check that this user may read it.")
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// What the file system says of a path.
    private struct Status {
        enum Kind { case file, folder, other }
        let kind: Kind
        let isLink: Bool
        let bytes: Int64

        init?(_ path: String, followingLinks: Bool = true) {
            var status = stat()
            guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
            let type = status.st_mode & S_IFMT
            kind = type == S_IFREG ? .file : type == S_IFDIR ? .folder : .other
            isLink = type == S_IFLNK
            bytes = Int64(status.st_size)
        }
    }
}
