// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import Testing

@testable import SteleReplay

@Suite("Which records a replay of a conversation holds")
struct ReplayFilterTests {
    private let alice = UserID("alice")
    private let bob = UserID("bob")
    private let carol = UserID("carol")
    private let app = AppKey("org#app")

    private func message(_ id: String, _ conversation: ConversationID, app: AppKey? = nil) -> Event {
        let message = Message(conversation: conversation, from: alice, to: "x", body: .text("hi"))
        return Event(kind: .message(message), app: app, id: MessageID(id))
    }

    /// A matcher that expectations can ask: they take no mutating calls.
    private final class Probe {
        private var matcher: ConversationMatcher

        init(_ places: [ReplayFilter.Place]) { matcher = ConversationMatcher(places) }

        func admits(_ event: Event, session: String? = nil) -> Bool {
            matcher.admits(event, session: session)
        }
    }

    private func matcher(_ id: ConversationID, app: AppKey? = nil) -> Probe {
        Probe([.init(app: app, id: id)])
    }

    @Test("without a conversation asked for, everything")
    func everything() {
        let matcher = Probe([])
        #expect(matcher.admits(Event(kind: .unknown(reason: ""))))
    }

    @Test("messages of the conversation, and of no other")
    func messages() {
        let matcher = matcher(.chat(bob, alice))
        #expect(matcher.admits(message("1", .chat(alice, bob))))
        #expect(!matcher.admits(message("2", .chat(alice, carol))))
    }

    @Test("an event of another app only when the app was left open")
    func apps() {
        let named = matcher(.chat(alice, bob), app: app)
        #expect(named.admits(message("1", .chat(alice, bob), app: app)))
        #expect(named.admits(message("2", .chat(alice, bob), app: nil)))
        #expect(!named.admits(message("3", .chat(alice, bob), app: AppKey("org#other"))))
        let open = matcher(.chat(alice, bob))
        #expect(open.admits(message("3", .chat(alice, bob), app: AppKey("org#other"))))
    }

    @Test("what names nothing but a message belongs where the message did")
    func targets() {
        let matcher = matcher(.chat(alice, bob))
        let inside = MessageID("1418130416582363404")
        let outside = MessageID("not-a-number")
        _ = matcher.admits(message(inside.rawValue, .chat(alice, bob)))
        _ = matcher.admits(message(outside.rawValue, .chat(alice, carol)))
        for (target, isAdmitted) in [(inside, true), (outside, false)] {
            let kinds: [Event.Kind] = [
                .delivered(DeliveryReceipt(target: target, receiver: nil)),
                .push(PushResult(target: target, user: bob, status: "success", channel: nil, detail: nil)),
                .keywordAlert(KeywordAlert(target: target, reason: "through", status: "pass", words: [])),
                .pin(PinChange(target: target, conversation: nil, isPinned: true, by: nil)),
                .reactions(ReactionState(target: target, conversation: nil, reactions: [])),
                .statistic([GroupReadCount(message: target, count: 2)]),
                .accepted(localID: "7", messageID: target),
                .recall(Recall(target: target, by: nil, to: "", notice: nil)),
            ]
            for kind in kinds {
                #expect(matcher.admits(Event(kind: kind)) == isAdmitted, "\(kind)")
            }
        }
    }

    @Test("a recall or receipt before its message is known by its two ends")
    func ends() {
        let chat = matcher(.chat(alice, bob))
        let target = MessageID("5")
        #expect(
            chat.admits(Event(kind: .recall(Recall(target: target, by: bob, to: "Alice", notice: nil)))))
        #expect(
            !chat.admits(Event(kind: .recall(Recall(target: target, by: bob, to: "77", notice: nil)))))
        let group = matcher(ConversationID(kind: .group, key: "77"))
        let read = ReadReceipt(target: target, reader: bob, to: "77", isGroup: true)
        #expect(group.admits(Event(kind: .read(read))))
    }

    @Test("a group id that may mean a room belongs to either")
    func undecided() {
        let group = ConversationID(kind: .group, key: "77")
        var message = Message(conversation: group, from: alice, to: "77", body: .text("hi"))
        message.isGroupOrRoomUndecided = true
        let room = matcher(ConversationID(kind: .room, key: "77"))
        #expect(room.admits(Event(kind: .message(message))))
        message.isGroupOrRoomUndecided = false
        #expect(!room.admits(Event(kind: .message(message))))
        let thread = matcher(ConversationID(kind: .thread, key: "77"))
        message.isGroupOrRoomUndecided = true
        #expect(!thread.admits(Event(kind: .message(message))))
    }

    @Test("the outcome of a call belongs where the call did, within its session")
    func outcomes() {
        let matcher = matcher(.chat(alice, bob))
        let message = Message(conversation: .chat(alice, bob), from: alice, to: "bob", body: .text("hi"))
        let call = Call(name: "send", reference: "r1", message: message, localID: nil, outcome: nil)
        let outcome = Event.Kind.callOutcome(
            reference: "r1", .resolved(localID: nil, messageID: MessageID("9"), message: nil, time: nil))
        #expect(!matcher.admits(Event(kind: outcome), session: "one"))
        #expect(matcher.admits(Event(kind: .call(call)), session: "one"))
        #expect(!matcher.admits(Event(kind: outcome), session: "other"))
        #expect(matcher.admits(Event(kind: outcome), session: "one"))
        let receipt = DeliveryReceipt(target: MessageID("9"), receiver: bob)
        #expect(matcher.admits(Event(kind: .delivered(receipt))))
    }

    @Test("session and surface are conditions of their own")
    func conditions() {
        var filter = ReplayFilter()
        #expect(filter.admits(surface: .history, session: nil))
        filter.session = "one"
        #expect(filter.admits(surface: .sdk, session: "one"))
        #expect(!filter.admits(surface: .sdk, session: "two"))
        #expect(!filter.admits(surface: .callback, session: nil))
        filter.session = nil
        filter.surfaces = [.callback, .history]
        #expect(filter.admits(surface: .history, session: nil))
        #expect(!filter.admits(surface: .sdk, session: nil))
    }
}
