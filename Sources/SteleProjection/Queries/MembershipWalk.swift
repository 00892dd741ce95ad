// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Something told of one member, or of everybody in a conversation.
struct MemberFact: Hashable {
    /// Microseconds since 1970.
    var time: Int64
    /// Nil for a member who wrote, or was written to.
    var change: GroupOperation.Change?
    /// False for what concerns everybody.
    var isOwn: Bool
    var by: UserID?
    /// When a mute or block ends.
    var until: Instant?
    /// A first member's role, the new owner, attributes.
    var text: String
    var teller: Teller
    /// Whether it proves a membership that no record tells the beginning of, even after leaving.
    var provesReturn = false

    /// Who tells it: one of the two callback formats, or one client.
    struct Teller: Hashable {
        var operation: String
        var session: Int64
    }

    static func wrote(_ time: Int64) -> MemberFact {
        MemberFact(
            time: time, isOwn: true, text: "", teller: Teller(operation: "", session: 0), provesReturn: true)
    }

    static func reached(_ time: Int64) -> MemberFact {
        MemberFact(time: time, isOwn: true, text: "", teller: Teller(operation: "", session: 0))
    }
}

/// Makes the stays, roles and restrictions of one user out of what was told, by time.
///
/// Both callback formats and every member's client may report one operation, each with its own clock: such reports within
/// five seconds of each other count once. Two reports of one teller are two operations.
struct MembershipWalk {
    private(set) var membership = Membership()

    /// Reports of one operation lie this close together.
    private static let retellingMicroseconds: Int64 = 5_000_000
    /// A message's time and an operation's are taken by different parts of the platform.
    private static let clockMicroseconds: Int64 = 2_000_000

    private let user: UserID
    private var open: Stay?
    /// Whether anything was told of the user's membership yet.
    private var isKnown = false

    /// A stay that goes on.
    private struct Stay {
        var from: Instant?
        var came: GroupOperation.Change?
        var by: UserID?
        var roles: [RoleSpan] = []
        var role: GroupRole = .member
        var roleSince: Instant?
    }

    init(_ facts: [MemberFact], of user: UserID) {
        self.user = user
        let told = Self.once(facts)
        let arrivals = told.filter { $0.change.map(Self.begins) ?? false }.map(\.time)
        for fact in told {
            // Who wrote a moment before the record of joining had joined just then.
            let isEarly =
                fact.change == nil
                && arrivals.contains { $0 > fact.time && $0 - fact.time <= Self.clockMicroseconds }
            if !isEarly { take(fact) }
        }
        if let stay = open { close(stay, at: nil, nil, by: nil) }
    }

    /// Spans without a stay between or after stays, up to an instant: where the user may have been without a record.
    func absences(before end: Int64) -> [(from: Int64, to: Int64)] {
        let stays = membership.stays
        return stays.indices.compactMap { index in
            guard let went = stays[index].to?.microseconds else { return nil }
            let next = index + 1 < stays.count ? stays[index + 1].from?.microseconds ?? .max : .max
            let from = went + Self.clockMicroseconds
            return from <= end && from < next ? (from, next) : nil
        }
    }

    /// Changes that make or show a member, as a list for SQL.
    static let provingChanges = [
        GroupOperation.Change.created, .joined, .accepted, .ownerChanged, .adminAdded, .adminRemoved, .muted,
        .unmuted, .allowed, .disallowed, .shielded, .unshielded, .left, .kicked, .blocked, .attributes,
    ].map { "'\($0.rawValue)'" }.joined(separator: ", ")

    static func concernsAll(_ change: GroupOperation.Change) -> Bool {
        switch change {
        case .destroyed, .allMuted, .allUnmuted, .disabled, .enabled, .ownerChanged: true
        default: false
        }
    }

    private static func begins(_ change: GroupOperation.Change) -> Bool {
        change == .created || change == .joined || change == .accepted
    }

    /// Leaves out what repeats an operation that another teller told; callbacks are heard before clients.
    private static func once(_ facts: [MemberFact]) -> [MemberFact] {
        var kept: [(fact: MemberFact, tellers: Set<MemberFact.Teller>)] = []
        var places: [Slot: [Int]] = [:]
        let heard =
            facts.filter { $0.teller.session == 0 }.sorted { $0.time < $1.time }
            + facts.filter { $0.teller.session != 0 }.sorted { $0.time < $1.time }
        for fact in heard {
            let slot = Slot(fact)
            let same = slot.neighbours.flatMap { places[$0] ?? [] }.first { index in
                fact.change != nil && !kept[index].tellers.contains(fact.teller)
                    && (kept[index].fact.time - fact.time).magnitude <= Self.retellingMicroseconds
            }
            guard let same else {
                places[slot, default: []].append(kept.count)
                kept.append((fact, [fact.teller]))
                continue
            }
            kept[same].tellers.insert(fact.teller)
            // What one report leaves out, another may tell.
            if kept[same].fact.by == nil { kept[same].fact.by = fact.by }
            if kept[same].fact.until == nil { kept[same].fact.until = fact.until }
            if kept[same].fact.text.isEmpty { kept[same].fact.text = fact.text }
        }
        return kept.map(\.fact).sorted {
            ($0.time, Self.weight($0), $0.change?.rawValue ?? "")
                < ($1.time, Self.weight($1), $1.change?.rawValue ?? "")
        }
    }

    /// Where to look for reports of one operation: what was done, and five seconds of time.
    private struct Slot: Hashable {
        let change: GroupOperation.Change?
        let isOwn: Bool
        var number: Int64

        init(_ fact: MemberFact) {
            change = fact.change
            isOwn = fact.isOwn
            number = fact.time / MembershipWalk.retellingMicroseconds
        }

