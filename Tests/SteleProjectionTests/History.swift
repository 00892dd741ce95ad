// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTestSupport

/// An invented history as several surfaces saw it, the same for the same seed.
struct History {
    private var random: SeededGenerator
    private(set) var deliveries: [Delivery] = []
    private var clock: Int64 = 1_747_000_000_000
    private var sent: [(id: String, time: Int64, from: String, to: String, group: Bool)] = []
    private static let users = ["alice", "bob", "Carol", "大卫", "eve_1"]
    private static let groups = ["262246968131585", "278265393643526"]
    private static let texts = [
        "好的,收到", "订单 2025 已发货", "See you tomorrow!", "ＯＫ了", "👍", "这个价格可以吗?", "quote \" and \\ slash", "Café",
    ]

    init(seed: UInt64, count: Int) {
        random = SeededGenerator(seed: seed)
        while deliveries.count < count { step() }
    }

    private mutating func step() {
        clock += Int64(random.int(in: 0..<3)) * 700
        switch random.int(in: 0..<16) {
        case 0..<7: message()
        case 7: about { Payload.recall($0.id, at: $1, from: $0.from, to: $0.to) }
        case 8: about { Payload.read($0.id, at: $1, by: $0.to, to: $0.from) }
        case 9: edit()
        case 10: about { Payload.reaction("😀", by: [$0.to, $0.from], on: $0.id, at: $1, to: $0.to) }
        case 11:
            deliveries.append(
                .callback(Payload.conversationRead(at: clock, by: user(), to: user())))
        case 12:
            deliveries.append(
                .callback(
                    Payload.joined(
                        user(), group: random.pick(Self.groups), at: clock, room: random.chance(oneIn: 8))))
        case 13: send()
        case 14: otherApp()
        default: deliveries.append(.callback(#"{"something":"else","n":\#(random.int(in: 0..<5))}"#))
        }
    }

    private mutating func user() -> String { random.pick(Self.users) }

    private mutating func message() {
        let group = random.chance(oneIn: 2)
        let from = user()
        let to = group ? random.pick(Self.groups) : user()
        let id =
            random.chance(oneIn: 10)
            ? "1F4MX6\(random.int(in: 0..<50))" : Payload.id(at: clock, random.int(in: 0..<4))
        let text = random.pick(Self.texts)
        sent.append((id, clock, from, to, group))
        let nickname = #"{"ease_chat_uikit_user_info":{"nickname":"\#(from) \#(random.int(in: 0..<3))"}}"#
        var seen: [Delivery] = [
            .callback(
                Payload.text(
                    text, id: id, at: clock + Int64(random.int(in: 0..<90)), from: from, to: to, group: group,
                    content: random.chance(oneIn: 6) && group ? "chat:room:text" : nil,
                    ext: random.chance(oneIn: 3) ? nickname : "{}")),
            .history(
                Payload.history(
                    random.chance(oneIn: 5) ? text + "!" : text, id: id, at: clock, from: from, to: to,
                    kind: group ? "groupchat" : "chat")),
            .preSend(Payload.preSend(text, id: id, at: clock - 30, from: from, to: to)),
            .sdk(
                Payload.received(
                    text, id: id, at: clock, from: from, to: to, kind: group ? "groupChat" : "singleChat"),
                session: "s\(random.int(in: 0..<3))"),
            .callback(
                Payload.text(
                    text, id: id, at: clock + 200, from: from, to: to, group: group, offline: "eve_1")),
        ]
        seen.shuffle(using: &random)
        deliveries += seen.prefix(random.int(in: 1..<4))
    }

    private mutating func about(
        _ payload: ((id: String, time: Int64, from: String, to: String, group: Bool), Int64) -> String
    ) {
        // Now and then about a message that no surface showed.
        let known = sent.isEmpty || random.chance(oneIn: 12)
        let target =
            known
            ? (Payload.id(at: clock - 5000, 77), clock - 5000, "alice", "bob", false) : random.pick(sent)
        deliveries.append(.callback(payload(target, clock)))
    }

    private mutating func edit() {
        let text = random.pick(Self.texts)
        let count = random.int(in: 1..<3)
        about { target, time in
            Payload.edit(
                text, of: target.id, count: count, at: time, sent: target.time, from: target.from, to: target.to,
                group: target.group)
        }
    }

    /// A send and its answer, on two lines.
    private mutating func send() {
        let group = random.chance(oneIn: 2)
        let to = group ? random.pick(Self.groups) : user()
        let ref = "r\(deliveries.count)"
        let session = "s\(random.int(in: 0..<3))"
        deliveries.append(
            .sdk(
                Payload.send(
                    random.pick(Self.texts), ref: ref, to: to, kind: group ? "groupChat" : "singleChat", at: clock,
                    receivers: group && random.chance(oneIn: 2) ? [user(), user()] : []), session: session,
                flow: .out))
        guard !random.chance(oneIn: 6) else { return }
        let answer =
            random.chance(oneIn: 3)
            ? Payload.rejected(219, "user is mute", ref: ref, at: clock + 9)
            : Payload.resolved(Payload.id(at: clock + 9, 5), ref: ref, at: clock + 9)
        deliveries.append(.sdk(answer, session: session, flow: .out))
    }

    /// Another app's message with an id that is in use already.
    private mutating func otherApp() {
        guard random.chance(oneIn: 3), let known = sent.last else { return }
        deliveries.append(
            .callback(
                Payload.text(
                    "from elsewhere", id: known.id, at: known.time, from: known.from, to: known.to,
                    group: known.group, app: "org#other\(random.int(in: 0..<2))")))
    }
}
