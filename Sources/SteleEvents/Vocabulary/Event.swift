// SPDX-License-Identifier: Apache-2.0

/// Something that happened in the chat, as one surface told it.
public struct Event: Hashable, Sendable {
    public var kind: Kind
    /// The app, where the payload or the record's context names one.
    public var app: AppKey?
    /// When it happened by the platform's clock as the surface states it; for an SDK event that states none,
    /// when the tap saw it.
    ///
    /// ``MessageID/instant`` is the other clock.
    public var time: Instant?
    /// The event's own id: the message's for a message, never the target's for a receipt, a recall or an edit.
    public var id: MessageID?

    public init(kind: Kind, app: AppKey? = nil, time: Instant? = nil, id: MessageID? = nil) {
        self.kind = kind
        self.app = app
        self.time = time
        self.id = id
    }

    /// Every kind the platform is known to emit.
    ///
    /// What it will emit next is `unknown`, a value and not a failure.
    public enum Kind: Hashable, Sendable {
        // The two large ones are indirect: an event is handed on many times before it is folded.
        indirect case message(Message)
        indirect case edit(Edit)
        case recall(Recall)
        case read(ReadReceipt)
        case conversationRead(ConversationRead)
        case delivered(DeliveryReceipt)
        case reactions(ReactionState)
        case thread(ThreadChange)
        case pin(PinChange)
        case group(GroupOperation)
        case contact(ContactChange)
        case login(LoginChange)
        case presence([Presence])
        case keywordAlert(KeywordAlert)
        case moderation(Moderation)
        case push(PushResult)
        case multiDevice(MultiDeviceChange)
        case statistic([GroupReadCount])
        /// `conn.send` or another call of the SDK, with what became of it when the same line tells.
        case call(Call)
        /// What became of an earlier call, told by `reference`.
        case callOutcome(reference: String, CallOutcome)
        /// `onReceivedMessage`: the server took a message of ours.
        case accepted(localID: String, messageID: MessageID?)
        /// Connected, disconnected, reconnecting, an error, a token about to expire: `name` is the handler's, `detail` what
        /// it was handed with it.
        case connection(name: String, detail: String?)
        /// The bytes of a combine message's attachment, seen beside its upload or download.
        case bundleFile(BundleFile)
        /// A try to get an attachment's content, and what became of it.
        case attachment(AttachmentFetch)
        /// Fetching of attachments was switched on or off.
        case fetching(FetchingSwitch)
        /// One of the platform's hourly history files was taken in, or there was none.
        case historyHour(HistoryHour)
        /// A frame of the SDK's wire protocol, base64 text of the named protobuf message.
        case frame(type: String, base64: String)
        /// Several events in one payload: the SDK's `onMessage` hands an array of messages, mostly ones that a typed
        /// handler was handed too, and one reaction notice may concern several messages.
        case batch([Event])
        /// A deprecated handler of the SDK told again what its successor tells: `name` is the handler's.
        case repeated(name: String)
        /// A kind this program does not know: kept in the log, listed in the quarantine.
        case unknown(reason: String)
    }
}

/// A message as one surface showed it.
public struct Message: Hashable, Sendable {
    /// Nil when the surface cannot tell: a single chat seen from a client whose user is not known.
    public var conversation: ConversationID?
    /// Nil or empty where the SDK's own side does not say.
    public var from: UserID?
    /// The peer, the group, the room or the thread.
    public var to: String
    public var body: Body
    /// The message's extension object, as JSON text; nil when there is none or it is empty.
    public var ext: String?
    /// What the sighting proves.
    public var stage: Stage
    /// Whether the surface left open if a group id means a group or a chat room.
    public var isGroupOrRoomUndecided = false
    /// Set where seen: on the sending side and on the wire only, for receivers, online-only and thread.
    public var priority: Priority?
    public var isBroadcast = false
    /// The chosen receivers of a targeted message (定向消息); nil where the surface does not show them.
    public var receivers: [UserID]?
    public var isOnlineOnly = false
    public var wantsGroupReceipt = false
    public var thread: ThreadReference?
    /// The whole set of reactions, where the surface shows it with the message.
    public var reactions: [Reaction]?
    /// Whether moderation replaced the content.
    public var isContentReplaced = false

