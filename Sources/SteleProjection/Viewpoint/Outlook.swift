// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What is seen of a message.
package enum Visibility: Hashable, Sendable {
    case shown
    /// That it was there, and no longer what it said.
    case withheld(HiddenReason)
    case hidden(HiddenReason)
}

/// A viewpoint upon one conversation: decides what of it is seen.
///
/// A client shows what it was sent while its user was a member, and keeps it: so an edit or a recall changes what somebody
/// sees when they were there at its time, and leaves alone what they had when they went. One's own messages are seen always.
/// What may or may not have arrived (a blocked contact, a message that came while offline) is taken to have arrived.
package struct Outlook: Sendable {
    package let viewpoint: Viewpoint
    private let kind: ConversationKind
    /// The viewer's.
    private let membership: Membership

    /// - Parameters:
    ///   - viewpoint: From where it is looked at.
    ///   - kind: What the conversation is.
    ///   - membership: When the viewer was in it; of no matter where nobody's eyes are lent.
    package init(_ viewpoint: Viewpoint, on kind: ConversationKind, _ membership: Membership = Membership()) {
        self.viewpoint = viewpoint
        self.kind = kind
        self.membership = membership
    }

    /// What the rule asks about a message.
    package struct MessageFacts: Hashable, Sendable {
        package var time: Instant
        package var sender: UserID?
        package var standing = MessageEntry.Standing.sent
        package var isCommand = false
        /// The chosen receivers of a targeted message; nil for one to everybody.
        package var receivers: [UserID]?
        /// Whether a receipt proves that the viewer got it.
        package var isProven = false
        /// Of an online-only message: since when the viewer had been offline, nil when online or not known.
        package var offlineSince: Instant?
        package var recalls: [FactStamp] = []

        package init(time: Instant, sender: UserID?) {
            self.time = time
            self.sender = sender
        }
    }

    package func visibility(of message: MessageFacts) -> Visibility {
        if let moment = viewpoint.moment, message.time > moment.instant { return .hidden(.sentLater) }
        guard let viewer = viewpoint.viewer else { return .shown }
        if message.sender != viewer, let reason = reasonNotReceived(message, by: viewer) {
            return .hidden(reason)
        }
        if message.isCommand { return .hidden(.command) }
        guard message.recalls.contains(where: reaches) else { return .shown }
        let times = message.recalls.filter(reaches).compactMap(\.time)
        return .withheld(.recalled(at: times.min()))
    }

    private func reasonNotReceived(_ message: MessageFacts, by viewer: UserID) -> HiddenReason? {
        if !message.isProven, !membership.wasThere(at: message.time) {
            guard kind != .chat else { return .notParticipant }
            let absence = membership.absence(at: message.time)
            return .notMember(since: absence.since, until: absence.until)
        }
        switch message.standing {
        case .refused: return .refused
        case .attempted: return .attempted
        case .sent: break
        }
        if let receivers = message.receivers, !receivers.contains(viewer) { return .targeted }
        if !message.isProven, let since = message.offlineSince { return .offline(since: since) }
        return nil
    }

    /// Whether something that was done to a message or a conversation had happened, and was told to the viewer.
    package func reaches(_ fact: FactStamp) -> Bool {
        if let moment = viewpoint.moment, !moment.includes(fact) { return false }
        guard let viewer = viewpoint.viewer, let time = fact.time, fact.by != viewer else { return true }
        return membership.wasThere(at: time)
    }

    /// Whether it is seen that somebody got or read a message, or how many did.
    ///
    /// Its sender is told, and whoever did it knows.
    package func reaches(receipt fact: FactStamp, sender: UserID?) -> Bool {
        if let moment = viewpoint.moment, !moment.includes(fact) { return false }
        guard let viewer = viewpoint.viewer else { return true }
        return viewer == fact.by || viewer == sender
    }

    /// Whether a group's notice is seen: one of a time at which the viewer was there, and one about the viewer.
    package func shows(_ operation: GroupOperation, at time: Instant) -> Bool {
        if let moment = viewpoint.moment, time > moment.instant { return false }
        guard let viewer = viewpoint.viewer else { return true }
        return membership.wasTold(of: time) || operation.by == viewer || operation.members.contains(viewer)
    }

    /// After this nothing is known from here; nil for no such bound.
    package var horizon: Instant? {
        let end = viewpoint.viewer == nil ? nil : membership.end
        return [viewpoint.moment?.instant, end].compactMap(\.self).min()
    }

    /// The viewer, if no message but one of their own can be seen.
    var outsider: UserID? { membership.isUnknown ? viewpoint.viewer : nil }
}
