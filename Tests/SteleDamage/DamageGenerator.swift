// SPDX-License-Identifier: Apache-2.0

package import SteleTestSupport

/// Damages a good archive in ways that a seed repeats.
package struct DamageGenerator: Sendable {
    let good: ArchiveImage
    /// Another archive whose members lie at the same sequences.
    let foreign: ArchiveImage
    /// Whether a writer goes on writing where the log ends.
    let isLive: Bool
    let segments: [(path: String, segment: SegmentImage)]
    let foreignSegments: [(path: String, segment: SegmentImage)]

    /// - Parameters:
    ///   - trial: Without damage.
    ///   - foreign: Without damage too, and not of the same archive.
    package init(_ trial: TrialArchive, foreign: ArchiveImage) {
        good = trial.image
        isLive = trial.state == .live
        self.foreign = foreign
        segments = good.segments()
        foreignSegments = foreign.segments()
    }

    /// A damage of a kind; nil when what the generator drew changes nothing.
    package func damage(
        _ kind: DamageKind, using generator: inout SeededGenerator
    ) -> Damage? {
        switch kind {
        case .bitFlipped, .bytesZeroed, .bytesInserted, .bytesRemoved, .tailCut, .tailAppended:
            bytesDamage(kind, using: &generator)
        case .membersSwapped, .memberDropped, .memberRepeated, .memberMoved, .foreignMemberInserted,
            .foreignMemberInPlace, .markRemoved, .markAdded, .endMarkAdded, .gzipAppended:
            memberDamage(kind, using: &generator)
        case .segmentDropped, .allSegmentsDropped, .segmentsSwapped, .segmentRepeated, .segmentRenamed,
            .segmentEmptied, .foreignSegmentInserted, .foreignSegmentInPlace, .strayNameAdded:
            segmentDamage(kind, using: &generator)
        case .lockFlipped, .lockCut, .lockRemoved, .descriptionFlipped, .descriptionCut:
            sideDamage(kind, using: &generator)
        }
    }

    // MARK: - Bytes

    private func bytesDamage(_ kind: DamageKind, using generator: inout SeededGenerator) -> Damage? {
        // The last segment, which holds the running member, as often as all others together.
        let index = generator.chance(oneIn: 2) ? segments.count - 1 : generator.int(in: 0..<segments.count)
        let count = segments[index].segment.bytes.count
        let place = generator.int(in: 0..<count)
        switch kind {
        case .bitFlipped: return bitFlipped(segment: index, bit: generator.int(in: 0..<count * 8))
        case .bytesZeroed:
            let size = generator.pick([512, 4096])
            let start = generator.chance(oneIn: 2) ? place / size * size : place
            return bytesReplaced(
                segment: index, start..<min(count, start + size), with: nil, "\(size) bytes zeroed")
        case .bytesInserted:
            let bytes = generator.bytes(generator.pick([1, 2, 7, 512]))
            return bytesReplaced(segment: index, place..<place, with: bytes, "\(bytes.count) bytes inserted")
        case .bytesRemoved:
            let end = min(count, place + generator.pick([1, 2, 7, 512]))
            return bytesReplaced(segment: index, place..<end, with: [], "\(end - place) bytes removed")
        case .tailCut: return tailCut(segment: index, byteCount: generator.int(in: 1..<min(4096, count) + 1))
        default:
            let bytes = generator.chance(oneIn: 2) ? generator.bytes(300) : [UInt8](repeating: 0, count: 4096)
            // Where a writer may go on, empty blocks are what one leaves that was killed as it did.
            if segments[index].segment.members.last?.kind == UInt8(ascii: "P"), bytes[0] == 0 { return nil }
            return bytesReplaced(segment: index, count..<count, with: bytes, "\(bytes.count) bytes appended")
        }
    }

    /// One bit of a segment, counted from the file's start.
    package func bitFlipped(segment index: Int, bit: Int) -> Damage? {
        let byte = segments[index].segment.bytes[bit / 8] ^ (1 << UInt8(bit % 8))
        return bytesReplaced(segment: index, bit / 8..<bit / 8 + 1, with: [byte], "bit \(bit) flipped")
    }

    /// The last bytes of a segment gone.
    package func tailCut(segment index: Int, byteCount: Int) -> Damage? {
        let count = segments[index].segment.bytes.count
        return bytesReplaced(
            segment: index, count - byteCount..<count, with: [], "\(byteCount) bytes cut from its end")
    }

    /// Bytes of a segment replaced; nil for as many zeros.
    private func bytesReplaced(
        segment index: Int, _ range: Range<Int>, with new: [UInt8]?, _ what: String
    ) -> Damage? {
        let (path, segment) = segments[index]
        var bytes = segment.bytes
        bytes.replaceSubrange(range, with: new ?? [UInt8](repeating: 0, count: range.count))
        // Bytes put between two members, or after the last, lie against both.
        let touched = segment.members.filter {
            range.isEmpty
                ? $0.range.lowerBound <= range.lowerBound && range.lowerBound <= $0.range.upperBound
                : $0.range.overlaps(range)
        }
        let hit = segment.members.filter {
            range.isEmpty
                ? $0.range.lowerBound < range.lowerBound && range.lowerBound < $0.range.upperBound
                : $0.range.overlaps(range)
        }
        return changed(
            [path: bytes], "\(path), byte \(range.lowerBound): \(what)", touched: touched.map(\.records),
            lost: hit.map(\.records))
    }

    // MARK: - What all kinds end in

    /// Nil when nothing is different; a file whose content is nil is removed.
    func changed(
        _ files: [String: [UInt8]?], _ description: String, touched: [Range<UInt64>], lost: [Range<UInt64>],
        isForgery: Bool = false
    ) -> Damage? {
        var image = good
        image.isGood = false
        for (path, bytes) in files { image.files[path] = bytes }
        let paths = Set(files.keys).filter { image.files[$0] != good.files[$0] }
        guard !paths.isEmpty else { return nil }
        guard let hidden = hiddenTail(of: image) else { return nil }
        return Damage(
            description: description, image: image, files: paths, touched: touched + hidden,
            lost: isLive ? lost + hidden : lost, isForgery: isForgery)
    }

    /// The records that stand behind the log's end because bytes were put before them.
    ///
    /// A log that its writer has not closed ends at a byte: what lies past it is torn, or the writer's to write over.
    ///
    /// - Returns: Nil when the damage lies there as a whole, where nobody reads.
    private func hiddenTail(of image: ArchiveImage) -> [Range<UInt64>]? {
        guard let (path, segment) = segments.last, segment.members.last?.isMark == false,
            let bytes = image.files[path]
        else { return [] }
        let end = segment.bytes.count
        let moved = bytes.count - end
        if moved > 0, bytes.prefix(end).elementsEqual(segment.bytes) { return nil }
        return segment.members.filter { $0.range.upperBound > end - moved }.map(\.records)
            + (moved < 0 ? segment.members.suffix(1).map(\.records) : [])
    }
}
