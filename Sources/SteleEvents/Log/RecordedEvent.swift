// SPDX-License-Identifier: Apache-2.0

/// A line of the log with its event decoded: what a projection folds.
///
/// The line is parsed once and the event is decoded where it stands; no payload is copied.
public struct RecordedEvent: Hashable, Sendable {
    public var sequence: UInt64
    public var capturedAt: Instant
    public var surface: Surface
    public var flow: Flow
    public var isPreSend: Bool
    public var session: String?
    public var app: AppKey?
    /// JSON paths of the credentials that were replaced before the record was written.
    public var blanked: [String]
    public var event: Event

    /// Reads a line as the log keeps it.
    ///
    /// - Parameter line: One JSON object, with or without the newline after it.
    /// - Throws: ``RecordError`` when the line is no record. A payload that no decoder knows is no error: its
    ///   event is of kind `unknown`.
    public init(line: [UInt8]) throws(RecordError) {
        let document: JSONDocument
        do throws(JSONError) {
            // Whatever was recorded can be read: the listener's limit on depth was applied before.
            document = try JSONDocument(line, maximumDepth: .max)
        } catch {
            throw RecordError(code: .notAnObject, what: error.description)
        }
        let root = document.root
        let head = try RecordHead(root)
        guard let number = root["seq"] else { throw RecordError(code: .missing, what: "seq") }
        guard number.kind == .number, let sequence = UInt64(number.json) else {
            throw RecordError(code: .invalid, what: "seq")
        }
        self.sequence = sequence
        capturedAt = head.capturedAt
        surface = head.surface
        flow = head.flow
        isPreSend = head.isPreSend
        session = head.session
        app = head.app
        blanked = head.blanked
        if let payload = root["event"] {
            event = Event.decode(
                payload, surface: surface, isPreSend: isPreSend, app: app, session: session)
        } else {
            event = Self.event(of: try head.payload(), head)
        }
    }

    /// The event of a payload that could not stand in the line as it was received.
    private static func event(of payload: [UInt8], _ head: RecordHead) -> Event {
        do throws(JSONError) {
            let document = try JSONDocument(payload, maximumDepth: .max)
            return Event.decode(
                document.root, surface: head.surface, isPreSend: head.isPreSend, app: head.app,
                session: head.session)
        } catch {
            return Event(kind: .unknown(reason: error.description), app: head.app)
        }
    }
}