        var neighbours: [Slot] {
            (-1...1).map { step in
                var slot = self
                slot.number += Int64(step)
                return slot
            }
        }
    }

    /// Within one instant: who comes is there before anything else happens, and who goes was.
    private static func weight(_ fact: MemberFact) -> Int {
        switch fact.change {
        case .created?, .joined?, .accepted?: 0
        case .left?, .kicked?, .blocked?, .destroyed?: 2
        default: 1
        }
    }

    // MARK: One fact after the other

    private mutating func take(_ fact: MemberFact) {
        let instant = Instant(microseconds: fact.time)
        switch fact.change {
        case nil:
            if open == nil, !isKnown {
                begin(nil, nil, by: nil)
            } else if open == nil, fact.provesReturn {
                begin(instant, nil, by: nil)
            }
        case .created?, .joined?, .accepted?:
            if open == nil { begin(instant, fact.change, by: fact.by) }
            if let role = GroupRole(rawValue: fact.text), fact.change == .created { set(role, at: instant) }
        case .left?, .kicked?, .destroyed?: end(fact, at: instant)
        case .blocked?:
            end(fact, at: instant)
            restrict(.blocked, fact, at: instant)
        case .unblocked?: lift(.blocked, fact, at: instant)
        // Whoever asks to come in, or is asked, is outside.
        case .invited?, .applied?, .declined?: isKnown = true
        case .adminAdded?:
            beThere(at: instant)
            set(.admin, at: instant)
        case .adminRemoved?:
            if open == nil, !isKnown { beThere(at: instant, as: .admin) }
            if open?.role == .admin { set(.member, at: instant) }
        case .ownerChanged?: changeOwner(fact, at: instant)
        case .muted?:
            beThereIfUnknown()
            restrict(.muted, fact, at: instant)
        case .unmuted?: lift(.muted, fact, at: instant)
        case .allowed?:
            beThereIfUnknown()
            restrict(.allowed, fact, at: instant)
        case .disallowed?: lift(.allowed, fact, at: instant)
        case .shielded?:
            beThere(at: instant)
            restrict(.shielded, fact, at: instant)
        case .unshielded?: lift(.shielded, fact, at: instant)
        case .attributes?: beThere(at: instant)
        case .allMuted?, .allUnmuted?, .disabled?, .enabled?, .announcement?, .announcementDeleted?,
            .infoUpdated?, .fileAdded?, .fileRemoved?, .other?:
            break
        }
    }

    private mutating func changeOwner(_ fact: MemberFact, at instant: Instant) {
        if fact.text == user.rawValue {
            beThere(at: instant)
            set(.owner, at: instant)
        } else if fact.isOwn {
            // Named as the owner until now.
            beThere(at: instant, as: .owner)
            set(.member, at: instant)
        } else if open?.role == .owner {
            set(.member, at: instant)
        }
    }

    private mutating func begin(_ from: Instant?, _ came: GroupOperation.Change?, by: UserID?) {
        open = Stay(from: from, came: came, by: by, roleSince: from)
        isKnown = true
    }

    /// The user is a member now, whether or not it was told how they came.
    private mutating func beThere(at instant: Instant, as role: GroupRole = .member) {
        guard open == nil else { return }
        begin(isKnown ? instant : nil, nil, by: nil)
        open?.role = role
    }

    private mutating func beThereIfUnknown() {
        if open == nil, !isKnown { begin(nil, nil, by: nil) }
    }

    private mutating func end(_ fact: MemberFact, at instant: Instant) {
        // What ends for all is no sign that this user was there.
        if open == nil, !isKnown, fact.isOwn, fact.change != .blocked { begin(nil, nil, by: nil) }
        guard let stay = open else { return }
        close(stay, at: instant, fact.change, by: fact.by)
        open = nil
    }

    private mutating func close(
        _ stay: Stay, at instant: Instant?, _ went: GroupOperation.Change?, by: UserID?
    ) {
        let roles = stay.roles + [RoleSpan(role: stay.role, from: stay.roleSince, to: instant)]
        membership.stays.append(
            MembershipSpan(
                from: stay.from, to: instant, came: stay.came, cameBy: stay.by, went: went, wentBy: by,
                roles: roles))
    }

    private mutating func set(_ role: GroupRole, at instant: Instant) {
        guard var stay = open, stay.role != role else { return }
        // A role from the first instant on replaces the one that everybody begins with.
        if stay.roleSince != instant {
            stay.roles.append(RoleSpan(role: stay.role, from: stay.roleSince, to: instant))
        }
        stay.role = role
        stay.roleSince = instant
        open = stay
    }

    // MARK: Restrictions

    private mutating func restrict(_ kind: Restriction.Kind, _ fact: MemberFact, at instant: Instant) {
        // A further one takes the place of the one that holds.
        lift(kind, fact, at: instant, isReplaced: true)
        membership.restrictions.append(Restriction(kind: kind, from: instant, to: fact.until, by: fact.by))
    }

    private mutating func lift(
        _ kind: Restriction.Kind, _ fact: MemberFact, at instant: Instant, isReplaced: Bool = false
    ) {
        let holding = membership.restrictions.lastIndex { known in
            known.kind == kind && (known.to.map { $0 > instant } ?? true)
        }
        if let holding {
            let known = membership.restrictions[holding]
            membership.restrictions[holding] = Restriction(
                kind: kind, from: known.from, to: instant, by: known.by)
        } else if !isReplaced, !membership.restrictions.contains(where: { $0.kind == kind }) {
            membership.restrictions.append(Restriction(kind: kind, from: nil, to: instant, by: nil))
        }
    }
}
