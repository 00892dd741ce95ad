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
        try self.init(line: line.indices, of: line, reusing: nil)
    }

    /// Reads a line that stands in `range` of bytes that hold others too.
    ///
    /// `scratch` keeps the memory this takes for the next line.
    package init(
        line range: Range<Int>, of bytes: [UInt8], reusing scratch: JSONScratch?
    ) throws(RecordError) {
        let document: JSONDocument
        do throws(JSONError) {
            // Whatever was recorded can be read: the listener's limit on depth was applied before.
            document = try JSONDocument(bytes, range, maximumDepth: .max, reusing: scratch)
        } catch {
            throw RecordError(code: .notAnObject, what: error.description)
        }
        let root = document.root
        let head = try RecordHead(root)
        guard let number = root["seq"] else { throw RecordError(code: .missing, what: "seq") }
        guard number.kind == .number, let sequence = Self.wholeNumber(number.bytes) else {
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

    /// A number without sign, fraction or exponent.
    private static func wholeNumber(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (tens, isTooMuch) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = tens.addingReportingOverflow(UInt64(digit - 0x30))
            guard !isTooMuch, !isTooLarge else { return nil }
            value = sum
        }
        return value
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
