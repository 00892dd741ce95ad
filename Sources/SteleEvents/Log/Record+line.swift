// SPDX-License-Identifier: Apache-2.0

extension Record {
    /// Reads a line of the log.
    ///
    /// - Throws: ``RecordError`` naming the member that is missing or cannot be read.
    public init(line: JSONDocument) throws(RecordError) {
        let head = try RecordHead(line.root)
        self.init(
            capturedAt: head.capturedAt, surface: head.surface, flow: head.flow, isPreSend: head.isPreSend,
            session: head.session, app: head.app, blanked: head.blanked, payload: try head.payload())
    }

    /// Appends what follows `at` in a record's line: its members from `via` to the payload, without a comma
    /// before or after them and without braces.
    ///
    /// ``init(line:)`` gives the payload back exactly. Say `isJSON` when the payload was found to be one JSON value,
    /// whitespace round it allowed; only then does it stand in the line as it is.
    public static func appendMembers(
        surface: Surface, flow: Flow, isPreSend: Bool = false, session: String? = nil, app: AppKey? = nil,
        blanked: [String] = [], payload: [UInt8], isJSON: Bool, to output: inout [UInt8]
    ) {
        output.append(contentsOf: "\"via\":".utf8)
        JSONString.append(surface.rawValue, to: &output)
        output.append(contentsOf: ",\"flow\":".utf8)
        JSONString.append(flow.rawValue, to: &output)
        if isPreSend { output.append(contentsOf: ",\"phase\":\"pre\"".utf8) }
        if let session {
            output.append(contentsOf: ",\"session\":".utf8)
            JSONString.append(session, to: &output)
        }
        if let app {
            output.append(contentsOf: ",\"app\":".utf8)
            JSONString.append(app.rawValue, to: &output)
        }
        if !blanked.isEmpty {
            output.append(contentsOf: ",\"blanked\":[".utf8)
            for (index, path) in blanked.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONString.append(path, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        }
        appendPayload(payload, isJSON: isJSON, to: &output)
    }

    private static func appendPayload(_ payload: [UInt8], isJSON: Bool, to output: inout [UInt8]) {
        let body = payload.prefix(upTo: payload.lastIndex { !$0.isJSONWhitespace }.map { $0 + 1 } ?? 0)
        let isOneLine = !body.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        if isJSON, isOneLine, let first = body.first, !first.isJSONWhitespace {
            if body.endIndex < payload.endIndex {
                output.append(contentsOf: ",\"tail\":".utf8)
                JSONString.append(String(decoding: payload[body.endIndex...], as: UTF8.self), to: &output)
            }
            output.append(contentsOf: ",\"event\":".utf8)
            output.append(contentsOf: body)
        } else if let text = String(validating: payload, as: UTF8.self) {
            output.append(contentsOf: ",\"text\":".utf8)
            JSONString.append(text, to: &output)
        } else {
            output.append(contentsOf: ",\"base64\":\"".utf8)
            Base64.append(payload, to: &output)
            output.append(UInt8(ascii: "\""))
        }
    }
}

/// What stands before the payload in a record's line.
struct RecordHead {
    let line: JSONValue
    let capturedAt: Instant
    let surface: Surface
    let flow: Flow
    let isPreSend: Bool
    let session: String?
    let app: AppKey?

    init(_ line: JSONValue) throws(RecordError) {
        guard line.isObject else { throw RecordError(code: .notAnObject, what: "the line is no JSON object") }
        self.line = line
        guard let at = line["at"] else { throw RecordError(code: .missing, what: "at") }
        guard at.kind == .string, let capturedAt = Instant(rfc3339: at.bytes.dropFirst().dropLast()) else {
            throw RecordError(code: .invalid, what: "at")
        }
        guard let via = line["via"] else { throw RecordError(code: .missing, what: "via") }
        guard let surface = via.string.flatMap(Surface.init(rawValue:)) else {
            throw RecordError(code: .invalid, what: "via")
        }
        guard let way = line["flow"] else { throw RecordError(code: .missing, what: "flow") }
        guard let flow = way.string.flatMap(Flow.init(rawValue:)) else {
            throw RecordError(code: .invalid, what: "flow")
        }
        self.capturedAt = capturedAt
        self.surface = surface
        self.flow = flow
        isPreSend = line["phase"]?.string == "pre"
        session = line["session"]?.string
        app = (line["app"]?.string).map { AppKey($0) }
    }

    var blanked: [String] { line["blanked"]?.elements.compactMap(\.string) ?? [] }

    /// The received bytes.
    func payload() throws(RecordError) -> [UInt8] {
        if let event = line["event"] {
            return Array(event.bytes) + Array((line["tail"]?.string ?? "").utf8)
        }
        if let text = line["text"] {
            guard let text = text.string else { throw RecordError(code: .invalid, what: "text") }
            return Array(text.utf8)
        }
        guard let base64 = line["base64"] else { throw RecordError(code: .missing, what: "event") }
        guard let bytes = base64.string.flatMap({ Base64.decode($0.utf8) }) else {
            throw RecordError(code: .invalid, what: "base64")
        }
        return bytes
    }
}
