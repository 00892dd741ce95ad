// SPDX-License-Identifier: Apache-2.0

/// Decides, gap by gap, what of a damaged segment can be put back where not all of it can.
///
/// Members of ours that are good stay. Between two of them that do not join, a way through the copy's members is
/// looked for; where there is none, the bytes stay as they are.
struct SegmentPatch {
    private(set) var assembly: SegmentAssembly
    /// Where gaps begin that stay.
    private(set) var refusals: [LogState] = []
    private(set) var isChanged = false

    private let routes: MemberRoutes
    private let byteCount: Int64
    /// What must follow; nil where that cannot be told.
    private var joint: MemberRoutes.Joint?
    /// Bytes of ours up to here have been dealt with.
    private var offset: Int64 = 0

    /// Members of ours that may be foreign, between two that are not: more of them in a row are not looked past.
    private static let lookahead = 8

    init(first: SequenceNumber, byteCount: Int64, routes: MemberRoutes) {
        assembly = SegmentAssembly(first: first)
        self.byteCount = byteCount
        self.routes = routes
    }

    /// The segment begins in a state that is known.
    mutating func begin(_ joint: MemberRoutes.Joint) { self.joint = joint }

    /// Takes our good members, in the order of the file.
    mutating func take(_ members: ArraySlice<SurveyedMember>) {
        var rest = members
        while let next = rest.first {
            if let joint, next.offset > offset || !joint.takes(next) {
                rest = bridge(joint, rest)
            } else if joint == nil, next.offset > offset {
                keep(upTo: next.offset, from: LogState(next: assembly.first))
                append(next)
                rest = rest.dropFirst()
            } else {
                append(next)
                rest = rest.dropFirst()
            }
        }
    }

    /// Joins `joint` with one of the next members, the nearest that can be reached.
    private mutating func bridge(_ joint: MemberRoutes.Joint, _ rest: ArraySlice<SurveyedMember>)
        -> ArraySlice<SurveyedMember>
    {
        for (index, target) in zip(rest.indices, rest).prefix(Self.lookahead) {
            guard target.header.sequence >= joint.state.next,
                let way = routes.route(from: joint, to: .before(target), offset: nil)
            else { continue }
            for member in way { assembly.parts.append(.member(member)) }
            isChanged = true
            offset = target.offset
            append(target)
            return rest[(index + 1)...]
        }
        guard let next = rest.first else { return rest }
        keep(upTo: next.offset, from: joint.state)
        append(next)
        return rest.dropFirst()
    }

    /// Deals with what is left behind the last member.
    mutating func end(_ goal: MemberRoutes.Goal?) {
        if let joint, let goal, let way = routes.route(from: joint, to: goal, offset: assembly.byteCount),
            !way.isEmpty
        {
            for member in way { assembly.parts.append(.member(member)) }
            isChanged = true
            return
        }
        guard offset < byteCount else { return }
        keep(upTo: byteCount, from: joint?.state ?? LogState(next: assembly.first))
    }

    private mutating func append(_ member: SurveyedMember) {
        assembly.parts.append(.member(member))
        offset = member.range.upperBound
        joint = MemberRoutes.Joint(behind: member)
    }

    private mutating func keep(upTo end: Int64, from state: LogState) {
        refusals.append(state)
        if end > offset { assembly.parts.append(.raw(offset..<end)) }
        offset = end
    }
}
