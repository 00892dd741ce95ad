// SPDX-License-Identifier: Apache-2.0

/// Puts back what is damaged or missing in a log, from a second copy.
///
/// ```
/// ours    ── member ── member ──▒▒▒▒▒▒▒▒── member ── end │ next segment
///                     frontier ┘        └ frontier
/// copy    ── member ── member ── member ── member ── end │
///                                   └ taken when it leads from the one to the other
/// ```
///
/// Exactly the damaged members are taken. Where the copy was compressed otherwise, its members fit none of ours, and
/// the whole segment is taken. Either way it must lead from a state of the log that stands to another one: what is
/// forged or damaged in the copy does not, and ours is left as it is. Members of ours that were moved, and bytes put
/// between them, are put right without the copy; so are those that lie in `damaged`, where a repair was interrupted.
///
/// Holds the writer's lock for as long as it is kept. A crash leaves each file as it was or as it should be.
package struct LogRepair {
    let archive: Archive
    let copy: SecondCopy
    let published: DurableEnd?
    let lock: WriterLock
    /// Whether `lock` was as its writer left it.
    let wasLockWhole: Bool
    let folder: RepairFolder
    var report = RepairReport()

    /// Takes the writer's lock.
    ///
    /// - Throws: ``LogError`` with `.lockedByAnotherProcess`, naming the writer that lives.
    package init(_ archive: Archive, from copy: SecondCopy) throws(LogError) {
        self.archive = archive
        self.copy = copy
        wasLockWhole = try ArchiveCheck(archive).isLockWhole()
        lock = try WriterLock(archive)
        published = lock.publishedBefore
        folder = RepairFolder(archive)
    }

    /// Repairs all that the copy has a remedy for.
    ///
    /// - Returns: What was put back, and what not.
    /// - Throws: ``LogError`` when a file cannot be read or written. What was put back until then stays so.
    package mutating func run() throws(LogError) -> RepairReport {
        do throws(FileFailure) {
            try archive.files.makeFolder(archive.logPath)
            try archive.files.syncFolder(archive.path)
        } catch {
            throw LogError(error)
        }
        try moveStrangers()
        let outlines = try outlines()
        let (regions, strays) = DamagedRegion.find(outlines, published: published)
        for stray in strays { try moveAway(stray) }
        for region in regions { try repair(region, outlines) }
        try repairDescription()
        try repairLock()
        return report
    }

    // MARK: - What is wrong

    /// All our segments, and of each whether something is wrong in it.
    private func outlines() throws(LogError) -> [DamagedRegion.Outline] {
        let bad = Set(try verify().problems.map(\.segment))
        var outlines: [DamagedRegion.Outline] = []
        for first in try archive.segments() {
            let segment = try SegmentFile(archive, first)
            let end = try segment.mark(endingAt: try segment.size())
            outlines.append(
                DamagedRegion.Outline(
                    first: first, isGood: !bad.contains(segment.name),
                    start: try segment.header(at: 0).map { LogState(before: $0.header) },
                    end: end.flatMap { $0.header.kind == .end ? LogState(before: $0.header) : nil }))
        }
        return outlines
    }

    func verify() throws(LogError) -> LogVerification {
        var verifier = LogVerifier(archive)
        // Nobody writes: the lock is ours.
        verifier.sighting = .noWriter(last: published)
        return try verifier.run()
    }

    // MARK: - A region

    private mutating func repair(_ region: DamagedRegion, _ outlines: [DamagedRegion.Outline])
        throws(LogError)
    {
        let kept = try kept()
        let routes = MemberRoutes(try own(region) + copied(region) + kept)
        if let members = try route(through: region, routes) { return try put(members, in: region) }
        // What does not join on may be the neighbour's fault, which agrees with itself.
        let wider = region.widened(outlines)
        if wider != region,
            let members = try route(
                through: wider, MemberRoutes(try own(wider) + copied(wider) + kept))
        {
            return try put(members, in: wider)
        }
        try repairPieces(of: region, routes)
    }

    private func route(through region: DamagedRegion, _ routes: MemberRoutes) throws(LogError)
        -> [SurveyedMember]?
    {
        guard let goal = try goal(of: region) else { return nil }
        return routes.route(from: MemberRoutes.Joint(beginning: region.start), to: goal)
    }

    private func own(_ region: DamagedRegion) throws(LogError) -> [SurveyedMember] {
        var members: [SurveyedMember] = []
        for first in region.segments {
            members += try SegmentSurvey(
                segment: try SegmentFile(archive, first), source: .own, published: published
            ).members()
        }
        return members
    }

    private func copied(_ region: DamagedRegion) throws(LogError) -> [SurveyedMember] {
        var members: [SurveyedMember] = []
        for first in try copy.segments() where region.covers(first) {
            members += try SegmentSurvey(
                segment: try copy.segment(first), source: .copy, published: published
            ).members()
        }
        return members
    }

    /// Members in files that recovery or a repair kept: one that was interrupted may have moved there what is not in
    /// `log` any more.
    private func kept() throws(LogError) -> [SurveyedMember] {
        var members: [SurveyedMember] = []
        for (file, first) in try folder.keptSegments() {
            members += try SegmentSurvey(
                segment: try folder.segment(file, first), source: .kept(file), published: nil
            ).members()
        }
        return members
    }

    /// Where a way through the region has to end; nil when nothing of ours tells.
    private func goal(of region: DamagedRegion) throws(LogError) -> MemberRoutes.Goal? {
        if let following = region.following { return .sealed(following) }
        // What our own last mark states is vouched for by its sum.
        if let mark = try lastMark(of: region), published.map({ mark.header.sequence >= $0.sequence }) ?? true
        {
            return .reaching(mark)
        }
        return published.flatMap { $0.offset > 0 || $0.memberCRC != 0 ? .published($0) : nil }
    }

    private func lastMark(of region: DamagedRegion) throws(LogError) -> SurveyedMember? {
        guard let last = region.segments.last else { return nil }
        return try SegmentSurvey(segment: try SegmentFile(archive, last), source: .own, published: published)
            .members().last { $0.header.kind != .lines }
    }

    // MARK: - Piece by piece

    /// Repairs what there is a remedy for, where there is none for the region as a whole.
    private mutating func repairPieces(of region: DamagedRegion, _ routes: MemberRoutes) throws(LogError) {
        for first in region.segments {
            let segment = try SegmentFile(archive, first)
            let members = try SegmentSurvey(segment: segment, source: .own, published: published).members()
            var patch = SegmentPatch(first: first, byteCount: try segment.size(), routes: routes)
            if first == region.start.next { patch.begin(MemberRoutes.Joint(beginning: region.start)) }
            patch.take(members[...])
            let goal = first == region.segments.last ? try self.goal(of: region) : nil
            patch.end(goal)
            if patch.isChanged { try put(patch.assembly, in: region) }
            report.refused += patch.refusals.map { state in refusal(first, at: state, routes) }
        }
        let missing = try copy.segments().filter {
            region.covers($0) && !region.segments.contains($0)
        }
        if region.segments.isEmpty || !missing.isEmpty {
            let first = missing.first ?? region.start.next
            report.refused.append(refusal(first, at: LogState(next: first), routes))
        }
    }

    private func refusal(_ segment: SequenceNumber, at state: LogState, _ routes: MemberRoutes)
        -> RepairReport.Refusal
    {
        let copied = routes.copied(state.next)
        let what: String
        if copied.isEmpty {
            what = "the copy has no good member that begins with record \(state.next)"
        } else if state.frontier.size == state.next.rawValue, !copied.contains(where: { $0.start == state }) {
            what =
                "the copy's record \(state.next) stands on another tree: it was forged, or is of another archive"
        } else {
            what =
                "the copy's records from \(state.next) on do not lead to what this archive states after them: they were changed, or nothing here vouches for them"
        }
        return RepairReport.Refusal(
            file: "log/" + Archive.segmentName(segment), sequence: state.next.rawValue, what: what)
    }
}
