// SPDX-License-Identifier: Apache-2.0

/// Puts files of an archive in their places and keeps what was there.
///
/// At any instant a crash leaves either the file as it was or the new one, whole and durable, and what was there
/// before lies in `damaged/` before it goes.
struct RepairFolder {
    private let archive: Archive

    init(_ archive: Archive) { self.archive = archive }

    private var files: any FileSystem { archive.files }
    private var damagedPath: String { archive.path + "/damaged" }

    /// Makes a file that `write` fills.
    ///
    /// - Parameters:
    ///   - file: Path within the archive; what stands there is kept first.
    ///   - write: Writes all bytes.
    ///   - isAsWanted: Reads them back from the disk; false gives up, and leaves everything as it was.
    /// - Returns: Where the file that was there is kept, within the archive, nil when there was none; and whether the
    ///   new one was put in its place.
    /// - Throws: ``LogError`` when a file cannot be read or written; what was there still is then.
    func replace(
        _ file: String, write: (any OpenFile) throws(LogError) -> Void,
        isAsWanted: (any OpenFile) throws(LogError) -> Bool
    ) throws(LogError) -> (isDone: Bool, keptCopy: String?) {
        let path = archive.path + "/" + file
        let folder = Self.folder(of: path)
        let partial = path + ".partial"
        let new = try attempt { () throws(FileFailure) in
            try makeFolder(folder)
            return try files.open(partial, .create(isPrivate: false))
        }
        do throws(LogError) {
            try write(new)
            try attempt { () throws(FileFailure) in try new.sync() }
            // From the disk, not from what was just written.
            new.dropCache()
            guard try isAsWanted(new) else {
                try attempt { () throws(FileFailure) in try files.remove(partial) }
                return (false, nil)
            }
            return try attempt { () throws(FileFailure) in
                let kept = try keepCopy(of: file)
                try files.rename(partial, to: path)
                try files.syncFolder(folder)
                return (true, kept)
            }
        } catch {
            // The first failure is the one to tell; what is left bears no name that anybody reads.
            try? files.remove(partial)
            throw error
        }
    }

    private func attempt<Value>(_ body: () throws(FileFailure) -> Value) throws(LogError) -> Value {
        do throws(FileFailure) { return try body() } catch { throw LogError(error) }
    }

    /// Takes a file that does not belong out of its folder.
    ///
    /// - Returns: Where it is kept, within the archive.
    func moveAway(_ file: String) throws(LogError) -> String {
        do throws(FileFailure) {
            let kept = try freeName(for: file)
            let path = archive.path + "/" + file
            try files.rename(path, to: archive.path + "/" + kept)
            // The new name first: with both gone, the file would be.
            try files.syncFolder(damagedPath)
            try files.syncFolder(Self.folder(of: path))
            return kept
        } catch {
            throw LogError(error)
        }
    }

    private func keepCopy(of file: String) throws(FileFailure) -> String? {
        let path = archive.path + "/" + file
        guard files.exists(path) else { return nil }
        let kept = try freeName(for: file)
        let partial = archive.path + "/" + kept + ".partial"
        let copy = try files.open(partial, .create(isPrivate: false))
        try Self.copy(try files.open(path, .read), nil, to: copy, at: 0)
        try copy.sync()
        try files.rename(partial, to: archive.path + "/" + kept)
        try files.syncFolder(damagedPath)
        return kept
    }

    /// Files in `damaged/` that were segments, or parts of some: path within the archive, and the name they had.
    func keptSegments() throws(LogError) -> [(file: String, first: SequenceNumber)] {
        guard files.exists(damagedPath) else { return [] }
        do throws(FileFailure) {
            return try files.names(in: damagedPath).sorted().compactMap { name in
                guard !name.hasSuffix(".partial"),
                    let end = name.firstRange(of: Archive.segmentSuffix)?.upperBound,
                    let first = Archive.segment(named: String(name[..<end]))
                else { return nil }
                return ("damaged/" + name, first)
            }
        } catch {
            throw LogError(error)
        }
    }

    /// One of them.
    func segment(_ file: String, _ first: SequenceNumber) throws(LogError) -> SegmentFile {
        try attempt { () throws(FileFailure) in
            SegmentFile(file: try files.open(archive.path + "/" + file, .read), first: first)
        }
    }

    /// A name in `damaged/` that nothing has, in a folder that is there for good.
    private func freeName(for file: String) throws(FileFailure) -> String {
        try makeFolder(damagedPath)
        let name = String(file.split(separator: "/").last ?? "file")
        var number = 1
        while files.exists("\(damagedPath)/\(name).before-repair-\(number)") { number += 1 }
        return "damaged/\(name).before-repair-\(number)"
    }

    /// Makes a folder of the archive, and those above it, for good.
    private func makeFolder(_ path: String) throws(FileFailure) {
        guard !files.exists(path), path.count > archive.path.count else { return }
        let above = Self.folder(of: path)
        try makeFolder(above)
        try files.makeFolder(path)
        try files.syncFolder(above)
    }

    /// Copies bytes in pieces; `range` nil for all there are.
    static func copy(_ source: any OpenFile, _ range: Range<Int64>?, to target: any OpenFile, at start: Int64)
        throws(FileFailure)
    {
        let size = try source.size()
        let range = range ?? 0..<size
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try source.bytes(at: offset, count: Int(min(1 << 20, range.upperBound - offset)))
            guard !piece.isEmpty else {
                throw FileFailure(
                    operation: "read", path: source.path, number: 0,
                    reason: "the file became shorter meanwhile")
            }
            try target.write(piece, at: start + offset - range.lowerBound)
            offset += Int64(piece.count)
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
