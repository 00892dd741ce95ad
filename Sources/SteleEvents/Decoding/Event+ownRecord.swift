// SPDX-License-Identifier: Apache-2.0

extension Event {
    /// What an archive recorded of its own doings: a try to get an attachment, or the switch of such tries.
    static func ownRecord(_ payload: JSONValue, app: AppKey?) -> Event {
        switch payload["kind"]?.string {
        case "fetching":
            guard let change = FetchingSwitch(payload) else {
                return Event(kind: .unknown(reason: "a switch of fetching without on or began"), app: app)
            }
            return Event(kind: .fetching(change), app: app)
        default:
            guard let fetch = AttachmentFetch(payload) else {
                return Event(
                    kind: .unknown(reason: "an attachment record without uuid or outcome"), app: app)
            }
            return Event(kind: .attachment(fetch), app: app)
        }
    }
}

extension AttachmentFetch {
    fileprivate init?(_ payload: JSONValue) {
        guard let uuid = payload["uuid"]?.nonEmptyText, let outcome = payload["outcome"]?.nonEmptyText else {
            return nil
        }
        self.init(
            uuid: uuid, outcome: outcome, sha256: payload["sha256"]?.nonEmptyText,
            bytes: payload["bytes"]?.int64)
        if payload["part"]?.string == FileName.Part.thumbnail.rawValue { part = .thumbnail }
        began = payload["began"]?.string.flatMap { Instant(rfc3339: $0) }
        isAgain = payload["again"]?.bool ?? false
        why = payload["why"]?.nonEmptyText
    }
}

extension FetchingSwitch {
    fileprivate init?(_ payload: JSONValue) {
        guard let isOn = payload["on"]?.bool,
            let began = payload["began"]?.string.flatMap({ Instant(rfc3339: $0) })
        else { return nil }
        self.init(
            isOn: isOn, began: began,
            kinds: payload["kinds"]?.elements.compactMap { $0.string.flatMap(FileKind.init) } ?? [])
    }
}
