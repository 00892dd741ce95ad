// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// Which records a replay holds: those that meet every condition set.
package struct ReplayFilter: Sendable {
    /// What happened in any of these conversations; empty for all.
    package var conversations: [Place] = []
    /// What this client connection saw and sent.
    package var session: String?
    /// What was seen on one of these surfaces; empty for all.
    package var surfaces: Set<Surface> = []

    package init() {}

    /// A conversation, in one app or, where `app` is nil, in any.
    package struct Place: Hashable, Sendable {
        package var app: AppKey?
        package var id: ConversationID

        package init(app: AppKey? = nil, id: ConversationID) {
            self.app = app
            self.id = id
        }
    }

    func admits(surface: Surface, session: String?) -> Bool {
        if let wanted = self.session, wanted != session { return false }
        return surfaces.isEmpty || surfaces.contains(surface)
    }
}

/// Tells which events belong to the chosen conversations, reading the log once and in order.
///
/// Most events name their conversation. A receipt, a push result or a moderation result may name nothing but its
/// message: it belongs where that message did, if the message came before it. Memory is 8 bytes a message of the
/// chosen conversations.
struct ConversationMatcher {
    private let places: [ReplayFilter.Place]
    /// The chosen conversations' messages that went by.
    private var messages: Set<UInt64> = []
    /// The SDK calls that sent them, until their outcome came.
    private var calls: Set<String> = []

    init(_ places: [ReplayFilter.Place]) { self.places = places }

    /// Whether the event belongs; call once for each event, in the log's order.
    mutating func admits(_ event: Event, session: String?) -> Bool {
        if places.isEmpty { return true }
        let isInside = belongs(event, session: session)
        if isInside { remember(event, session: session) }
        return isInside
    }

    private func belongs(_ event: Event, session: String?) -> Bool {
        let app = event.app
        return switch event.kind {
        case .message(let message): isChosen(message, app) || knows(event.id)
        case .edit(let edit): isChosen(edit.message, app) || knows(edit.target)
        case .recall(let recall): isChosen(to: recall.to, by: recall.by, app) || knows(recall.target)
        case .read(let read): isChosen(to: read.to, by: read.reader, app) || knows(read.target)
        case .conversationRead(let read): isChosen(read.conversation, app) || knows(read.message)
        case .delivered(let receipt): knows(receipt.target)
        case .reactions(let state): isChosen(state.conversation, app) || knows(state.target)
        case .thread(let change):
            isChosen(ConversationID(kind: .thread, key: change.id), app)
                || change.reference.parentGroup.map { isChosen(group: $0, app) } ?? false
                || knows(change.reference.parentMessage)
        case .pin(let pin): isChosen(pin.conversation, app) || knows(pin.target)
        case .group(let operation): operation.conversation.map { isChosen(group: $0.key, app) } ?? false
        case .keywordAlert(let alert): isChosen(alert.conversation, app) || knows(alert.target)
        case .moderation(let moderation):
            isChosen(to: moderation.to, by: moderation.from, app) || knows(moderation.target)
        case .push(let push): knows(push.target)
        case .multiDevice(let change): isChosen(change.conversation, app)
        case .statistic(let counts): counts.contains { knows($0.message) }
        case .call(let call): call.message.map { isChosen($0, app) } ?? false
        case .callOutcome(let reference, _): calls.contains(Self.key(reference, session))
        case .accepted(_, let message): knows(message)
        case .batch(let events): events.contains { belongs($0, session: session) }
        case .contact, .login, .presence, .connection, .bundleFile, .attachment, .fetching, .historyHour,
            .frame,
            .repeated,
            .unknown:
            false
        }
    }

    private mutating func remember(_ event: Event, session: String?) {
        switch event.kind {
        case .message: insert(event.id)
        case .edit(let edit): insert(edit.target)
        case .call(let call):
            if case .resolved(_, let message, _, _) = call.outcome { insert(message) }
            if call.outcome == nil, let reference = call.reference {
                calls.insert(Self.key(reference, session))
            }
        case .callOutcome(let reference, let outcome):
            calls.remove(Self.key(reference, session))
            if case .resolved(_, let message, _, _) = outcome { insert(message) }
        case .batch(let events):
            for event in events where belongs(event, session: session) { remember(event, session: session) }
        default: break
        }
    }

    private func isChosen(_ message: Message, _ app: AppKey?) -> Bool {
        guard let conversation = message.conversation else { return false }
        return message.isGroupOrRoomUndecided
            ? isChosen(group: conversation.key, app) : isChosen(conversation, app)
    }

    private func isChosen(_ id: ConversationID?, _ app: AppKey?) -> Bool {
        places.contains { $0.id == id && $0.isInApp(app) }
    }

    /// Group and room ids are one space: what is done to either may be told without saying which it is.
    private func isChosen(group key: String, _ app: AppKey?) -> Bool {
        places.contains {
            ($0.id.kind == .group || $0.id.kind == .room) && $0.id.key == key && $0.isInApp(app)
        }
    }

    /// `to` is the other user of a single chat, or a group, a room or a thread.
    private func isChosen(to: String, by user: UserID?, _ app: AppKey?) -> Bool {
        let chat = user.map { ConversationID.chat($0, UserID(to)) }
        return places.contains {
            ($0.id.kind == .chat ? $0.id == chat : $0.id.key == to) && $0.isInApp(app)
        }
    }

    private func knows(_ id: MessageID?) -> Bool { id.map { messages.contains(Self.key($0)) } ?? false }

    private mutating func insert(_ id: MessageID?) {
        if let id { messages.insert(Self.key(id)) }
    }

    /// The platform's ids are 64-bit numbers; any other text stands in by its FNV-1a hash, the same in every run.
    private static func key(_ id: MessageID) -> UInt64 {
        UInt64(id.rawValue)
            ?? id.rawValue.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func key(_ reference: String, _ session: String?) -> String {
        "\(session ?? "")\u{0}\(reference)"
    }
}

extension ReplayFilter.Place {
    /// An event that names no app may be of any.
    fileprivate func isInApp(_ app: AppKey?) -> Bool { self.app == nil || app == nil || self.app == app }
}
