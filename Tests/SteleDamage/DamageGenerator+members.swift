// SPDX-License-Identifier: Apache-2.0

import SteleTestSupport

/// Damage to whole members: all of it keeps every byte readable for `zcat`, and most of it every sum right.
extension DamageGenerator {
    private typealias Member = SegmentImage.Member

    func memberDamage(_ kind: DamageKind, using generator: inout SeededGenerator) -> Damage? {
        let index = generator.int(in: 0..<segments.count)
        let members = segments[index].segment.members
        let place = generator.int(in: 0..<members.count)
        switch kind {
        case .membersSwapped:
            return membersSwapped(segment: index, place, generator.int(in: 0..<members.count))
        case .memberDropped: return memberDropped(segment: index, place)
        case .memberRepeated:
            return memberCopied(
                segment: index, place, to: generator.int(in: 0..<members.count + 1), fits: false)
        case .memberMoved:
            return memberCopied(
                segment: index, place, to: generator.int(in: 0..<members.count + 1), fits: true)
        case .foreignMemberInserted:
            return foreignMember(segment: index, place, fits: generator.chance(oneIn: 2), replaces: false)
        case .foreignMemberInPlace:
            return foreignMember(segment: index, place, fits: generator.chance(oneIn: 2), replaces: true)
        case .markRemoved: return markRemoved(using: &generator)
        case .markAdded: return markAdded(segment: index, before: place, UInt8(ascii: "P"))
        case .endMarkAdded: return markAdded(segment: index, before: place, UInt8(ascii: "E"))
        default: return gzipAppended(segment: index)
        }
    }

    /// Two members of a segment, each in the other's place.
    package func membersSwapped(segment index: Int, _ first: Int, _ second: Int) -> Damage? {
        let (path, segment) = segments[index]
        var order = Array(segment.members.indices)
        order.swapAt(first, second)
        let between = segment.members[min(first, second)...max(first, second)].map(\.records)
        return changed(
            [path: order.flatMap { segment.bytes(of: segment.members[$0]) }],
            "\(path): members \(first) and \(second) swapped", touched: between, lost: between)
    }

    package func memberDropped(segment index: Int, _ place: Int) -> Damage? {
        let (path, segment) = segments[index]
        let member = segment.members[place]
        // The log may well have ended before its last member, and only `lock` knows better.
        var bytes = segment.bytes
        bytes.removeSubrange(member.range)
        return changed(
            [path: bytes], "\(path): member \(place) dropped", touched: [member.records],
            lost: [member.records])
    }

    /// A member standing a second time before another one; `fits` for a header changed to belong there.
    package func memberCopied(segment index: Int, _ from: Int, to place: Int, fits: Bool) -> Damage? {
        let (path, segment) = segments[index]
        let member = segment.members[from]
        var copy = segment.bytes(of: member)
        if fits { copy = Self.fitted(copy, segment, before: place) ?? copy }
        let offset =
            place < segment.members.count ? segment.members[place].range.lowerBound : segment.bytes.count
        var bytes = segment.bytes
        bytes.insert(contentsOf: copy, at: offset)
        var touched = [member.records]
        if place < segment.members.count { touched.append(segment.members[place].records) }
        if place > 0 { touched.append(segment.members[place - 1].records) }
        return changed(
            [path: bytes],
            "\(path): member \(from) repeated before member \(place)\(fits ? ", its header made to fit" : "")",
            touched: touched, lost: [])
    }

    /// The member of another archive that begins with the same record, in front of ours or in its place.
    package func foreignMember(segment index: Int, _ place: Int, fits: Bool, replaces: Bool) -> Damage? {
        let (path, segment) = segments[index]
        let member = segment.members[place]
        let foreign = foreignSegments.lazy.compactMap { other -> [UInt8]? in
            guard
                let found = other.segment.members.first(where: {
                    $0.first == member.first && $0.isMark == member.isMark
                })
            else { return nil }
            return other.segment.bytes(of: found)
        }.first
        guard var copy = foreign else { return nil }
        if fits { copy = Self.fitted(copy, segment, before: place) ?? copy }
        var bytes = segment.bytes
        let range = replaces ? member.range : member.range.lowerBound..<member.range.lowerBound
        bytes.replaceSubrange(range, with: copy)
        let before = place > 0 ? [segment.members[place - 1].records] : []
        return changed(
            [path: bytes],
            "\(path): a member of another archive \(replaces ? "in place of" : "before") member \(place)\(fits ? ", its header made to fit" : "")",
            touched: before + [member.records], lost: [member.records], isForgery: true)
    }

    private func markRemoved(using generator: inout SeededGenerator) -> Damage? {
        let marks = segments.indices.flatMap { index in
            segments[index].segment.members.indices
                .filter { segments[index].segment.members[$0].isMark }.map { (index, $0) }
        }
        let (index, place) = generator.pick(marks)
        return memberDropped(segment: index, place)
    }

    /// A mark before a member, correct in itself and to the member before it.
    package func markAdded(segment index: Int, before place: Int, _ kind: UInt8) -> Damage? {
        let (path, segment) = segments[index]
        let member = segment.members[place]
        guard var header = Header(segment.bytes, at: member.range.lowerBound) else { return nil }
        // An end mark stays as it is: its list of members belongs to it.
        header.kind = kind
        let mark = header.bytes + [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        var bytes = segment.bytes
        bytes.insert(contentsOf: mark, at: member.range.lowerBound)
        let before = place > 0 ? [segment.members[place - 1].records] : []
        return changed(
            [path: bytes], "\(path): a mark \(Character(Unicode.Scalar(kind))) added before member \(place)",
            touched: before + [member.records], lost: [])
    }

    /// A gzip member that every stock reader takes, at the end of the file.
    package func gzipAppended(segment index: Int) -> Damage? {
        let (path, segment) = segments[index]
        guard let last = segment.members.last else { return nil }
        return changed(
            [path: segment.bytes + Self.stockGzip], "\(path): a gzip member of another program appended",
            touched: [last.records], lost: [])
    }

    /// `printf '{"seq":0}\n' | gzip -n`.
    static let stockGzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xAB, 0x56, 0x2A, 0x4E, 0x2D, 0x54, 0xB2,
        0x32,
        0xA8, 0xE5, 0x02, 0x00, 0xFD, 0xF8, 0xB3, 0x00, 0x0A, 0x00, 0x00, 0x00,
    ]

    /// The member with a header that says what one between two members should: its place, and what stands before.
    private static func fitted(_ member: [UInt8], _ segment: SegmentImage, before place: Int) -> [UInt8]? {
        guard var header = Header(member, at: 0) else { return nil }
        let byteCount = header.byteCount
        if place < segment.members.count,
            let there = Header(segment.bytes, at: segment.members[place].range.lowerBound),
            there.sequence.nonzeroBitCount == header.sequence.nonzeroBitCount
        {
            header.sequence = there.sequence
        }
        if place > 0 {
            let before = segment.bytes(of: segment.members[place - 1])
            header.previousByteCount = before.count
            header.previousSum = GzipSum.of(before)
        } else {
            header.previousByteCount = 0
            header.previousSum = 0
        }
        return header.bytes + member[byteCount...]
    }
}
