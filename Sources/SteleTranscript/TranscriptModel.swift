// SPDX-License-Identifier: Apache-2.0

public import SteleEvents

/// What a transcript is about, known before its first message.
public struct TranscriptHeader: Sendable {
    /// The conversations that follow, in the order in which they follow.
    public var conversations: [ConversationSummary]
    /// First instant asked for, nil for no bound.
    public var from: Instant?
    /// First instant no longer asked for, nil for no bound.
    public var to: Instant?
    /// The log's records that were folded in: sequences below this number.
    public var recordCount: UInt64
    /// The point in time the transcript stands at, nil for the present.
    public var asOf: AsOf?
    /// With whose eyes it is read, nil for all that is archived.
    public var seenBy: UserID?

    public init(
        conversations: [ConversationSummary], from: Instant? = nil, to: Instant? = nil,
        recordCount: UInt64 = 0
    ) {
        self.conversations = conversations
        self.from = from
        self.to = to
        self.recordCount = recordCount
        asOf = nil
        seenBy = nil
    }
}

/// A point in time, by one of two clocks.
public struct AsOf: Hashable, Sendable {
    public var point: Point
    public var clock: Clock

    public enum Point: Hashable, Sendable {
        /// After this record of the log.
        case sequence(UInt64)
        case time(Instant)
    }

    public enum Clock: String, Hashable, Sendable, CaseIterable {
        /// What the archive had captured by then.
        case known
        /// How it stood in the chat then, with all that the archive learnt since.
        case happened
    }

    public init(_ point: Point, clock: Clock) {
        self.point = point
        self.clock = clock
    }
}

/// One conversation as lists show it.
public struct ConversationSummary: Hashable, Sendable {
    public var id: ConversationID
    /// Nil when no surface named the app.
    public var app: AppKey?
    /// The name to print: `id`, prefixed by `APPKEY/` where the archive holds more than one app.
    public var name: String
    /// A group's or room's own title, where an event told it.
    public var title: String?
    /// Everyone who wrote, received or is known as a member, in byte order.
    public var participants: [Participant]
    /// Messages in the whole conversation, commands (透传) not counted.
    public var messageCount: Int
    public var first: Instant?
    public var last: Instant?

    public init(
        id: ConversationID, app: AppKey?, name: String, title: String? = nil,
        participants: [Participant] = [],
        messageCount: Int = 0, first: Instant? = nil, last: Instant? = nil
    ) {
        self.id = id
        self.app = app
        self.name = name
        self.title = title
        self.participants = participants
        self.messageCount = messageCount
        self.first = first
        self.last = last
    }
}

/// A user, and the display name messages carried, where they did.
public struct Participant: Hashable, Sendable {
    public var user: UserID
    /// From a message's `ext` (`ease_chat_uikit_user_info.nickname`), the latest seen.
    public var displayName: String?

    public init(user: UserID, displayName: String? = nil) {
        self.user = user
        self.displayName = displayName
    }
}

/// What stands in a transcript: messages, and what happened between them.
public enum TranscriptEntry: Hashable, Sendable {
    case message(TranscriptMessage)
    /// Something done to a group or room: someone joined, the owner changed, all were muted …
    case notice(TranscriptNotice)
    /// A message that the viewer does not see; only in transcripts that were asked to explain themselves.
    case hidden(HiddenMessage)

    /// Where it stands among the others.
    public var time: Instant {
        switch self {
        case .message(let message): message.time
        case .notice(let notice): notice.time
        case .hidden(let hidden): hidden.time
        }
    }
}

/// That there is a message, and why the viewer does not see it: nothing of what it says.
public struct HiddenMessage: Hashable, Sendable {
    public var id: MessageID
    public var conversation: ConversationID
    public var from: UserID?
    public var time: Instant
    public var sequence: UInt64
    public var reason: HiddenReason

    public init(
        id: MessageID, conversation: ConversationID, from: UserID?, time: Instant, sequence: UInt64,
        reason: HiddenReason
    ) {
        self.id = id
        self.conversation = conversation
        self.from = from
        self.time = time
        self.sequence = sequence
        self.reason = reason
    }
}