    /// What a sighting of a message proves about it.
    public enum Stage: Hashable, Sendable {
        /// The platform accepted it (post-send callback, history line, an SDK event).
        case sent
        /// One member was offline; `to` of the callback (post-send `chat_offline`).
        case offline(receiver: UserID)
        /// It was about to be sent: a pre-send callback alone proves no delivery.
        case attempted
        /// Something else told of it: a thread's notice brings the thread's last message, edited or not.
        case retold
    }

    public enum Priority: String, Hashable, Sendable { case high, normal, low }

    public init(
        conversation: ConversationID?, from: UserID?, to: String, body: Body, ext: String? = nil,
        stage: Stage = .sent
    ) {
        self.conversation = conversation
        self.from = from
        self.to = to
        self.body = body
        self.ext = ext
        self.stage = stage
    }
}

/// Which thread (子区) a message is in, or which message a thread grew from.
public struct ThreadReference: Hashable, Sendable {
    public var parentMessage: MessageID?
    /// The group the thread belongs to.
    public var parentGroup: String?
    public var name: String?

    public init(parentMessage: MessageID?, parentGroup: String?, name: String?) {
        self.parentMessage = parentMessage
        self.parentGroup = parentGroup
        self.name = name
    }
}

/// New content for an earlier message.
public struct Edit: Hashable, Sendable {
    public var target: MessageID
    /// The whole new state of the message, with its original sender.
    public var message: Message
    public var `operator`: UserID?
    /// How often the message was edited, this time included.
    public var count: Int?
    public var editedAt: Instant?
    public var sentAt: Instant?

    public init(
        target: MessageID, message: Message, operator editor: UserID?, count: Int?, editedAt: Instant?,
        sentAt: Instant?
    ) {
        self.target = target
        self.message = message
        self.operator = editor
        self.count = count
        self.editedAt = editedAt
        self.sentAt = sentAt
    }
}

/// A message taken back (撤回).
///
/// Its content stays in the archive.
public struct Recall: Hashable, Sendable {
    public var target: MessageID
    /// Who recalled, not always the author.
    public var by: UserID?
    /// The peer or the group as the event names it.
    public var to: String
    /// The recall notice's extension text, where given.
    public var notice: String?

    public init(target: MessageID, by: UserID?, to: String, notice: String?) {
        self.target = target
        self.by = by
        self.to = to
        self.notice = notice
    }
}

/// One reader of one message.
public struct ReadReceipt: Hashable, Sendable {
    public var target: MessageID
    public var reader: UserID?
    public var to: String
    public var isGroup: Bool
    /// Text sent with a group read receipt.
    public var content: String?
    /// How many read each message so far, where the event tells.
    public var counts: [GroupReadCount]

    public init(
        target: MessageID, reader: UserID?, to: String, isGroup: Bool, content: String? = nil,
        counts: [GroupReadCount] = []
    ) {
        self.target = target
        self.reader = reader
        self.to = to
        self.isGroup = isGroup
        self.content = content
        self.counts = counts
    }
}

/// How many members read a group message.
public struct GroupReadCount: Hashable, Sendable {
    public var message: MessageID
    public var count: Int

    public init(message: MessageID, count: Int) {
        self.message = message
        self.count = count
    }
}

/// Everything up to now in a single chat was read (会话已读).
public struct ConversationRead: Hashable, Sendable {
    public var conversation: ConversationID?
    public var reader: UserID?
    /// A message of the conversation; which one is not documented.
    public var message: MessageID?

    public init(conversation: ConversationID?, reader: UserID?, message: MessageID?) {
        self.conversation = conversation
        self.reader = reader
        self.message = message
    }
}

/// A message reached a device of its receiver (送达回执).
public struct DeliveryReceipt: Hashable, Sendable {
    public var target: MessageID
    public var receiver: UserID?

    public init(target: MessageID, receiver: UserID?) {
        self.target = target
        self.receiver = receiver
    }
}

/// The reactions a message has now: the whole state, not a change.
public struct ReactionState: Hashable, Sendable {
    public var target: MessageID
    public var conversation: ConversationID?
    public var reactions: [Reaction]

    public init(target: MessageID, conversation: ConversationID?, reactions: [Reaction]) {
        self.target = target
        self.conversation = conversation
        self.reactions = reactions
    }
}

/// One reaction and who gave it.
public struct Reaction: Hashable, Sendable {
    public var name: String
    public var users: [UserID]
    public var count: Int

    public init(name: String, users: [UserID], count: Int) {
        self.name = name
        self.users = users
        self.count = count
    }
}

