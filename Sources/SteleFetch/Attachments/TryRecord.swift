// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleListener

/// What the archive records of one try: see `AttachmentFetch`, which is read out of it.
struct TryRecord {
    let file: FileReference
    let began: Instant
    let ended: Instant
    let report: FileDownload.Report
    /// Whether another try follows.
    let isAgain: Bool

    var received: Received { Received(surface: .attachment, payload: payload) }

    /// One JSON object; no secret is in it, for the reference's URL has none and no header is told.
    var payload: [UInt8] {
        var object = RecordObject("attachment")
        object.add("uuid", file.name.uuid)
        if file.name.part != .file { object.add("part", file.name.part.rawValue) }
        object.add("outcome", report.outcome.rawValue)
        object.add("sha256", report.sha256)
        object.add("bytes", report.bytes)
        if isAgain { object.add(literal: "again", "true") }
        object.add("began", began.rfc3339(.microseconds))
        object.add("milliseconds", (ended.microseconds - began.microseconds) / 1000)
        object.add("url", Self.withoutUser(file.url))
        object.add("status", report.status.map { Int64($0) })
        object.add("type", report.mediaType)
        if !report.redirects.isEmpty { object.add("redirects", report.redirects) }
        object.add("why", report.why)
        object.add("source", "fetch")
        return object.closed
    }

    /// The URL without a user's name and password, which it should never have.
    private static func withoutUser(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let at = parts[2].lastIndex(of: "@") else { return url }
        let rest = parts.count > 3 ? "/" + parts[3] : ""
        return "\(parts[0])//\(parts[2][parts[2].index(after: at)...])\(rest)"
    }
}

/// That fetching was switched on or off: see `FetchingSwitch`, which is read out of it.
package struct SwitchRecord {
    private let change: FetchingSwitch

    package init(_ change: FetchingSwitch) { self.change = change }

    package var received: Received {
        var object = RecordObject("fetching")
        object.add(literal: "on", change.isOn ? "true" : "false")
        object.add("began", change.began.rfc3339(.microseconds))
        object.add("kinds", change.kinds.map(\.rawValue))
        return Received(surface: .attachment, payload: object.closed)
    }
}

/// A JSON object on its way to the log.
private struct RecordObject {
    private var bytes: [UInt8]

    init(_ kind: String) {
        bytes = Array(#"{"kind":"#.utf8)
        JSONString.append(kind, to: &bytes)
    }

    var closed: [UInt8] { bytes + [UInt8(ascii: "}")] }

    mutating func add(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        begin(key)
        JSONString.append(text, to: &bytes)
    }

    mutating func add(_ key: StaticString, _ number: Int64?) {
        if let number { add(literal: key, "\(number)") }
    }

    mutating func add(_ key: StaticString, _ texts: [String]) {
        begin(key)
        bytes.append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONString.append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func add(literal key: StaticString, _ json: String) {
        begin(key)
        bytes += json.utf8
    }

    private mutating func begin(_ key: StaticString) { bytes += ",\"\(key)\":".utf8 }
}
