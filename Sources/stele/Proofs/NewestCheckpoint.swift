// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog

/// The newest checkpoint that an archive keeps, as `stele status` tells of it.
struct NewestCheckpoint {
    let size: UInt64
    let root: TreeHash
    /// When its file was written: a copy of the archive may have lost that.
    let at: Instant

    /// Nil when none is kept.
    init?(_ archive: Archive) throws {
        let kept = KeptCheckpoints(archive)
        guard let size = try kept.sizes().last, let note = try kept.note(size) else { return nil }
        let path = archive.path + "/" + KeptCheckpoints.file(size)
        let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        self.size = size
        root = note.checkpoint.root
        at = Instant(microseconds: Int64((written ?? .distantPast).timeIntervalSince1970 * 1_000_000))
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("size", size)
        line.add("root", root.base64)
        line.add("at", "\(at)")
        return line
    }

    /// As a line of text, for a log that has so many records now.
    func text(records: UInt64) -> String {
        "of \(size) records, \(at.rfc3339(.milliseconds)); \(records - min(records, size)) since"
    }
}