/// One message with everything the archive knows of it.
public struct TranscriptMessage: Hashable, Sendable {
    public var id: MessageID
    public var conversation: ConversationID
    public var app: AppKey?
    public var from: Participant?
    /// The peer, group, room or thread as sent.
    public var to: String
    /// When it was sent, by the platform's clock.
    public var time: Instant
    /// When it was sent as the best surface stated it; nil where none did.
    ///
    /// ``MessageID/instant`` is the other clock. ``time`` is the id's while both are within ten minutes, else the stated one.
    public var statedTime: Instant?
    /// The id's own clock where the stated time counts in its place: they are more than ten minutes apart then.
    public var disagreeingIDTime: Instant? { statedTime == time && id.instant != time ? id.instant : nil }
    /// Whether a message of a later time was captured before this one, in its conversation.
    public var isOutOfOrder = false
    /// The first record that showed it.
    public var sequence: UInt64
    /// When that record was captured.
    public var capturedAt: Instant
    /// Every content the message had, earliest first, the last being what readers see now; none when it is withheld.
    public var versions: [Version]
    /// Why its content is not shown to the viewer, though its place is; nil when it is shown.
    public var withheld: HiddenReason?
    public var recall: RecallMark?
    public var standing: Standing
    public var receipts: Receipts
    public var reactions: [Reaction]
    public var isPinned: Bool
    /// Who pinned it and when, where told.
    public var pin: PinMark?
    /// The thread it is in, and what that thread grew from.
    public var thread: ThreadReference?
    /// The threads (子区) that grew from it.
    public var startedThreads: [StartedThread]
    public var priority: Message.Priority?
    public var isBroadcast: Bool
    /// The chosen receivers of a targeted message, nil for one to everybody.
    public var receivers: [UserID]?
    public var isOnlineOnly: Bool
    /// Whether its sender asked a group's members for read receipts.
    public var wantsReceipts: Bool
    /// Who was offline when it was sent, in byte order.
    public var offline: [UserID]
    /// Whether any record shows that somebody got it; nil for a message that was not sent.
    public var delivery: Delivery?
    /// What the platform did with it: checked, replaced, pushed.
    public var platform: PlatformFacts
    /// Every record that showed this message, by sequence.
    public var sightings: [Sighting]
    /// What the archive holds of the attachment, for the five types that have one.
    public var attachment: AttachmentState?
    /// The same of the small picture that goes with it, where the message names one.
    public var thumbnail: AttachmentState?
    /// What is inside a combine message.
    public var bundle: BundleContent?

    /// What is proven: accepted by the platform, only about to be sent, or refused.
    public enum Standing: Hashable, Sendable {
        case sent
        case attempted
        case refused(code: Int?, reason: String)
    }

    public enum State: String, Hashable, Sendable { case normal, edited, recalled }

    /// What the records prove of its arrival.
    public enum Delivery: String, Hashable, Sendable {
        /// A client showed it as received, or a receipt tells of it.
        case seen
        /// Sent, and no record shows it arriving: of a chat room, where messages may be dropped under load, all there is
        /// to know.
        case unseen
    }

    public var state: State {
        if recall != nil { return .recalled }
        return versions.count > 1 || versions.last?.isEdit == true ? .edited : .normal
    }

    /// What readers see now.
    public var body: Body { versions.last?.body ?? .unknown(type: "") }

    public init(
        id: MessageID, conversation: ConversationID, app: AppKey? = nil, from: Participant?, to: String,
        time: Instant,
        sequence: UInt64, capturedAt: Instant, versions: [Version]
    ) {
        self.id = id
        self.conversation = conversation
        self.app = app
        self.from = from
        self.to = to
        self.time = time
        self.sequence = sequence
        self.capturedAt = capturedAt
        self.versions = versions
        withheld = nil
        recall = nil
        standing = .sent
        receipts = Receipts()
        reactions = []
        isPinned = false
        pin = nil
        thread = nil
        startedThreads = []
        priority = nil
        isBroadcast = false
        receivers = nil
        isOnlineOnly = false
        wantsReceipts = false
        offline = []
        delivery = nil
        platform = PlatformFacts()
        sightings = []
        attachment = nil
        thumbnail = nil
        bundle = nil
    }
}

/// One content of a message.
public struct Version: Hashable, Sendable {
    public var body: Body
    /// The extension object as JSON text, nil when there is none.
    public var ext: String?
    /// When it became the content: the sending, or the edit.
    public var time: Instant?
    /// Who edited; nil for the content first sent.
    public var editor: UserID?
    /// False for the content first sent, true for an edit: a message can be known by its edit alone.
    public var isEdit: Bool

