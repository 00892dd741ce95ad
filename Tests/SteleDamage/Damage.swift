// SPDX-License-Identifier: Apache-2.0

/// An archive in which something was changed, and where.
package struct Damage: Sendable, CustomStringConvertible {
    package let description: String
    package let image: ArchiveImage
    /// Files that were changed, added or removed.
    package let files: Set<String>
    /// The records of every member that was changed, moved, added or removed; an empty range for a mark.
    ///
    /// Nil when no record is concerned.
    package let touched: [Range<UInt64>]
    /// Records that readers may not give any more; all others they must.
    package let lost: [Range<UInt64>]
    /// Whether members fit each other and only the tree tells that they are not the ones that were written.
    ///
    /// A reader does not hash, and may give such records.
    package var isForgery = false
}

/// What can happen to an archive.
package enum DamageKind: String, CaseIterable, Sendable {
    // Bytes
    case bitFlipped, bytesZeroed, bytesInserted, bytesRemoved, tailCut, tailAppended
    // Members
    case membersSwapped, memberDropped, memberRepeated, memberMoved, foreignMemberInserted,
        foreignMemberInPlace
    case markRemoved, markAdded, endMarkAdded, gzipAppended
    // Segments
    case segmentDropped, allSegmentsDropped, segmentsSwapped, segmentRepeated, segmentRenamed, segmentEmptied
    case foreignSegmentInserted, foreignSegmentInPlace, strayNameAdded
    // Beside the log
    case lockFlipped, lockCut, lockRemoved, descriptionFlipped, descriptionCut
}
