// SPDX-License-Identifier: Apache-2.0

extension TapLine {
    /// A call the app made, with or without its outcome, or the outcome alone.
    var call: Event {
        let reference = root["ref"]?.nonEmptyText
        let options = root["options"]
        let name = root["call"]?.nonEmptyText
        if options == nil, name == nil, let reference, let outcome {
            return Event(kind: .callOutcome(reference: reference, outcome), time: outcome.time)
        }
        guard options != nil || name != nil || outcome != nil else {
            return Event(kind: .unknown(reason: "an SDK line with neither handler nor call"))
        }
        // `message.create` answers at once with the message it made of the options.
        let created = root["message"]
        let asked = created ?? options
        let call = Call(
            name: name ?? (created == nil ? "send" : "create"), reference: reference,
            message: asked.flatMap(messageToSend), localID: asked?["id"]?.nonEmptyText ?? outcome?.localID,
            outcome: outcome)
        return Event(kind: .call(call), time: outcome?.time ?? asked?["time"]?.instant)
    }

    /// The message the options describe; nil for a receipt and for calls that send none.
    private func messageToSend(_ options: JSONValue) -> Message? {
        guard options["to"] != nil, let type = options["type"]?.string else { return nil }
        switch type {
        case "read", "delivery", "channel": return nil
        default: return content(of: options)
        }
    }

    private var outcome: CallOutcome? {
        if let resolved = root["resolved"] {
            let message = resolved["message"].flatMap { $0.isObject ? $0 : nil }
            return .resolved(
                localID: resolved["localMsgId"]?.nonEmptyText,
                messageID: (resolved["serverMsgId"] ?? message?["id"])?.messageID,
                message: message.map(content(of:)), time: message?["time"]?.instant)
        }
        guard let rejected = root["rejected"] else { return nil }
        let data = rejected["data"]
        return .rejected(
            code: rejected["type"]?.int64.flatMap { Int(exactly: $0) },
            reason: rejected["message"]?.nonEmptyText ?? "", localID: data?["id"]?.nonEmptyText,
            messageID: data?["mid"]?.messageID)
    }
}

extension CallOutcome {
    /// The server's time of a message that was sent.
    var time: Instant? {
        switch self {
        case .resolved(_, _, _, let time): time
        case .rejected: nil
        }
    }

    var localID: String? {
        switch self {
        case .resolved(let localID, _, _, _): localID
        case .rejected(_, _, let localID, _): localID
        }
    }
}
