// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
import SteleTestSupport

/// An invented history, the same for the same seed.
///
/// Records as any surface may show them, about few messages of few people, so that everything that can meet does: every kind of
/// payload that the samples know, ids shared by apps and by records that name none, clocks that disagree with ids, many
/// equal times, and names that look alike and are not the same bytes.
package struct ChatHistory: Sendable {
    /// Members of a record's line after its time.
    package private(set) var lines: [[UInt8]] = []
    /// Where each was seen.
    package private(set) var surfaces: [Surface] = []
    private var random: SeededGenerator
    private let cast: Cast

    package init(seed: UInt64, count: Int) {
        random = SeededGenerator(seed: seed)
        cast = Cast(&random)
        while lines.count < count { step() }
    }

    private mutating func step() {
        if random.chance(oneIn: 5) {
            message()
        } else if random.chance(oneIn: 12) {
            client()
        } else {
            // Each sample as often as another, whatever the number of one surface's.
            add(random.pick(PayloadTemplate.all))
        }
    }

    /// A record whose payload has each gap filled with something of the cast.
    private mutating func add(_ template: PayloadTemplate) {
        let app = random.pick(cast.apps)
        var random = self.random
        let payload = template.payload { gap in
            switch gap {
            case .message: Array(random.pick(cast.messages).id.utf8)
            case .time: Array(String(random.pick(cast.times)).utf8)
            case .group: Array(random.pick(cast.groups).utf8)
            case .user: Array(random.pick(cast.users).utf8)
            case .app: Array(app.utf8)
            case .text: Array(random.pick(Cast.texts).utf8)
            case .reference: Array(random.pick(Cast.references).utf8)
            }
        }
        self.random = random
        add(payload, template.surface, template.flow, isPreSend: template.isPreSend)
    }

    /// One message as several surfaces tell it, most of them alike.
    private mutating func message() {
        let (id, sent) = random.pick(cast.messages)
        let isGroup = random.chance(oneIn: 2)
        let from = random.pick(cast.users)
        let to = isGroup ? random.pick(cast.groups) : random.pick(cast.users)
        let text = random.pick(Cast.texts)
        let app = random.pick(cast.apps)
        let time = sent + Int64(random.pick([0, 0, 0, 26, 90, -400, 3_600_000, -7_200_000]))
        let content = random.pick([
            "", #","content_type":"chat:room:text""#, #","content_type":"chat:group:text""#,
        ])
        let kind = isGroup ? #""groupchat","group_id":"\#(to)"\#(content)"# : #""chat""#
        let body = #"{"type":"txt","msg":"\#(text)"}"#
        let ext = random.chance(oneIn: 3) ? #"{"ease_chat_uikit_user_info":{"nickname":"\#(from)"}}"# : "{}"
        func callback(_ eventType: String, to: String) -> [UInt8] {
            Array(
                (#"{"callId":"\#(app)_\#(id)","eventType":"\#(eventType)","timestamp":\#(time),"chat_type":\#(kind),"#
                    + #""from":"\#(from)","to":"\#(to)","msg_id":"\#(id)","payload":{"ext":\#(ext),"bodies":[\#(body)]},"#
                    + #""appkey":"\#(app)"}"#).utf8)
        }
        let seen: [(payload: [UInt8], surface: Surface, flow: Flow, isPreSend: Bool)] = [
            (callback("chat", to: to), .callback, .none, false),
            (callback("chat", to: to), .switchboard, .none, false),
            (callback("chat_offline", to: random.pick(cast.users)), .callback, .none, false),
            (
                Array(
                    (#"{"msg_id":"\#(id)","timestamp":\#(time),"direction":"outgoing","to":"\#(to)","from":"\#(from)","#
                        + #""chat_type":"\#(isGroup ? random.pick(["groupchat", "chatroom"]) : "chat")","payload":{"#
                        + #""bodies":[\#(body)],"ext":\#(ext),"from":"\#(from)","to":"\#(to)"}}"#).utf8),
                .history, .none, false
            ),
            (
                Array(
                    (#"{"callId":"\#(app)_0990a64f","timestamp":\#(time - 30),"chat_type":"\#(isGroup ? "group" : "chat")","#
                        + #""from":"\#(from)","to":"\#(to)","msg_id":"\#(id)","payload":\#(body)}"#).utf8),
                .callback, .none, true
            ),
            (
                Array(
                    (#"{"at":\#(time + 40),"flow":"in","handler":"onTextMessage","message":{"id":"\#(id)","type":"txt","#
                        + #""chatType":"\#(isGroup ? random.pick(["groupChat", "chatRoom"]) : "singleChat")","#
                        + #""msg":"\#(text)","to":"\#(to)","from":"\#(from)","time":\#(time),"ext":\#(ext)}}"#)
                        .utf8),
                .sdk, .in, false
            ),
        ]
        for record in seen.shuffled(using: &random).prefix(random.int(in: 1..<5)) {
            add(record.payload, record.surface, record.flow, isPreSend: record.isPreSend)
        }
    }

    /// What no sample shows: what a client goes through, several messages in one record, tries to get an attachment.
    private mutating func client() {
        let (id, sent) = random.pick(cast.messages)
        let (from, to, text) = (random.pick(cast.users), random.pick(cast.users), random.pick(Cast.texts))
        let uuid = random.pick([
            "7b810390-2ee0-11f0-b4c7-03224649d943", "D9135700-2ee0-11f0-b000-a7039876610f",
        ])
        let message =
            #"{"id":"\#(id)","type":"txt","chatType":"singleChat","msg":"\#(text)","to":"\#(to)","#
            + #""from":"\#(from)","time":\#(sent),"ext":{}}"#
        let seen: [(payload: String, surface: Surface)] = [
            (#"{"at":\#(sent),"handler":"onConnected"}"#, .sdk),
            (#"{"at":\#(sent),"handler":"onPresence","event":{}}"#, .sdk),
            (#"{"at":\#(sent),"handler":"onReceivedMessage","message":{"id":"l1","mid":"\#(id)"}}"#, .sdk),
            (#"{"at":\#(sent),"handler":"onMessage","message":[\#(message),\#(message)]}"#, .sdk),
            (
                #"{"uuid":"\#(uuid)","outcome":"\#(random.pick(["expired", "stored"]))","bytes":3}"#,
                .attachment
            ),
        ]
        let record = random.pick(seen)
        add(
            Array(record.payload.utf8), record.surface, record.surface == .sdk ? .in : .none, isPreSend: false
        )
    }

    private mutating func add(_ payload: [UInt8], _ surface: Surface, _ flow: Flow, isPreSend: Bool) {
        let isOnClient = surface == .sdk || surface == .msync
        // What the payload names goes before what was given beside it.
        let beside = random.chance(oneIn: 4) ? AppKey(random.pick(cast.apps)) : nil
        let session = isOnClient ? random.pick(Cast.sessions) : nil
        var line: [UInt8] = []
        Record.appendMembers(
            surface: surface, flow: flow, isPreSend: isPreSend, session: session, app: beside,
            payload: payload,
            isJSON: true, to: &line)
        lines.append(line)
        surfaces.append(surface)
    }
}

/// Who and what the records are about: few, so that they meet.
struct Cast: Sendable {
    /// Ids and the times they were given at.
    let messages: [(id: String, time: Int64)]
    let times: [Int64]
    let groups: [String]
    let users: [String]
    let apps: [String]

    /// The last two look alike and are different bytes; so do the last two users.
    static let texts = [
        "好的,收到", "订单 2025 已发货", "See you tomorrow!", "ＯＫ了", "👍", "quote \\\" and \\\\ slash", "",
        "nul \\u0000 inside", "豈有此理", "豈有此理", "Caf\u{E9}", "Cafe\u{301}",
    ]
    static let references = ["r1", "r2", "r3", "r4"]
    static let sessions: [String?] = ["s1", "s2", "S2", nil]

    init(_ random: inout SeededGenerator) {
        let start: Int64 = 1_747_000_000_000 + Int64(random.int(in: 0..<1000))
        var times = [start]
        // Some at once, some ten minutes and more apart.
        for _ in 0..<5 {
            times.append((times.last ?? start) + Int64(random.pick([0, 1, 700, 60_000, 700_000])))
        }
        self.times = times
        messages = (0..<12).map { number in
            let time = random.pick(times)
            return switch number {
            case 0: ("1F4MX6iSdI7VFnN7Hm0vrcr3Uwr", time)
            case 1: ("10212123848595", time)
            case 2: ("17\(number)00000000000000000", time)
            case 3: ("00\(Self.id(at: time, number))", time)
            default: (Self.id(at: time, number % 6), time)
            }
        }
        groups = ["262246968131585", "278265393643526"]
        users = Array(
            ["alice", "Bob", "eve_1", "大卫", "user2", "caf\u{E9}", "cafe\u{301}"].shuffled(using: &random)
                .prefix(5))
        apps = Array(["org#shop", "org#other", "org_2#x"].prefix(random.int(in: 1..<4)))
    }

    /// An id of the platform's layout for a time in milliseconds.
    private static func id(at milliseconds: Int64, _ number: Int) -> String {
        let seconds = milliseconds / 1000 - 1_417_564_800
        return String(seconds << 32 | (milliseconds % 1000) << 22 | Int64(number) << 12 | 7)
    }
}
