// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

@testable import SteleProjection

/// The rule of what is seen, without any views.
struct OutlookTests {
    private static let viewer = UserID("jun")
    private static func at(_ second: Int64) -> Instant { Instant(milliseconds: second * 1000) }

    private static func member(_ stays: (from: Int64?, to: Int64?)...) -> Membership {
        Membership(
            stays: stays.map { stay in
                MembershipSpan(
                    from: stay.from.map(at), to: stay.to.map(at), came: nil, cameBy: nil, went: nil,
                    wentBy: nil, roles: [])
            })
    }

    private static func outlook(
        moment: Int64? = nil, _ membership: Membership = member((nil, nil)), kind: ConversationKind = .group
    ) -> Outlook {
        let moment = moment.map { Viewpoint.Moment(at($0), recordsEnd: UInt64($0)) }
        return Outlook(Viewpoint(moment: moment, viewer: viewer), on: kind, membership)
    }

    private static func message(
        at second: Int64 = 50, from sender: String? = "mei",
        _ change: (inout Outlook.MessageFacts) -> Void = { _ in }
    ) -> Outlook.MessageFacts {
        var facts = Outlook.MessageFacts(time: at(second), sender: sender.map { UserID($0) })
        change(&facts)
        return facts
    }

    /// Everything that can be so of a message at once, each kind of thing in each of its states.
    private static let all: [(facts: Outlook.MessageFacts, membership: Membership, moment: Int64?)] = {
        var cases: [(Outlook.MessageFacts, Membership, Int64?)] = []
        let memberships = [
            member(), member((nil, nil)), member((40, 60)), member((nil, 30), (70, nil)), member((50, 51)),
            member((10, 50)),
        ]
        let receivers: [[UserID]?] = [nil, [], [viewer], [UserID("tao")]]
        let recalls: [[FactStamp]] = [
            [], [FactStamp(time: at(55), sequence: 9)], [FactStamp(time: nil, sequence: 58)],
            [FactStamp(time: at(65), sequence: 9, by: viewer)],
        ]
        for sender in ["mei", "jun", nil] {
            for standing in [MessageEntry.Standing.sent, .attempted, .refused] {
                for bits in 0..<8 {
                    for receivers in receivers {
                        for recalls in recalls {
                            for membership in memberships {
                                for moment: Int64? in [nil, 49, 50, 56, 99] {
                                    let facts = message(from: sender) { facts in
                                        facts.standing = standing
                                        facts.isCommand = bits & 1 != 0
                                        facts.isProven = bits & 2 != 0
                                        facts.offlineSince = bits & 4 != 0 ? at(45) : nil
                                        facts.receivers = receivers
                                        facts.recalls = recalls
                                    }
                                    cases.append((facts, membership, moment))
                                }
                            }
                        }
                    }
                }
            }
        }
        return cases
    }()

    @Test("of all reasons to hide a message the first in order is told, whatever else holds")
    func everyCase() {
        for (facts, membership, moment) in Self.all {
            let isOwn = facts.sender == Self.viewer
            let stay = membership.stays.first { $0.contains(facts.time) }
            let since = membership.stays.last { $0.to.map { $0 <= facts.time } ?? false }?.to
            let until = membership.stays.first { $0.from.map { $0 > facts.time } ?? false }?.from
            let isRecalled = facts.recalls.contains { recall in
                let happened = moment.map { moment in
                    recall.time.map { $0 <= Self.at(moment) } ?? (recall.sequence < UInt64(moment))
                }
                let told =
                    recall.by == Self.viewer || recall.time == nil
                    || membership.stays.contains { stay in recall.time.map(stay.contains) ?? false }
                return (happened ?? true) && told
            }
            let rules: [(Bool, Visibility)] = [
                (moment.map { $0 < 50 } ?? false, .hidden(.sentLater)),
                (!isOwn && stay == nil && !facts.isProven, .hidden(.notMember(since: since, until: until))),
                (!isOwn && facts.standing == .refused, .hidden(.refused)),
                (!isOwn && facts.standing == .attempted, .hidden(.attempted)),
                (!isOwn && facts.receivers?.contains(Self.viewer) == false, .hidden(.targeted)),
                (
                    !isOwn && !facts.isProven && facts.offlineSince != nil,
                    .hidden(.offline(since: Self.at(45)))
                ),
                (facts.isCommand, .hidden(.command)),
                (isRecalled, .withheld(.recalled(at: facts.recalls.first?.time))),
                (true, .shown),
            ]
            let expected = rules.first { $0.0 }?.1
            let seen = Self.outlook(moment: moment, membership).visibility(of: facts)
            #expect(seen == expected, "\(facts) \(membership.stays) \(String(describing: moment))")
            guard seen == expected else { return }
        }
        #expect(Self.all.count == 3 * 3 * 8 * 4 * 4 * 6 * 5)
    }

