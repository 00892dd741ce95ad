// SPDX-License-Identifier: Apache-2.0

extension DamageGenerator {
    /// Every damage that has no numbers to draw: each member and segment once, each pair of neighbours.
    package func structural() -> some Sequence<Damage?> {
        [segmentCases(), sideCases()].joined().lazy + segments.indices.lazy.flatMap { memberCases($0) }
    }

    private func memberCases(_ index: Int) -> [Damage?] {
        let members = segments[index].segment.members.indices
        return members.flatMap { place in
            [
                memberDropped(segment: index, place),
                membersSwapped(segment: index, place, min(place + 1, members.upperBound - 1)),
                memberCopied(segment: index, place, to: place + 1, fits: false),
                memberCopied(segment: index, place, to: place + 1, fits: true),
                memberCopied(segment: index, place, to: 0, fits: true),
                foreignMember(segment: index, place, fits: false, replaces: true),
                foreignMember(segment: index, place, fits: true, replaces: true),
                foreignMember(segment: index, place, fits: true, replaces: false),
                markAdded(segment: index, before: place, UInt8(ascii: "P")),
                markAdded(segment: index, before: place, UInt8(ascii: "E")),
            ]
        } + [gzipAppended(segment: index)]
    }

    private func segmentCases() -> [Damage?] {
        segments.indices.flatMap { index in
            let first = ArchiveImage.sequence(ofPath: segments[index].path)
            return [
                segmentDropped(index), segmentEmptied(index),
                segmentsSwapped(index, min(index + 1, segments.count - 1)),
                segmentCopied(index, as: first + 1, keeps: true),
                segmentCopied(index, as: first + 1, keeps: false),
                segmentCopied(index, as: good.recordCount, keeps: true),
                foreignSegment(min(index, foreignSegments.count - 1), as: first),
            ]
        } + [allSegmentsDropped()] + Self.strayNames.map(strayName)
    }

    private func sideCases() -> [Damage?] {
        let lock = good.files["lock"] ?? []
        let description = good.files["stele.json"] ?? []
        // One bit of every byte: there are few bytes, and the sums know no better and no worse bits.
        func flips(_ path: String, _ bytes: [UInt8]) -> [Damage?] {
            bytes.indices.map { place in
                var changed = bytes
                changed[place] ^= 1 << UInt8(place % 8)
                return sideDamage(path, changed, "bit \(place % 8) of byte \(place) flipped")
            }
        }
        return flips("lock", lock) + flips("stele.json", description) + [
            sideDamage("lock", nil, "removed"), sideDamage("stele.json", nil, "removed"),
        ]
    }
}
