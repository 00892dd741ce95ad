// SPDX-License-Identifier: Apache-2.0

import SteleTestSupport

/// Damage to whole files.
extension DamageGenerator {
    func segmentDamage(_ kind: DamageKind, using generator: inout SeededGenerator) -> Damage? {
        let index = generator.int(in: 0..<segments.count)
        switch kind {
        case .segmentDropped: return segmentDropped(index)
        case .allSegmentsDropped: return allSegmentsDropped()
        case .segmentsSwapped: return segmentsSwapped(index, generator.int(in: 0..<segments.count))
        case .segmentRepeated: return segmentCopied(index, as: newName(using: &generator), keeps: true)
        case .segmentRenamed: return segmentCopied(index, as: newName(using: &generator), keeps: false)
        case .segmentEmptied: return segmentEmptied(index)
        case .foreignSegmentInserted:
            return foreignSegment(
                generator.int(in: 0..<foreignSegments.count), as: newName(using: &generator))
        case .foreignSegmentInPlace:
            return foreignSegment(min(index, foreignSegments.count - 1), as: first(index))
        default: return strayName(generator.pick(Self.strayNames))
        }
    }

    /// Names that match what `zcat log/*.jsonl.gz` reads, and are no segment's.
    package static let strayNames = [
        "42.jsonl.gz", "000000000042 (1).jsonl.gz", "copy of 000000000000.jsonl.gz", "x.jsonl.gz",
        "0000000000042.jsonl.gz", "00000000002a.jsonl.gz", "99999999999999999999999.jsonl.gz",
    ]

    private func first(_ index: Int) -> UInt64 { ArchiveImage.sequence(ofPath: segments[index].path) }

    private func records(_ index: Int) -> Range<UInt64> {
        first(index)..<(index + 1 < segments.count ? first(index + 1) : good.recordCount)
    }

    /// A number no segment has: within one, or after all.
    private func newName(using generator: inout SeededGenerator) -> UInt64 {
        let names = Set(segments.indices.map(first))
        while true {
            let number = UInt64(generator.int(in: 0..<Int(good.recordCount) + 200))
            if !names.contains(number) { return number }
        }
    }

    /// The records that a file of this number may hide: of the segment it stands in, or of the last.
    private func around(_ number: UInt64) -> [Range<UInt64>] {
        let all = segments.indices.map(records)
        return all.filter { $0.contains(number) || $0.upperBound == number }
            + (number > good.recordCount ? all.suffix(1) : [])
    }

    package func segmentDropped(_ index: Int) -> Damage? {
        changed(
            [segments[index].path: nil], "\(segments[index].path) dropped", touched: [records(index)],
            lost: [records(index)])
    }

    package func allSegmentsDropped() -> Damage? {
        let files = Dictionary(uniqueKeysWithValues: segments.map { ($0.path, [UInt8]?.none) })
        let all = 0..<good.recordCount
        return changed(files, "all segments dropped", touched: [all], lost: [all])
    }

    package func segmentsSwapped(_ first: Int, _ second: Int) -> Damage? {
        guard first != second else { return nil }
        let both = [records(first), records(second)]
        return changed(
            [
                segments[first].path: segments[second].segment.bytes,
                segments[second].path: segments[first].segment.bytes,
            ], "\(segments[first].path) and \(segments[second].path) swapped", touched: both, lost: both)
    }

    /// A segment under another name too, or instead.
    package func segmentCopied(_ index: Int, as number: UInt64, keeps: Bool) -> Damage? {
        var files: [String: [UInt8]?] = [ArchiveImage.path(number): segments[index].segment.bytes]
        if !keeps { files[segments[index].path] = [UInt8]?.none }
        // Where a file stands that does not belong there, the records round its number may be hidden by it.
        let around = around(number)
        return changed(
            files,
            "\(segments[index].path) \(keeps ? "repeated" : "renamed") as \(ArchiveImage.path(number))",
            touched: [records(index), number..<number] + around, lost: keeps ? [] : [records(index)])
    }

    package func segmentEmptied(_ index: Int) -> Damage? {
        changed(
            [segments[index].path: []], "\(segments[index].path) emptied", touched: [records(index)],
            lost: [records(index)])
    }

    /// A segment of another archive, under a number of its own or in the place of one of ours.
    package func foreignSegment(_ index: Int, as number: UInt64) -> Damage? {
        let place = segments.indices.first { first($0) == number }
        let around = around(number)
        return changed(
            [ArchiveImage.path(number): foreignSegments[index].segment.bytes],
            "a segment of another archive as \(ArchiveImage.path(number))",
            touched: [number..<number] + around, lost: place.map { [records($0)] } ?? [], isForgery: true)
    }

    package func strayName(_ name: String) -> Damage? {
        changed(
            ["log/" + name: segments[0].segment.bytes], "log/\(name) added", touched: [], lost: [])
    }

    // MARK: - Beside the log

    func sideDamage(_ kind: DamageKind, using generator: inout SeededGenerator) -> Damage? {
        let path = kind.rawValue.hasPrefix("lock") ? "lock" : "stele.json"
        var bytes = good.files[path] ?? []
        switch kind {
        case .lockFlipped, .descriptionFlipped:
            let bit = generator.int(in: 0..<bytes.count * 8)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            return sideDamage(path, bytes, "bit \(bit) flipped")
        case .lockRemoved: return sideDamage(path, nil, "removed")
        default:
            let count = generator.int(in: 0..<bytes.count)
            return sideDamage(path, Array(bytes.prefix(count)), "cut to \(count) bytes")
        }
    }

    /// `lock` or `stele.json` with other content, or none.
    package func sideDamage(_ path: String, _ bytes: [UInt8]?, _ what: String) -> Damage? {
        changed([path: bytes], "\(path): \(what)", touched: [], lost: [])
    }
}