    public init(
        body: Body, ext: String? = nil, time: Instant? = nil, editor: UserID? = nil, isEdit: Bool = false
    ) {
        self.body = body
        self.ext = ext
        self.time = time
        self.editor = editor
        self.isEdit = isEdit
    }
}

/// That a message was taken back; its content stays.
public struct RecallMark: Hashable, Sendable {
    public var by: UserID?
    /// Nil when no surface told the time.
    public var time: Instant?
    public var notice: String?

    public init(by: UserID?, time: Instant?, notice: String?) {
        self.by = by
        self.time = time
        self.notice = notice
    }
}

/// Who got and who read a message.
public struct Receipts: Hashable, Sendable {
    public var delivered: [Receipt] = []
    public var read: [Receipt] = []
    /// Members of a group who read it, as the platform counted, where it told.
    public var readCount: Int?

    public init() {}
}

/// One receipt of one user; the time is nil when the surface told none.
public struct Receipt: Hashable, Sendable {
    public var user: UserID
    public var time: Instant?
    /// Text that came with a group's read receipt.
    public var content: String?
    /// Whether the user read the whole conversation up to then, this message among the rest (会话已读).
    public var isOfConversation: Bool

    public init(user: UserID, time: Instant?, content: String? = nil, isOfConversation: Bool = false) {
        self.user = user
        self.time = time
        self.content = content
        self.isOfConversation = isOfConversation
    }
}

/// That a record showed a message.
public struct Sighting: Hashable, Sendable {
    public var sequence: UInt64
    public var surface: Surface
    public var flow: Flow
    public var isPreSend: Bool
    public var session: String?
    public var capturedAt: Instant

    public init(
        sequence: UInt64, surface: Surface, flow: Flow, isPreSend: Bool, session: String?, capturedAt: Instant
    ) {
        self.sequence = sequence
        self.surface = surface
        self.flow = flow
        self.isPreSend = isPreSend
        self.session = session
        self.capturedAt = capturedAt
    }
}

/// What the archive holds of an attachment.
public enum AttachmentState: Hashable, Sendable {
    /// Its content, SHA-256 in hexadecimal; the file lies in the archive's `attachments` folder under that name.
    case stored(sha256: String, bytes: Int64)
    /// Why it is not there, in the words of the record that tried, or ``notRequested`` or ``notYet``.
    case missing(reason: String, tries: AttachmentTries? = nil)

    /// Nobody tried to get it, and nobody is going to by himself.
    public static let notRequested = "not requested"
    /// It is waiting for its first try, or for another one.
    public static let notYet = "not yet"
}

/// What was tried to get an attachment that is not there.
public struct AttachmentTries: Hashable, Sendable {
    public var count: Int
    /// When the last try began.
    public var last: Instant
    /// What it came to, where the reason is that another one follows.
    public var outcome: String?
    /// What the server said, or what kept it from answering.
    public var why: String?
    /// SHA-256 of what came instead: kept, though it is not what the message says.
    public var kept: String?

    public init(
        count: Int, last: Instant, outcome: String? = nil, why: String? = nil, kept: String? = nil
    ) {
        self.count = count
        self.last = last
        self.outcome = outcome
        self.why = why
        self.kept = kept
    }
}

/// What is inside a combine message.
public indirect enum BundleContent: Hashable, Sendable {
    case messages([BundledMessage])
    /// Why it cannot be shown: its file is not in the archive, is damaged, nests deeper than ten levels or in a circle.
    case unreadable(reason: String)
}

/// A message inside a bundle, as its forwarder sent it.
public struct BundledMessage: Hashable, Sendable {
    public var id: MessageID
    public var from: Participant?
    /// When it was first sent.
    public var time: Instant?
    public var body: Body
    public var ext: String?
    public var attachment: AttachmentState?
    /// As of a message of its own.
    public var thumbnail: AttachmentState?
    public var bundle: BundleContent?

    public init(id: MessageID, from: Participant?, time: Instant?, body: Body, ext: String? = nil) {
        self.id = id
        self.from = from
        self.time = time
        self.body = body
        self.ext = ext
    }
}

/// Something that happened in a group or room between its messages.
public struct TranscriptNotice: Hashable, Sendable {
    public var conversation: ConversationID
    /// By the platform's clock where told, else the capture time.
    public var time: Instant
    public var sequence: UInt64
    public var operation: GroupOperation

    public init(conversation: ConversationID, time: Instant, sequence: UInt64, operation: GroupOperation) {
        self.conversation = conversation
        self.time = time
        self.sequence = sequence
        self.operation = operation
    }
}
