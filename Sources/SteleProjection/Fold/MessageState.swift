// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A row of `messages`: what one sighting told of a message, or what all of them add up to.
///
/// Two states of one message merge into one, and the result does not depend on the order: each part comes from the sighting
/// that ranks first for it, flags add up, and the first sighting is the one with the lowest sequence.
struct MessageState {
    /// The row, and the number that facts about the message are kept under: the same for all but alternates.
    var key: Int64
    var target: Int64
    var id: MessageID
    var app: Int64
    /// 0 when no sighting could tell.
    var conversation: Int64
    var sender: Int64
    var recipient: String
    var body: StoredBody
    var ext: String?
    /// The message's time: see ``chooseTime()``.
    var time: Int64 = 0
    /// As the surface stated it; 0 when none did.
    var stated: Int64
    /// The stated time of the sighting that the content is from.
    var contentTime: Int64
    var standing: Standing
    var flags: Flags
    var ranks: Ranks
    var sequence: Int64
    var capturedAt: Int64
    var how: Int64
    var session: Int64

    /// Lower is proven better.
    enum Standing: Int64 { case sent, refused, attempted }

    struct Flags: OptionSet {
        var rawValue: Int64

        static let broadcast = Flags(rawValue: 1)
        static let onlineOnly = Flags(rawValue: 2)
        static let wantsGroupReceipt = Flags(rawValue: 4)
        static let contentReplaced = Flags(rawValue: 8)
        static let targeted = Flags(rawValue: 16)
        static let inThread = Flags(rawValue: 32)
        /// High, normal, low: the highest that a sighting told counts.
        static let high = Flags(rawValue: 64)
        static let normal = Flags(rawValue: 128)
        static let low = Flags(rawValue: 256)
    }

    /// How much each part's source is to be believed: lower wins.
    struct Ranks: Equatable {
        var content: Int64
        /// Conversation, sender and recipient.
        var address: Int64
        var stated: Int64

        var packed: Int64 { content | address << 8 | stated << 16 }

        init(_ rank: Int64) {
            content = rank
            address = rank
            stated = rank
        }

        init(packed: Int64) {
            content = packed & 0xFF
            address = packed >> 8 & 0xFF
            stated = packed >> 16 & 0xFF
        }
    }

    /// Where sightings stand among each other.
    enum Rank {
        static let callback: Int64 = 0
        static let history: Int64 = 1
        static let client: Int64 = 2
        static let offline: Int64 = 3
        static let retold: Int64 = 4
        static let preSend: Int64 = 5
        static let refused: Int64 = 6
        /// What moderation was shown.
        static let judged: Int64 = 7
        /// An edit shows where its message stands, but its content is not the one first sent.
        static let edit: Int64 = 8
        /// A record that names the message and shows nothing of it.
        static let mention: Int64 = 9
        /// Added where a sighting tells the conversation and not who sent it.
        static let senderless: Int64 = 16
        /// Added where a sighting tells nothing of the part.
        static let nothing: Int64 = 32
    }

    /// Whether any sighting showed what was first sent.
    var hasOriginal: Bool { ranks.content < Rank.edit }

    /// Takes in what another sighting, or all that were merged so far, told of the same message.
    ///
    /// `addressPrecedes` says whether the first conversation, sender and recipient come before the second in the
    /// order of their names: asked only when two sightings of one rank disagree.
    mutating func merge(
        _ other: MessageState, addressPrecedes: (MessageState, MessageState) throws -> Bool
    ) rethrows {
        if other.contentPrecedes(self) {
            body = other.body
            ext = other.ext
            contentTime = other.contentTime
            ranks.content = other.ranks.content
        }
        let isBetter =
            if other.ranks.address != ranks.address {
                other.ranks.address < ranks.address
            } else {
                !isAddressed(like: other) ? try addressPrecedes(other, self) : false
            }
        if isBetter {
            conversation = other.conversation
            sender = other.sender
            recipient = other.recipient
            ranks.address = other.ranks.address
        }
        if (other.ranks.stated, other.stated) < (ranks.stated, stated) {
            stated = other.stated
            ranks.stated = other.ranks.stated
        }
        if other.standing.rawValue < standing.rawValue { standing = other.standing }
        flags.formUnion(other.flags)
        if app == 0 { app = other.app }
        if other.sequence < sequence {
            sequence = other.sequence
            capturedAt = other.capturedAt
            how = other.how
            session = other.session
        }
        chooseTime()
    }

    private func isAddressed(like other: MessageState) -> Bool {
        (conversation, sender) == (other.conversation, other.sender)
            && ExactText.areSame(recipient, other.recipient)
    }

    /// By rank, then time, then bytes.
    private func contentPrecedes(_ other: MessageState) -> Bool {
        guard ranks.content == other.ranks.content else { return ranks.content < other.ranks.content }
        guard contentTime == other.contentTime else { return contentTime < other.contentTime }
        guard body == other.body, ExactText.areSame(ext, other.ext) else {
            return contentBytes.lexicographicallyPrecedes(other.contentBytes)
        }
        return false
    }

    private var contentBytes: [UInt8] {
        Array(body.type.utf8) + [0] + Array(body.text.utf8) + [0] + body.detail + [0]
            + Array((ext ?? "").utf8)
    }

    /// Most microseconds by which an id's own time and the stated one may differ for the id's to count.
    private static let toleratedDifference: Int64 = 600_000_000

    /// The id's own instant when the stated time is within ten minutes of it or absent; else the stated one; of a message
    /// with neither, when it was first captured.
    mutating func chooseTime() {
        guard target > 0 else {
            time = stated != 0 ? stated : capturedAt
            return
        }
        let own = MessageID.instant(ofKey: target).microseconds
        let (difference, isHuge) = own.subtractingReportingOverflow(stated)
        time = stated == 0 || (!isHuge && difference.magnitude <= Self.toleratedDifference) ? own : stated
    }
}

/// Surface, flow and phase of a record in one number; of a message's first, also whether it came out of order.
enum How {
    private static let surfaces: [Surface] = [.callback, .history, .sdk, .msync, .switchboard, .attachment]
    private static let flows: [Flow] = [.none, .in, .out]

    /// Set beside the rest when a later message of the conversation was captured before, see ``Arrivals``.
    static let late: Int64 = 256

    static func code(_ surface: Surface, _ flow: Flow, isPreSend: Bool) -> Int64 {
        let surface: Int64 =
            switch surface {
            case .callback: 0
            case .history: 1
            case .sdk: 2
            case .msync: 3
            case .switchboard: 4
            case .attachment: 5
            }
        let flow: Int64 =
            switch flow {
            case .none: 0
            case .in: 1
            case .out: 2
            }
        return surface << 3 | flow << 1 | (isPreSend ? 1 : 0)
    }

    static func surface(_ code: Int64) -> Surface { surfaces[Int((code & ~late) >> 3) % surfaces.count] }
    static func flow(_ code: Int64) -> Flow { flows[Int(code >> 1 & 3) % flows.count] }
    static func isPreSend(_ code: Int64) -> Bool { code & 1 == 1 }
}
