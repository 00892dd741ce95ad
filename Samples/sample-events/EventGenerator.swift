// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Makes one callback after another.
struct EventGenerator {
    private static let app: StaticString = "load#test"
    /// 2026-11-01 00:00 in China, in milliseconds since 1970.
    private static let start: UInt64 = 1_793_462_400_000
    private static let spanMilliseconds: UInt64 = 30 * 86_400_000
    /// Message ids count seconds from 2014-12-03.
    private static let idEpochSeconds: UInt64 = 1_417_564_800

    private var random: SeededRandom
    private let secret: [UInt8]
    private let phrases = Phrasebook()
    private let users: [[UInt8]]
    private let conversationRanks: RankTable
    private let memberRanks: RankTable
    private var conversations: [Conversation?]
    /// Now, in thousandths of a millisecond, and the longest step to the next event.
    private var now: UInt64
    private let step: Int
    /// Reused for what a signature covers.
    private var signed: [UInt8] = []

    /// Who talks to whom, and the last messages that a receipt, an edit or a recall may name.
    private struct Conversation {
        var members: [Int]
        /// A group's id; nil in a single chat.
        var group: [UInt8]?
        var recent: [(id: UInt64, sender: Int, ms: UInt64)] = []
        var sent = 0

        mutating func remember(_ id: UInt64, sender: Int, ms: UInt64) {
            if recent.count < 16 {
                recent.append((id, sender, ms))
            } else {
                recent[sent % 16] = (id, sender, ms)
            }
            sent += 1
        }
    }

    private enum Kind {
        case text, image, audio, video, file, location, custom, command, read, recall, edit
    }

    init(count: Int, seed: UInt64, secret: String) {
        random = SeededRandom(seed: seed)
        self.secret = Array(secret.utf8)
        let userCount = max(100, count / 50)
        var users: [[UInt8]] = []
        for index in 0..<userCount {
            var name: [UInt8] = []
            switch random.below(3) {
            case 0:
                name += "user_"
                name.append(number: UInt64(index))
            case 1: name.append(number: 10_000_000 + UInt64(random.below(1 << 26)))
            default: name.append(hex: random.next(), digits: 16)
            }
            users.append(name)
        }
        self.users = users
        conversations = Array(repeating: nil, count: max(200, count / 25))
        conversationRanks = RankTable(count: conversations.count)
        memberRanks = RankTable(count: min(200, userCount))
        now = Self.start * 1000
        step = max(2, Int(2 * Self.spanMilliseconds * 1000 / UInt64(count)))
    }

    /// Appends the next callback and its newline.
    mutating func appendNext(to line: inout [UInt8]) {
        now += UInt64(random.below(step))
        let ms = now / 1000
        let place = conversationRanks.draw(&random)
        var talk = conversations[place] ?? makeConversation(place)
        // The only owner of its arrays from here on, so that they change in place.
        conversations[place] = nil
        var kind = nextKind()
        if talk.recent.isEmpty, kind == .read || kind == .recall || kind == .edit { kind = .text }

        var sender = talk.group == nil ? random.below(2) : memberRanks.draw(&random) % talk.members.count
        let target = talk.recent.isEmpty ? nil : talk.recent[random.below(talk.recent.count)]
        if let target, kind == .recall || kind == .edit { sender = target.sender }
        if let target, kind == .read, target.sender == sender { sender = (sender + 1) % talk.members.count }
        let id = (ms / 1000 - Self.idEpochSeconds) << 32 | (ms % 1000) << 22 | (random.next() >> 42)

        line += #"{"callId":""#
        let callStart = line.count
        line += Self.app
        line += "_"
        line.append(number: id)
        // Copied out: a slice that lives on would make the next append copy the whole buffer.
        signed.replaceSubrange(signed.startIndex..., with: line[callStart...])
        let signature = sign(ms: ms)
        line += #"","eventType":"chat","timestamp":"#
        line.append(number: ms)
        line += #","chat_type":""#
        line += chatType(kind, isGroup: talk.group != nil)
        line += "\""
        if let group = talk.group {
            line += #","group_id":""#
            line += group
            line += "\""
        }
        appendAddresses(talk, sender, to: &line)
        line += #","msg_id":""#
        line.append(number: id)
        line += #"","payload":{"#
        if let target, kind == .read || kind == .recall {
            line += #""ext":{},"ack_message_id":""#
            line.append(number: target.id)
            line += #"","bodies":[]}"#
            if kind == .recall {
                line += #","recall_id":""#
                line.append(number: target.id)
                line += "\""
            }
        } else if let target, kind == .edit {
            appendEdit(of: target, sender, talk, ms, to: &line)
        } else {
            appendMessage(kind, sender, talk, to: &line)
            talk.remember(id, sender: sender, ms: ms)
        }
        line += #","appkey":""#
        line += Self.app
        line += #"","host":"msync@load-"#
        line.append(number: UInt64(random.below(48)))
        line += #"","security":""#
        line += signature
        line += #"","securityVersion":"1.0.0"}"#
        line.append(UInt8(ascii: "\n"))
        conversations[place] = talk
    }

    private mutating func makeConversation(_ place: Int) -> Conversation {
        guard place % 5 < 2 else {
            let first = random.below(users.count)
            return Conversation(members: [first, (first + 1 + random.below(users.count - 1)) % users.count])
        }
        let sizes = place < 20 ? [200] : [3, 8, 20, 60, 200]
        var members: [Int] = []
        for _ in 0..<min(users.count, random.element(of: sizes)) { members.append(random.below(users.count)) }
        var group: [UInt8] = []
        group.append(number: 200_000_000_000_000 + UInt64(random.below(1 << 45)))
        return Conversation(members: members, group: group)
    }

