// SPDX-License-Identifier: Apache-2.0

extension Event {
    /// Understands a payload as the surface shows it.
    ///
    /// Total: a payload, an operation, a body or a field that this program does not know becomes a value
    /// (`Kind.unknown`, `Change.other`, `Body.unknown`, nil), never a failure.
    ///
    /// A callback of `isPreSend` asks before sending (发送前回调) instead of telling afterwards; `app` is the one given
    /// beside the payload, for payloads that name none; `session` is the client connection it was seen on.
    public static func decode(
        _ payload: JSONValue, surface: Surface, isPreSend: Bool, app: AppKey?, session: String?
    ) -> Event {
        switch surface {
        case .callback, .switchboard: Callback(payload, isPreSend: isPreSend, app: app).event
        case .history: HistoryLine(payload, app: app).event
        case .sdk, .msync: TapLine(payload, app: app).event
        case .attachment: ownRecord(payload, app: app)
        }
    }
}
