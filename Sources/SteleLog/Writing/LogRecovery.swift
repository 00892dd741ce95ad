// SPDX-License-Identifier: Apache-2.0

/// What opening the log for writing had to cut or complete, because the last writer did not close it.
package struct LogRecovery: Hashable, Sendable, CustomStringConvertible {
    /// Path of the segment within the archive.
    package var segment: String
    /// Bytes cut from its end: a commit that was never acknowledged, unless ``isTorn`` says otherwise.
    package var cutByteCount: Int64 = 0
    /// What was wrong with the bytes that were cut.
    package var reason: String
    /// The next record's number: all records before it stand.
    package var end: SequenceNumber
    /// Acknowledged records that are not in the log any more: not the work of a torn write, but of damage.
    package var lostRecords = 0
    /// Where the cut bytes were kept, as evidence and for repair, when they are not what one torn write leaves.
    package var keptCopy: String?

    /// Whether nothing but a write that its writer did not live to finish was found: no acknowledged record is lost.
    package var isTorn: Bool { lostRecords == 0 && keptCopy == nil }

    /// What was found, in a few words.
    package var summary: String {
        if lostRecords > 0 { return "acknowledged records are missing from the end of the log" }
        if keptCopy != nil { return "bytes at the end of the log that no unfinished commit leaves were cut" }
        return cutByteCount > 0
            ? "the log ended in an unfinished commit, which was cut"
            : "the log was not closed by its last writer, and was closed now"
    }

    package var description: String {
        var text = "\(segment): the log ends at record \(end) after recovery"
        if cutByteCount > 0 {
            text +=
                isTorn
                ? "; \(cutByteCount) bytes of an unfinished commit were cut (\(reason))"
                : "; \(cutByteCount) bytes were cut (\(reason))"
        }
        if lostRecords > 0 { text += "; \(lostRecords) acknowledged records are missing" }
        if let keptCopy { text += "; the bytes cut are kept in \(keptCopy)" }
        return text
    }
}
