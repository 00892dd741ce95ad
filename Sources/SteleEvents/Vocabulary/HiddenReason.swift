// SPDX-License-Identifier: Apache-2.0

/// Why a participant does not see a message, or no longer what it said.
public enum HiddenReason: Hashable, Sendable {
    /// It had not been sent yet.
    case sentLater
    /// The single chat is of two others.
    case notParticipant
    /// Not a member when it was sent: away since `since`, and back from `until` on, each nil where no record tells.
    ///
    /// Both are nil for somebody of whom no record tells that they were ever there.
    case notMember(since: Instant?, until: Instant?)
    /// The platform refused it: nobody but its sender knows of it.
    case refused
    /// Nothing proves that it was sent: nobody but its sender knows of it.
    case attempted
    /// A targeted message (定向消息) for others.
    case targeted
    /// A command (透传): something for the app, which nobody reads.
    case command
    /// For whoever was online, and no device of the viewer had been since `since`.
    case offline(since: Instant)
    /// Taken back, at a time that no surface told where it is nil: its place is seen, not its content.
    case recalled(at: Instant?)
    /// What it said then is in no record: only a later edit shows it.
    case notArchived

    /// The word for it in JSON and CSV.
    public var name: String {
        switch self {
        case .sentLater: "sentLater"
        case .notParticipant: "notParticipant"
        case .notMember: "notMember"
        case .refused: "refused"
        case .attempted: "attempted"
        case .targeted: "targeted"
        case .command: "command"
        case .offline: "offline"
        case .recalled: "recalled"
        case .notArchived: "notArchived"
        }
    }

    /// From when on it has held, where that is known.
    public var since: Instant? {
        switch self {
        case .notMember(let since, _): since
        case .offline(let since): since
        case .recalled(let at): at
        default: nil
        }
    }

    /// When it ceased to hold, too late for the message.
    public var until: Instant? {
        if case .notMember(_, let until) = self { until } else { nil }
    }
}
