// SPDX-License-Identifier: Apache-2.0

/// Which surface a payload looks like, for input that does not say.
public struct PayloadShape: Hashable, Sendable {
    public let surface: Surface
    public let isPreSend: Bool
    public let flow: Flow

    init(_ surface: Surface, isPreSend: Bool = false, flow: Flow = .none) {
        self.surface = surface
        self.isPreSend = isPreSend
        self.flow = flow
    }

    /// The surface whose payloads have this form; a post-send callback when none has.
    ///
    /// | a payload with | is |
    /// |---|---|
    /// | `handler`, `call`, `ref`, `options`, `resolved`, `rejected` | an SDK tap's line |
    /// | `frame` and `base64` | a frame of the wire protocol |
    /// | `callId` and a message's `chat_type`, but no `eventType` and no `step` | a pre-send callback |
    /// | `msg_id` and `payload`, but no `callId` and no `eventType` | a history file's line |
    /// | `stele`: `history-hour` | an archive's own record of such a file |
    public static func detect(_ payload: JSONValue) -> PayloadShape {
        guard payload.isObject else { return PayloadShape(.callback) }
        if let flow = payload["flow"]?.string.flatMap(Flow.init(rawValue:)) {
            return PayloadShape(.sdk, flow: flow)
        }
        if payload["handler"] != nil { return PayloadShape(.sdk, flow: .in) }
        if payload.hasMember("call", "ref", "options", "resolved", "rejected") {
            return PayloadShape(.sdk, flow: .out)
        }
        if payload["attachment_base64"] != nil { return PayloadShape(.sdk) }
        if payload["frame"] != nil, payload["base64"] != nil { return PayloadShape(.msync) }
        let saysPostSend = payload.hasMember("eventType", "step", "event")
        if payload["callId"] != nil {
            return PayloadShape(.callback, isPreSend: !saysPostSend && payload["chat_type"] != nil)
        }
        if payload["stele"] != nil, HistoryHour(payload) != nil { return PayloadShape(.history) }
        if !saysPostSend, payload["payload"] != nil, payload["msg_id"] != nil {
            return PayloadShape(.history)
        }
        return PayloadShape(.callback)
    }
}

extension JSONValue {
    /// Whether the object has one of these members.
    fileprivate func hasMember(_ keys: StaticString...) -> Bool { keys.contains { self[$0] != nil } }
}
