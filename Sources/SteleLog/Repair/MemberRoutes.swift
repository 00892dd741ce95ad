// SPDX-License-Identifier: Apache-2.0

/// Finds which members, of ours and of a second copy, stand one after the other from one state of the log to another.
///
/// A member follows another when everything fits: its header states the tree and the sequence that the other one's
/// lines lead to, and the other one's size and CRC-32. So a way that ends in a state our own log knows has every byte
/// of it vouched for: whoever changed a record on the way would have to find another one with the same hash.
struct MemberRoutes {
    /// Ours first: they are preferred.
    private let members: [SurveyedMember]
    private let byStart: [LogState: [Int]]

    init(_ members: [SurveyedMember]) {
        let members =
            members.filter { $0.source == .own } + members.filter { $0.source == .copy }
            + members.filter { $0.source.isKept }
        self.members = members
        byStart = Dictionary(grouping: members.indices) { members[$0].start }
    }

    /// Where a member may stand next.
    struct Joint: Hashable {
        var state: LogState
        /// Bytes and CRC-32 of the member before it in its segment; 0 where it begins one.
        var previousSize: UInt32 = 0
        var previousCRC: UInt32 = 0
        /// Whether that one is a pause mark, behind which no other one stands.
        var isBehindMark = false

        /// Before the first member of a segment.
        init(beginning state: LogState) { self.state = state }

        init(behind member: SurveyedMember) {
            state = member.end
            guard member.header.kind != .end else { return }
            previousSize = UInt32(clamping: member.byteCount)
            previousCRC = member.crc
            isBehindMark = member.header.kind != .lines
        }

        var beginsSegment: Bool { previousSize == 0 }

        func takes(_ member: SurveyedMember) -> Bool { takes(member.header) }

        func takes(_ header: MemberHeader) -> Bool {
            LogState(before: header) == state && header.previousSize == previousSize
                && header.previousCRC == previousCRC
                && (header.kind == .lines || !beginsSegment && (header.kind == .end || !isBehindMark))
        }
    }

    /// Where a way ends.
    enum Goal: Hashable {
        /// With a segment's end, in the state that the next segment begins with.
        case sealed(LogState)
        /// Where the last writer said that the log is durable.
        case published(DurableEnd)
        /// With this member.
        case reaching(SurveyedMember)
        /// In front of this member, which follows the last one of the way.
        case before(SurveyedMember)
    }

    /// A way from `start` to `goal`; nil when there is none.
    ///
    /// - Parameters:
    ///   - start: Where it begins.
    ///   - goal: Where it ends.
    ///   - offset: Bytes of the segment in front of `start`; nil when that is not known, and nothing is compared with
    ///     places in the file then.
    /// - Returns: The members in their order; none when the goal is reached already.
    func route(from start: Joint, to goal: Goal, offset: Int64? = 0) -> [SurveyedMember]? {
        switch goal {
        case .before(let member) where start.takes(member): return []
        case .sealed(let state) where start.beginsSegment && start.state == state: return []
        case .before, .sealed, .reaching, .published: break
        }
        var path = Path(offset: offset, beginsSegment: start.beginsSegment)
        var visited: Set<Int> = []
        // What is still to be tried at each step of the path, the best last.
        var open = [choices(start)]
        while let index = open.indices.last {
            guard let choice = open[index].popLast() else {
                open.removeLast()
                path.removeLast()
                continue
            }
            let member = members[choice]
            guard visited.insert(choice).inserted, path.canTake(member) else { continue }
            path.append(member)
            if path.reaches(goal) { return path.members }
            open.append(member.isOpen ? [] : choices(Joint(behind: member)))
        }
        return nil
    }

    private func choices(_ joint: Joint) -> [Int] {
        (byStart[joint.state] ?? []).filter { joint.takes(members[$0]) }.reversed()
    }

    /// The members of the copy that begin with this record.
    func copied(_ sequence: SequenceNumber) -> [SurveyedMember] {
        members.filter { $0.source == .copy && $0.header.sequence == sequence }
    }

    /// The members taken so far, and where the last one ends in its segment.
    private struct Path {
        private(set) var members: [SurveyedMember] = []
        /// For each of them, where it begins in its segment; nil where that is not known.
        private var offsets: [Int64?] = []
        private let start: Int64?
        private let beginsSegment: Bool

        init(offset: Int64?, beginsSegment: Bool) {
            start = offset
            self.beginsSegment = beginsSegment
        }

        private var next: Int64? {
            guard let last = members.last, let offset = offsets.last else { return start }
            return last.header.kind == .end ? 0 : offset.map { $0 + last.byteCount }
        }

        mutating func append(_ member: SurveyedMember) {
            offsets.append(next)
            members.append(member)
        }

        mutating func removeLast() {
            guard !members.isEmpty else { return }
            members.removeLast()
            offsets.removeLast()
        }

        /// Whether an end mark lists what stands before it; other members always fit where their headers do.
        func canTake(_ member: SurveyedMember) -> Bool {
            guard member.header.kind == .end else { return true }
            let first = members.lastIndex { $0.header.kind == .end }.map { $0 + 1 }
            // A way that began within the segment cannot tell.
            guard first != nil || beginsSegment else { return true }
            let segment = (first ?? 0)..<members.count
            guard let begin = segment.first.map({ members[$0].header.sequence }) else { return false }
            let listed = segment.filter { members[$0].header.kind == .lines }.map { index in
                MemberEntry(
                    offset: UInt32(clamping: offsets[index] ?? 0),
                    recordsBefore: UInt32(clamping: members[index].header.sequence.distance(from: begin)),
                    time: members[index].header.time)
            }
            return member.header.lists(listed)
        }

        func reaches(_ goal: Goal) -> Bool {
            guard let last = members.last else { return false }
            switch goal {
            case .sealed(let state): return last.header.kind == .end && last.end == state
            case .reaching(let member): return last.crc == member.crc && last.header == member.header
            case .before(let member): return Joint(behind: last).takes(member)
            case .published(let end) where end.offset == 0:
                // Sealed, and by a writer that said with what.
                return last.header.kind == .end && last.end.next == end.sequence && last.crc == end.memberCRC
            case .published(let end):
                guard let offset = offsets.last, let offset else { return false }
                return last.end.next == end.sequence && last.crc == end.memberCRC
                    && offset + last.byteCount == end.offset
            }
        }
    }
}
