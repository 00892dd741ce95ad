// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The files of an archive that its record stands on, in memory: `log/…`, `lock`, `stele.json`.
package struct ArchiveImage: Sendable {
    /// Content by path within the archive.
    package var files: [String: [UInt8]] = [:]
    /// Records in it.
    package let recordCount: UInt64
    /// Whether nothing in it was damaged.
    package var isGood = true

    package init(_ folder: URL, recordCount: UInt64) throws {
        self.recordCount = recordCount
        for name in ["lock", "stele.json"] {
            files[name] = [UInt8](try Data(contentsOf: folder.appending(path: name)))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "log").path) {
            files["log/" + name] = [UInt8](try Data(contentsOf: folder.appending(path: "log/" + name)))
        }
    }

    /// Paths of the segments, in order.
    package var segmentPaths: [String] { files.keys.filter { $0.hasPrefix("log/") }.sorted() }

    /// The segments cut into their members; only for an image without damage.
    package func segments() -> [(path: String, segment: SegmentImage)] {
        let paths = segmentPaths
        return paths.enumerated().map { index, path in
            let end = index + 1 < paths.count ? Self.sequence(ofPath: paths[index + 1]) : recordCount
            return (path, SegmentImage(files[path] ?? [], end: end))
        }
    }

    /// `log/000000000042.jsonl.gz` for 42.
    package static func path(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return "log/" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + ".jsonl.gz"
    }

    /// The number in a segment's name.
    package static func sequence(ofPath path: String) -> UInt64 {
        UInt64(path.dropFirst("log/".count).prefix { $0.isASCII && $0.isNumber }) ?? 0
    }

    /// Makes the files in `folder` those of this image, whatever is there.
    package func write(in folder: URL) throws {
        let log = folder.appending(path: "log")
        if FileManager.default.fileExists(atPath: log.path) { try FileManager.default.removeItem(at: log) }
        try FileManager.default.createDirectory(at: log, withIntermediateDirectories: true)
        for name in ["lock", "stele.json"] where files[name] == nil {
            let place = folder.appending(path: name)
            if FileManager.default.fileExists(atPath: place.path) {
                try FileManager.default.removeItem(at: place)
            }
        }
        for (path, bytes) in files { try Data(bytes).write(to: folder.appending(path: path)) }
    }

    /// Makes the files in `folder` those of this image, where they are those of `other` now.
    package func write(over other: ArchiveImage, in folder: URL) throws {
        for path in Set(files.keys).union(other.files.keys).sorted() {
            let place = folder.appending(path: path)
            guard files[path] != other.files[path] else { continue }
            // A writer holds the file, not its name: a file taken away comes back as the same one.
            let away = place.appendingPathExtension("away")
            if let bytes = files[path] {
                if FileManager.default.fileExists(atPath: away.path) {
                    try FileManager.default.moveItem(at: away, to: place)
                }
                // In place, as a disk does: a writer that has the file open sees it too.
                try Data(bytes).write(to: place)
            } else if other.isGood {
                try FileManager.default.moveItem(at: place, to: away)
            } else {
                try FileManager.default.removeItem(at: place)
            }
        }
    }
}
