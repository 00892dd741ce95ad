// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A folder of an export that appears whole: it grows as `NAME.partial` and takes its name when everything is in it.
///
/// ```
/// NAME/  index.html  …  stele-export.json      the mark by which the next export knows that it may replace NAME
/// ```
public final class OutputFolder {
    /// The file that marks a folder as an export, which a later one may replace.
    public static let markName = "stele-export.json"

    /// Where the folder will stand.
    public let url: URL
    private let partial: URL
    private var files: [(path: String, bytes: Int64)] = []
    private var folders: Set<String> = []
    private var isFinished = false

    /// Begins the folder.
    ///
    /// - Throws: ``OutputError`` with `.occupied` when `url` holds anything but an earlier export.
    public init(at url: URL) throws(OutputError) {
        self.url = url
        partial = url.deletingLastPathComponent().appendingPathComponent(url.lastPathComponent + ".partial")
        guard Self.isReplaceable(url) else {
            throw OutputError(
                code: .occupied, subject: url.path, reason: "is there already and is not an earlier export",
                remedy: "Name another --out, or move it away.")
        }
        do {
            if FileManager.default.fileExists(atPath: partial.path) {
                try FileManager.default.removeItem(at: partial)
            }
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        } catch {
            throw OutputError(
                code: .inputOutput, subject: partial.path,
                reason: "cannot create: \(error.localizedDescription)",
                remedy: "Check that folder's existence and permissions.")
        }
    }

    deinit {
        guard !isFinished else { return }
        // Nobody can be told any more, and the next export removes what is left.
        try? FileManager.default.removeItem(at: partial)
    }

    /// Whether nothing would be lost by putting an export at `url`.
    private static func isReplaceable(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return true }
        guard isFolder.boolValue else { return false }
        if FileManager.default.fileExists(atPath: url.appendingPathComponent(markName).path) { return true }
        // A folder that cannot be listed is not known to be empty.
        return (try? FileManager.default.contentsOfDirectory(atPath: url.path))?.isEmpty ?? false
    }

    /// Begins a file of the folder; finish it through ``add(_:)``.
    ///
    /// The path is relative, its parts made of the exporter's own words: never a name out of a message.
    public func file(_ path: String) throws -> OutputFile {
        let url = partial.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return try OutputFile(at: url)
    }

    /// Finishes a file begun by ``file(_:)``.
    public func add(_ file: OutputFile) throws {
        let written = try file.finishContent()
        let path = String(written.url.path.dropFirst(partial.path.count + 1))
        files.append((path, written.bytes))
        // Every folder on the way down: each has a new name in it.
        var folder = path[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            folders.insert(String(folder))
        }
    }

    /// Copies a file into the folder.
    public func copy(_ source: URL, to path: String) throws {
        let file = try file(path)
        let handle = try FileHandle(forReadingFrom: source)
        defer { try? handle.close() }  // Only read from: nothing can be lost by a failing close.
        while let chunk = try handle.read(upToCount: 1 << 18), !chunk.isEmpty {
            try file.append { $0.append(contentsOf: chunk) }
        }
        try add(file)
    }

    /// Marks the folder as an export of `format` and gives it its name; returns its files, those at the top first.
    public func finish(format: String) throws -> [WrittenFile] {
        let mark = try file(Self.markName)
        try mark.append("{\"format\":\"\(format)\",\"files\":\(files.count)}\n")
        try add(mark)
        for folder in folders.sorted() { try Self.sync(partial.appendingPathComponent(folder)) }
        try Self.sync(partial)
        let old = url.deletingLastPathComponent().appendingPathComponent(url.lastPathComponent + ".old")
        let replaces = FileManager.default.fileExists(atPath: url.path)
        if replaces { guard rename(url.path, old.path) == 0 else { throw OutputError.system("rename", url) } }
        guard rename(partial.path, url.path) == 0 else { throw OutputError.system("rename", partial) }
        isFinished = true
        if replaces { try FileManager.default.removeItem(at: old) }
        try Self.sync(url.deletingLastPathComponent())
        let depth = { (path: String) in path.utf8.count { $0 == UInt8(ascii: "/") } }
        let ordered = files.sorted { (depth($0.path), $0.path) < (depth($1.path), $1.path) }
        return ordered.map { WrittenFile(url: url.appendingPathComponent($0.path), bytes: $0.bytes) }
    }

    /// Makes the names in a folder durable.
    static func sync(_ folder: URL) throws(OutputError) {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("sync", folder) }
    }
}