    @Test("the archive's own eyes see everything that had been sent")
    func archive() {
        for (facts, _, moment) in Self.all {
            let moment = moment.map { Viewpoint.Moment(Self.at($0), recordsEnd: 0) }
            let outlook = Outlook(Viewpoint(moment: moment), on: .group)
            let isLater = moment.map { $0.instant < facts.time } ?? false
            let seen = outlook.visibility(of: facts)
            guard seen == (isLater ? .hidden(.sentLater) : .shown) else {
                Issue.record("\(facts): \(seen)")
                return
            }
        }
    }

    @Test("a single chat is seen by its two users alone")
    func chats() {
        let inside = Self.outlook(kind: .chat)
        let outside = Self.outlook(Self.member(), kind: .chat)
        #expect(inside.visibility(of: Self.message()) == .shown)
        #expect(outside.visibility(of: Self.message()) == .hidden(.notParticipant))
    }

    @Test("who went before an edit or a recall keeps what they had; what one did oneself one knows")
    func afterGoing() {
        let gone = Self.outlook(Self.member((nil, 60)))
        let recall = FactStamp(time: Self.at(61), sequence: 1, by: UserID("mei"))
        #expect(!gone.reaches(recall))
        #expect(gone.visibility(of: Self.message { $0.recalls = [recall] }) == .shown)
        #expect(gone.reaches(FactStamp(time: Self.at(61), sequence: 1, by: Self.viewer)))
        #expect(gone.reaches(FactStamp(time: Self.at(59), sequence: 1)))
        #expect(gone.horizon == Self.at(60))
    }

    @Test("receipts are told to the sender and known to who gave them")
    func receipts() {
        let outlook = Self.outlook(moment: 60)
        let own = FactStamp(time: Self.at(55), sequence: 1, by: Self.viewer)
        let other = FactStamp(time: Self.at(55), sequence: 1, by: UserID("tao"))
        #expect(outlook.reaches(receipt: own, sender: UserID("mei")))
        #expect(!outlook.reaches(receipt: other, sender: UserID("mei")))
        #expect(outlook.reaches(receipt: other, sender: Self.viewer))
        let later = FactStamp(time: Self.at(61), sequence: 1, by: Self.viewer)
        #expect(!outlook.reaches(receipt: later, sender: Self.viewer))
    }

    @Test("notices are seen from one's coming to one's going, both included, and those about oneself")
    func notices() {
        let outlook = Self.outlook(Self.member((40, 60)))
        func operation(_ members: [UserID]) -> GroupOperation {
            GroupOperation(
                conversation: nil, change: .invited, operation: "", by: UserID("mei"), members: members)
        }
        for (second, isSeen) in [(39, false), (40, true), (60, true), (61, false)] as [(Int64, Bool)] {
            #expect(outlook.shows(operation([]), at: Self.at(second)) == isSeen, "\(second)")
            #expect(outlook.shows(operation([Self.viewer]), at: Self.at(second)), "\(second)")
        }
    }

    @Test("stays are found at every instant as a look through all of them finds them", arguments: 0..<32)
    func attendance(bits: Int) {
        // Five stretches of ten seconds each, there in those whose bit is set.
        var stays: [(from: Int64?, to: Int64?)] = []
        for stretch in 0..<5 where bits >> stretch & 1 == 1 {
            let from: Int64? = stretch == 0 ? nil : Int64(stretch) * 10
            let to: Int64? = stretch == 4 ? nil : Int64(stretch + 1) * 10
            if let last = stays.last, last.to == from {
                stays[stays.count - 1].to = to
            } else {
                stays.append((from, to))
            }
        }
        let membership = Membership(
            stays: stays.map { stay in
                MembershipSpan(
                    from: stay.from.map(Self.at), to: stay.to.map(Self.at), came: nil, cameBy: nil,
                    went: nil, wentBy: nil, roles: [])
            })
        for second in Int64(0)..<50 {
            let isThere = bits >> Int(second / 10) & 1 == 1
            #expect(membership.wasThere(at: Self.at(second)) == isThere, "second \(second)")
            guard !isThere else { continue }
            let absence = membership.absence(at: Self.at(second))
            #expect(absence.since == stays.last { $0.to.map { $0 <= second } ?? false }?.to.map(Self.at))
            #expect(absence.until == stays.first { $0.from.map { $0 > second } ?? false }?.from.map(Self.at))
        }
    }
}
