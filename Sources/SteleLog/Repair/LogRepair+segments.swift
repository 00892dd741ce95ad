// SPDX-License-Identifier: Apache-2.0

/// Writing segments as they are to be.
extension LogRepair {
    /// Writes the segments that a whole way makes up, and moves those away that it does without.
    mutating func put(_ members: [SurveyedMember], in region: DamagedRegion) throws(LogError) {
        var segments = SegmentAssembly.segments(of: members)
        if let last = segments.last, region.segments.contains(last.first), let tail = try tail(behind: last) {
            segments[segments.count - 1].parts.append(.raw(tail))
        }
        // Held open: one that is replaced may be needed for another, where two were swapped.
        var sources: [SequenceNumber: SegmentFile] = [:]
        for segment in segments {
            for member in segment.members where member.source == .own && member.segment != segment.first {
                if sources[member.segment] == nil {
                    sources[member.segment] = try SegmentFile(archive, member.segment)
                }
            }
        }
        for segment in segments { try put(segment, in: region, sources) }
        let names = Set(segments.map(\.first))
        for stray in region.segments where !names.contains(stray) { try moveAway(stray) }
    }

    mutating func moveAway(_ stray: SequenceNumber) throws(LogError) {
        let file = "log/" + Archive.segmentName(stray)
        report.repaired.append(
            RepairReport.Repair(
                file: file, sequence: stray.rawValue, what: "moved away: the log is whole without it",
                keptCopy: try folder.moveAway(file)))
    }

    /// What stays behind the log's last durable member, in our file: more of a running one, and records that were
    /// written when `lock` was not any more.
    private func tail(behind assembly: SegmentAssembly) throws(LogError) -> Range<Int64>? {
        guard let last = assembly.members.last, last.header.kind != .end else { return nil }
        let segment = try SegmentFile(archive, assembly.first)
        let size = try segment.size()
        if last.isOpen {
            let tail = assembly.byteCount..<max(assembly.byteCount, size)
            return try goesOn(last, with: tail, of: segment) ? tail : nil
        }
        guard last.source == .own, last.segment == assembly.first else { return nil }
        let end = last.range.upperBound
        let joint = MemberRoutes.Joint(behind: last)
        guard let place = try segment.header(at: end), joint.takes(place.header) else { return nil }
        return end..<size
    }

    /// Whether bytes of ours may stand behind a running member: more of it.
    private func goesOn(_ member: SurveyedMember, with tail: Range<Int64>, of segment: SegmentFile)
        throws(LogError)
        -> Bool
    {
        guard !tail.isEmpty else { return false }
        let source =
            switch member.source {
            case .own: try SegmentFile(archive, member.segment)
            case .copy: try copy.segment(member.segment)
            case .kept(let file): try folder.segment(file, member.segment)
            }
        var scan = MemberScan(member.header)
        func feed(_ file: SegmentFile, _ range: Range<Int64>) throws(LogError) {
            var offset = range.lowerBound
            while scan.state == .hungry, offset < range.upperBound {
                let piece = try file.bytes(at: offset, count: Int(min(256 * 1024, range.upperBound - offset)))
                guard !piece.isEmpty else { return }
                offset += Int64(piece.withUnsafeBytes { scan.feed($0) })
                while scan.takeCommits() != nil {}
            }
        }
        try feed(source, member.offset + Int64(member.header.byteCount)..<member.range.upperBound)
        try feed(segment, tail)
        if case .invalid = scan.state { return scan.next > member.end.next }
        return true
    }

    /// Writes a segment, unless ours is just so.
    mutating func put(
        _ assembly: SegmentAssembly, in region: DamagedRegion, _ sources: [SequenceNumber: SegmentFile] = [:]
    ) throws(LogError) {
        let file = "log/" + Archive.segmentName(assembly.first)
        if region.segments.contains(assembly.first),
            assembly.isOurs(byteCount: try SegmentFile(archive, assembly.first).size())
        {
            return
        }
        let (isDone, kept) = try folder.replace(
            file,
            write: { (target) throws(LogError) in try write(assembly, sources, to: target) },
            isAsWanted: { (target) throws(LogError) in try reads(target, as: assembly) })
        guard isDone else {
            report.refused.append(
                RepairReport.Refusal(
                    file: file, sequence: assembly.first.rawValue,
                    what: "what was written did not read back the same: the disk is not to be relied on"))
            return
        }
        let copied = assembly.copied
        for run in copied {
            guard let first = run.first, let last = run.last else { continue }
            let isWhole = assembly.members.allSatisfy { $0.source == first.source }
            report.repaired.append(
                RepairReport.Repair(
                    file: file, sequence: first.header.sequence.rawValue,
                    records: last.end.next.distance(from: first.header.sequence),
                    what: Self.text(run, isWhole: isWhole, isMissing: kept == nil),
                    source: path(of: first.source),
                    keptCopy: kept))
        }
        if copied.isEmpty {
            report.repaired.append(
                RepairReport.Repair(
                    file: file, sequence: assembly.first.rawValue,
                    what: "put in order: its members were all there", keptCopy: kept))
        }
    }

    /// Where members come from, as it is told; nil where they are ours.
    private func path(of source: SurveyedMember.Source) -> String? {
        switch source {
        case .own: nil
        case .copy: copy.path
        case .kept(let file): file
        }
    }

    private static func text(_ run: [SurveyedMember], isWhole: Bool, isMissing: Bool) -> String {
        if isWhole { return isMissing ? "the segment was missing" : "the whole segment was replaced" }
        let lines = run.filter { $0.header.kind == .lines }.count
        if lines == 0 { return "a mark was put back" }
        return lines == 1 ? "a member was put back" : "\(lines) members were put back"
    }

    private func write(
        _ assembly: SegmentAssembly, _ sources: [SequenceNumber: SegmentFile], to target: any OpenFile
    ) throws(LogError) {
        // Ours under this name, as it is now; none when it is missing.
        let own =
            archive.files.exists(archive.segmentPath(assembly.first))
            ? try SegmentFile(archive, assembly.first) : nil

        var offset: Int64 = 0
        for part in assembly.parts {
            let source: SegmentFile?
            let range: Range<Int64>
            switch part {
            case .raw(let bytes): (source, range) = (own, bytes)
            case .member(let member):
                range = member.range
                switch member.source {
                case .copy: source = try copy.segment(member.segment)
                case .kept(let file): source = try folder.segment(file, member.segment)
                case .own: source = member.segment == assembly.first ? own : sources[member.segment]
                }
            }
            guard let source else { preconditionFailure("a part of ours comes from a file of ours") }
            do throws(FileFailure) {
                try RepairFolder.copy(source.file, range, to: target, at: offset)
            } catch {
                throw LogError(error)
            }
            offset += part.byteCount
        }
    }

    /// Whether the members found in the file are those meant to be there.
    private func reads(_ file: any OpenFile, as assembly: SegmentAssembly) throws(LogError) -> Bool {
        let found = try SegmentSurvey(
            segment: SegmentFile(file: file, first: assembly.first), source: .own, published: published
        ).members()
        let sums = Set(found.map(\.crc))
        return assembly.parts.count == assembly.members.count
            ? found.map(\.crc) == assembly.members.map(\.crc)
            : assembly.members.allSatisfy { sums.contains($0.crc) }
    }
}
