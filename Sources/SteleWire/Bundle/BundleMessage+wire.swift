// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SwiftProtobuf

extension BundleMessage {
    /// The key of a room message's priority among the envelope's extensions.
    private static let priorityKey = "chatroom_msg_tag"
    private static let broadcastKey = "is_broadcast"
    /// The numbers of the priorities on the wire.
    private static let priorities: [SteleEvents.Message.Priority] = [.high, .normal, .low]

    /// Understands one envelope of a bundle: the sender is in its payload, never in the envelope.
    init(meta: WireMeta, number: Int) throws(BundleError) {
        let content: WireMessageBody
        do {
            content = try WireMessageBody(serializedBytes: meta.payload)
        } catch {
            throw BundleError(
                code: .malformedMessage, message: number, reason: "its payload is no message body",
                remedy: "Get the attachment again: this file was changed")
        }
        self.init(
            id: MessageID(String(meta.id)), app: meta.to.appKey.isEmpty ? nil : AppKey(meta.to.appKey),
            from: content.from.name.isEmpty ? nil : UserID(content.from.name),
            to: content.to.name.isEmpty ? meta.to.name : content.to.name, kind: content.conversationKind,
            time: meta.hasTimestamp ? Instant(milliseconds: Int64(clamping: meta.timestamp)) : nil,
            body: content.contents.first.map(Body.init(content:)) ?? .unknown(type: ""),
            ext: KeyValueJSON.object(content.ext))
        if let tag = meta.ext.first(where: { $0.key == Self.priorityKey })?.varintValue,
            Self.priorities.indices.contains(Int(clamping: tag))
        {
            priority = Self.priorities[Int(tag)]
        }
        isBroadcast = meta.ext.first { $0.key == Self.broadcastKey }.map { $0.varintValue != 0 } ?? false
        wantsGroupReceipt = content.msgConfig.allowGroupAck
    }

    /// The envelope, serialised.
    func wireBytes(number: Int) throws(BundleError) -> [UInt8] {
        guard let id = UInt64(id.rawValue) else {
            throw BundleError(
                code: .unwritable, message: number, reason: "its id '\(id)' is no 64-bit number",
                remedy: "Leave this message out: the file has place for numbers only")
        }
        guard let content = body.wireContent else {
            throw BundleError(
                code: .unwritable, message: number, reason: "its type '\(body.type)' is not known",
                remedy: "Leave this message out, or forward it with a newer version")
        }
        var payload = WireMessageBody()
        payload.type = kind.wireType
        if let from { payload.from.name = from.rawValue }
        payload.to.name = to
        payload.contents = [content]
        payload.ext = KeyValueJSON.keyValues(ext)
        if wantsGroupReceipt { payload.msgConfig.allowGroupAck = true }

        var meta = WireMeta()
        meta.id = id
        if let app { meta.to.appKey = app.rawValue }
        meta.to.name = to
        meta.to.domain = kind == .chat ? "easemob.com" : "conference.easemob.com"
        if let time { meta.timestamp = UInt64(clamping: time.milliseconds) }
        meta.ns = .chat
        meta.routetype = .routeAll
        if let priority, let tag = Self.priorities.firstIndex(of: priority) {
            meta.ext.append(KeyValueJSON.integer(Self.priorityKey, Int64(tag)))
        }
        if isBroadcast { meta.ext.append(KeyValueJSON.boolean(Self.broadcastKey, true)) }
        do {
            meta.payload = try payload.serializedData()
            return try meta.serializedBytes()
        } catch {
            throw BundleError(
                code: .unwritable, message: number, reason: "it cannot be serialised (\(error))",
                remedy: "Leave this message out")
        }
    }
}

extension WireMessageBody {
    /// A thread is a group to the wire, but for a note beside the message.
    var conversationKind: ConversationKind {
        switch type {
        case .groupchat: isInThread ? .thread : .group
        case .chatroom: .room
        default: .chat
        }
    }

    private var isInThread: Bool {
        // A note that is no JSON says nothing.
        (try? JSONDocument(text: meta))?.root["thread"]?.isObject ?? false
    }
}

extension ConversationKind {
    var wireType: WireMessageBody.TypeEnum {
        switch self {
        case .chat: .chat
        case .group, .thread: .groupchat
        case .room: .chatroom
        }
    }
}