/// A thread was made, renamed, got a message, or went.
public struct ThreadChange: Hashable, Sendable {
    /// The thread's own id.
    public var id: String
    /// In the surface's words: `create`, `update`, `update_msg`, `destroy`, `userRemove` ….
    public var operation: String
    public var reference: ThreadReference
    public var by: UserID?
    public var messageCount: Int?
    /// Whom a removal (`userRemove`) removed.
    public var member: UserID?
    /// The thread's last message, by id.
    public var lastMessage: MessageID?

    public init(id: String, operation: String, reference: ThreadReference, by: UserID?, messageCount: Int?) {
        self.id = id
        self.operation = operation
        self.reference = reference
        self.by = by
        self.messageCount = messageCount
    }
}

/// A message was pinned in its conversation, or no longer is.
public struct PinChange: Hashable, Sendable {
    public var target: MessageID
    public var conversation: ConversationID?
    public var isPinned: Bool
    public var by: UserID?

    public init(target: MessageID, conversation: ConversationID?, isPinned: Bool, by: UserID?) {
        self.target = target
        self.conversation = conversation
        self.isPinned = isPinned
        self.by = by
    }
}

/// Something done to or in a group or a chat room, in one set of words for all three formats.
public struct GroupOperation: Hashable, Sendable {
    /// `group:ID` or `room:ID`; nil for an operation on all of an app's rooms (their super-administrators).
    public var conversation: ConversationID?
    public var change: Change
    /// What the surface called it: `presence`, `JOIN/DIRECT`, `memberPresence` ….
    public var operation: String
    public var by: UserID?
    /// The members it was done to.
    public var members: [UserID]
    /// The group's size afterwards, where told.
    public var memberCount: Int?
    /// The reason, announcement, file name or other text that came with it.
    public var text: String?
    /// The group's name, where told.
    public var name: String?
    /// When a mute or block ends.
    public var expires: Instant?
    /// Who owns it afterwards, where told: of a creation the first owner, of a change of owners the new one.
    public var owner: UserID?
    /// Who owned it before a change of owners, where told.
    public var formerOwner: UserID?
    /// The admins it was created with.
    public var admins: [UserID] = []
    /// JSON text of all that came with it and has no name here: a group's settings, a shared file's id and size ….
    public var details: String?
    /// False for an operation that was refused; the old callback format reports those too.
    public var succeeded = true
    /// Why it was refused, in the platform's words.
    public var failure: String?

    /// What it means for membership and for the room, as far as this program knows.
    public enum Change: String, Hashable, Sendable {
        case created, destroyed, joined, left, kicked, invited, applied, accepted, declined
        case ownerChanged, adminAdded, adminRemoved, muted, unmuted, allMuted, allUnmuted
        case blocked, unblocked, allowed, disallowed, announcement, announcementDeleted
        case infoUpdated, fileAdded, fileRemoved, attributes, disabled, enabled, shielded, unshielded
        case other
    }

    public init(
        conversation: ConversationID?, change: Change, operation: String, by: UserID?, members: [UserID]
    ) {
        self.conversation = conversation
        self.change = change
        self.operation = operation
        self.by = by
        self.members = members
    }
}

/// A call the app made on the SDK, and what it asked to send.
public struct Call: Hashable, Sendable {
    /// `send`, `create`, `recallMessage` ….
    public var name: String
    /// Joins the call with its outcome.
    public var reference: String?
    /// What was to be sent, where the options describe a message.
    public var message: Message?
    /// The SDK's own id for it: unique on one device at most.
    public var localID: String?
    public var outcome: CallOutcome?

    public init(name: String, reference: String?, message: Message?, localID: String?, outcome: CallOutcome?)
    {
        self.name = name
        self.reference = reference
        self.message = message
        self.localID = localID
        self.outcome = outcome
    }
}

/// What became of a call.
public enum CallOutcome: Hashable, Sendable {
    /// `message` is what the server made of it, where the SDK says.
    case resolved(localID: String?, messageID: MessageID?, message: Message?, time: Instant?)
    /// A refused message may still carry a server id: it was not delivered.
    case rejected(code: Int?, reason: String, localID: String?, messageID: MessageID?)
}

/// A combine message's attachment, as bytes.
public struct BundleFile: Hashable, Sendable {
    /// The file's UUID, where its URL was seen too.
    public var uuid: String?
    public var base64: String

    public init(uuid: String?, base64: String) {
        self.uuid = uuid
        self.base64 = base64
    }
}