    private mutating func nextKind() -> Kind {
        switch random.below(1000) {
        case ..<800: .text
        case ..<860: .read
        case ..<908: .image
        case ..<938: .audio
        case ..<944: .video
        case ..<950: .file
        case ..<957: .location
        case ..<976: .custom
        case ..<992: .command
        case ..<996: .recall
        default: .edit
        }
    }

    private func chatType(_ kind: Kind, isGroup: Bool) -> StaticString {
        switch kind {
        case .read: "read_ack"
        case .recall: "recall"
        case .edit: "edit"
        default: isGroup ? "groupchat" : "chat"
        }
    }

    /// The MD5 of the callId now in `signed`, the secret and the timestamp, in hexadecimal.
    private mutating func sign(ms: UInt64) -> [UInt8] {
        signed += secret
        signed.append(number: ms)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for byte in Insecure.MD5.hash(data: signed) { text.append(hex: UInt64(byte), digits: 2) }
        return text
    }

    private func appendAddresses(_ talk: Conversation, _ sender: Int, to line: inout [UInt8]) {
        line += #","from":""#
        line += users[talk.members[sender]]
        line += #"","to":""#
        line += talk.group ?? users[talk.members[1 - sender]]
        line += "\""
    }

    private mutating func appendMessage(
        _ kind: Kind, _ sender: Int, _ talk: Conversation, to line: inout [UInt8]
    ) {
        let from = users[talk.members[sender]]
        if random.chance(percent: 20) {
            line += #""ext":{"ease_chat_uikit_user_info":{"nickname":""#
            line += from
            line += #"","avatarURL":"https://img.example/u/"#
            line.append(number: UInt64(random.below(1 << 20)))
            line += #".png"}},"bodies":["#
        } else {
            line += #""ext":{},"bodies":["#
        }
        appendBody(kind, to: &line)
        line += "]"
        appendAddresses(talk, sender, to: &line)
        line += #","type":""#
        line += talk.group == nil ? "chat" : "groupchat"
        line += #""}"#
    }

    private mutating func appendEdit(
        of target: (id: UInt64, sender: Int, ms: UInt64), _ sender: Int, _ talk: Conversation, _ ms: UInt64,
        to line: inout [UInt8]
    ) {
        line += #""edit_message_id":""#
        line.append(number: target.id)
        line += #"","ext":{},"bodies":["#
        appendBody(.text, to: &line)
        line += #"],"meta":{"edit_msg":{"chat_type":""#
        line += talk.group == nil ? "chat:user" : "chat:group"
        line += #"","send_time":"#
        line.append(number: target.ms)
        line += #","edit_time":"#
        line.append(number: ms)
        line += #","sender":""#
        line += users[talk.members[sender]]
        line += #"","count":1,"operator":""#
        line += users[talk.members[sender]]
        line += #""}}"#
        appendAddresses(talk, sender, to: &line)
        line += #","type":"edit"}"#
    }

    private mutating func appendBody(_ kind: Kind, to line: inout [UInt8]) {
        switch kind {
        case .text, .read, .recall, .edit:
            line += #"{"type":"txt","msg":""#
            phrases.appendText(to: &line, &random)
            line += #""}"#
        case .image:
            line += #"{"type":"img","size":{"width":"#
            line.append(number: UInt64(240 + random.below(2048)))
            line += #","height":"#
            line.append(number: UInt64(240 + random.below(2048)))
            line += "}"
            appendAttachment("photo_", ".jpg", to: &line)
        case .audio:
            line += #"{"type":"audio","length":"#
            line.append(number: UInt64(1 + random.below(59)))
            appendAttachment("voice_", ".amr", to: &line)
        case .video:
            line += #"{"type":"video","length":"#
            line.append(number: UInt64(1 + random.below(300)))
            appendAttachment("clip_", ".mp4", to: &line)
        case .file:
            line += #"{"type":"file""#
            appendAttachment("方案_", ".pdf", to: &line)
        case .location:
            line += #"{"type":"loc","addr":""#
            phrases.appendChinese(words: 4, to: &line, &random)
            line += #"","lat":"#
            line.append(number: UInt64(22 + random.below(20)))
            line += "."
            line.append(number: UInt64(random.below(1_000_000)), digits: 6)
            line += #","lng":"#
            line.append(number: UInt64(103 + random.below(18)))
            line += "."
            line.append(number: UInt64(random.below(1_000_000)), digits: 6)
            line += "}"
        case .custom:
            line += #"{"type":"custom","customEvent":"order_card","v2:customExts":{"title":""#
            phrases.appendChinese(words: 3, to: &line, &random)
            line += #"","price":""#
            line.append(number: UInt64(random.below(2000)))
            line += #".00"}}"#
        case .command:
            line += #"{"type":"cmd","action":"TypingBegin"}"#
        }
    }

    private mutating func appendAttachment(
        _ name: StaticString, _ suffix: StaticString, to line: inout [UInt8]
    ) {
        line += #","filename":""#
        line += name
        line.append(number: UInt64(random.below(100_000)))
        line += suffix
        line += #"","file_length":"#
        line.append(number: UInt64(2000 + random.below(1 << 20)))
        line += #","secret":""#
        line.append(hex: random.next(), digits: 16)
        line += #"","url":"https://a1.easemob.com/load/test/chatfiles/"#
        line.append(hex: random.next(), digits: 8)
        line += "-"
        let middle = random.next()
        line.append(hex: middle, digits: 4)
        line += "-1"
        line.append(hex: middle >> 16, digits: 3)
        line += "-8"
        line.append(hex: middle >> 28, digits: 3)
        line += "-"
        line.append(hex: random.next(), digits: 12)
        line += #""}"#
    }
}
