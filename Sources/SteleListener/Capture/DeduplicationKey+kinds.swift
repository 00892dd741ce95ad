// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

extension DeduplicationKey {
    /// The key of a payload, by the fields that make its kind unique.
    ///
    /// `callId` alone never does: the callbacks for an online and an offline receiver share it, and so do both
    /// sides of an accepted friend request. Where the fields are absent or masked, the payload's bytes decide.
    ///
    /// - Parameters:
    ///   - payload: The event as it is kept, credentials already blanked; whitespace round it does not count.
    ///   - surface: Where it was seen; the same event on another surface has another key.
    ///   - isPreSend: Whether it is a pre-send callback.
    ///   - session: The client connection, for SDK taps.
    /// - Returns: The key. SDK lines that may rightly repeat need `repeated(_:)` on top.
    package static func of(
        _ payload: JSONValue, surface: Surface, isPreSend: Bool, session: String?
    ) -> Self {
        var fields: KeyFields
        switch surface {
        case .callback where isPreSend, .switchboard where isPreSend:
            // Never sent again by the platform, and the ids in them are not final.
            fields = wholePayload(payload, surface, "pre")
        case .callback, .switchboard:
            fields = callback(payload, surface)
        case .history:
            fields = history(payload)
        case .sdk, .msync:
            fields = wholePayload(payload, surface, "line")
            fields.add(session)
        case .attachment:
            fields = wholePayload(payload, surface, "attachment")
        }
        return DeduplicationKey(hashing: fields.bytes)
    }

    /// Whether the same bytes may rightly come again from one source, so that their count belongs to the key.
    static func mayRepeat(_ surface: Surface) -> Bool { surface == .sdk || surface == .msync }

    private static func wholePayload(_ payload: JSONValue, _ surface: Surface, _ kind: StaticString)
        -> KeyFields
    {
        var fields = KeyFields(surface, kind)
        fields.add(bytes: payload.bytes)
        return fields
    }

    /// The app is no part of it: a line names none, and the same file imported with `--app` and without is one file.
    private static func history(_ payload: JSONValue) -> KeyFields {
        guard let id = payload["msg_id"], !id.isMaskedID else {
            return wholePayload(payload, .history, "unnamed")
        }
        var fields = KeyFields(.history, "message")
        fields.add(id)
        fields.add(payload["timestamp"])
        // The envelope's own `from` and `to` are the platform's business; those in the payload are the message's.
        fields.add(payload["payload"]?["from"] ?? payload["from"])
        fields.add(payload["payload"]?["to"] ?? payload["to"])
        return fields
    }

    private static func callback(_ payload: JSONValue, _ surface: Surface) -> KeyFields {
        let body = payload["payload"]
        var fields: KeyFields
        let id: JSONValue?
        switch CallbackKind(payload) {
        case .groupOperation:
            id = payload["callId"]
            fields = KeyFields(surface, "group_op")
            // Leaving by a block and by a deletion were seen under one callId.
            for key in ["operation", "type", "id"] { fields.add(payload.member(named: key)) }
            fields.add(body?["type"])
        case .keywordAlert:
            id = payload["callId"]
            fields = KeyFields(surface, "keyword_alert")
        case .moderation:
            id = payload["callId"]
            fields = KeyFields(surface, "moderation")
        case .login:
            id = payload["callId"]
            fields = KeyFields(surface, "login")
        case .push:
            id = payload["callId"]
            fields = KeyFields(surface, "push")
            for key in ["device_id", "target", "status"] { fields.add(payload.member(named: key)) }
        case .contact:
            id = payload["callId"]
            fields = KeyFields(surface, "roster")
            fields.add(body?["operation"])
            fields.add(payload["to"])
        case .message:
            id = payload["msg_id"]
            fields = KeyFields(surface, "message")
            fields.add(payload["appkey"])
            fields.add(payload["eventType"])
            if payload["eventType"]?.string == "chat_offline" { fields.add(payload["to"]) }
        case .recall, .edit, .readReceipt, .conversationRead, .group, .reaction, .thread, .notice:
            id = payload["msg_id"]
            fields = KeyFields(surface, "notice")
            fields.add(payload["appkey"])
            fields.add(payload["chat_type"])
            // One id for several receivers or several edits would lose evidence; a retry repeats all of these.
            fields.add(payload["from"])
            fields.add(payload["to"])
            for key in ["operation", "ack_message_id", "edit_message_id"] {
                fields.add(body?.member(named: key))
            }
            fields.add(body?["meta"]?["edit_msg"]?["count"])
        case .unknown:
            return wholePayload(payload, surface, "unknown")
        }
        fields.add(id)
        if id?.isMaskedID ?? true { fields.add(bytes: payload.bytes) }
        return fields
    }
}

extension JSONValue {
    /// Whether an id is missing in all but name: empty, no text, or blotted out with `XXXX` or `****`.
    fileprivate var isMaskedID: Bool {
        guard kind == .string || kind == .number else { return true }
        let content = kind == .string ? bytes.dropFirst().dropLast() : bytes
        if content.isEmpty { return true }
        var crosses = 0
        var stars = 0
        for byte in content {
            crosses = byte == UInt8(ascii: "X") ? crosses + 1 : 0
            stars = byte == UInt8(ascii: "*") ? stars + 1 : 0
            if crosses == 4 || stars == 4 { return true }
        }
        return false
    }
}
