// SPDX-License-Identifier: Apache-2.0

/// What became of one of the platform's hourly history files (历史消息文件): taken in whole, in part, or there was none.
///
/// An archive's own record, written beside the file's lines once they are durable, with `via` `history`:
///
/// ```
/// {"stele":"history-hour","app":"org#app","hour":"2026112020","outcome":"whole","source":"file","lines":13,
///  "first":1795176192480,"last":1795178712002,"zone":480,"sha256":"…"}
/// ```
///
/// Without it nobody could tell an hour in which nothing was said from one that was never asked for. It says nothing of
/// when it was written, so the same file taken in again is the same record.
public struct HistoryHour: Hashable, Sendable {
    /// `org#app`; nil when whoever imported the file did not say.
    public var app: AppKey?
    public var hour: HourKey
    public var outcome: Outcome
    public var source: Source
    /// Lines that are messages.
    public var lines: Int
    /// The earliest and latest `timestamp` of the lines; nil without lines.
    public var first: Instant?
    public var last: Instant?
    /// Minutes east of Greenwich of the clock that the file is named by; nil when neither the lines nor anybody told.
    public var zone: Int?
    /// Of the file as it was received, in hexadecimal; nil when there was none.
    public var sha256: String?

    public enum Outcome: String, Hashable, Sendable {
        case whole
        /// Taken in whole, before the platform calls an hour's file complete: it has to be taken in again.
        case early
        /// The platform says that nothing was sent in that hour.
        case none
        /// The file ended too soon, or some of its lines could not be recorded.
        case cut
    }

    /// How the file came here.
    public enum Source: String, Hashable, Sendable { case file, api }

    public init(app: AppKey?, hour: HourKey, outcome: Outcome, source: Source) {
        self.app = app
        self.hour = hour
        self.outcome = outcome
        self.source = source
        lines = 0
    }

    /// The value of `stele` by which such a record is known.
    public static let mark = "history-hour"

    /// Reads a record's payload; nil when it is not one, or one of a later program.
    public init?(_ payload: JSONValue) {
        guard payload["stele"]?.string == Self.mark, let hour = payload["hour"]?.string.flatMap(HourKey.init),
            let outcome = payload["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
            let source = payload["source"]?.string.flatMap(Source.init(rawValue:))
        else { return nil }
        self.init(
            app: payload["app"]?.nonEmptyText.map { AppKey($0) }, hour: hour, outcome: outcome, source: source
        )
        lines = payload["lines"]?.int64.flatMap { Int(exactly: $0) } ?? 0
        first = payload["first"]?.instant
        last = payload["last"]?.instant
        zone = payload["zone"]?.int64.flatMap { Int(exactly: $0) }
        sha256 = payload["sha256"]?.nonEmptyText
    }

    /// The payload, as bytes that are the same for the same facts.
    public var payload: [UInt8] {
        var output: [UInt8] = Array(#"{"stele":"\#(Self.mark)""#.utf8)
        func add(_ key: StaticString, _ text: String?) {
            guard let text else { return }
            output.append(contentsOf: #","\#(key)":"#.utf8)
            JSONString.append(text, to: &output)
        }
        func add(_ key: StaticString, _ number: Int64?) {
            guard let number else { return }
            output.append(contentsOf: #","\#(key)":\#(number)"#.utf8)
        }
        add("app", app?.rawValue)
        add("hour", hour.description)
        add("outcome", outcome.rawValue)
        add("source", source.rawValue)
        add("lines", Int64(lines))
        add("first", first?.milliseconds)
        add("last", last?.milliseconds)
        add("zone", zone.map(Int64.init))
        add("sha256", sha256)
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// When the hour begins, by the zone that is told, else by `zone`; nil when neither is known.
    public func start(assuming zone: Int?) -> Instant? {
        (self.zone ?? zone).map { hour.start(zoneMinutes: $0) }
    }

    /// Takes in that the file has a line of this time.
    public mutating func add(_ time: Instant?) {
        lines += 1
        guard let time else { return }
        first = min(first ?? time, time)
        last = max(last ?? time, time)
    }

    /// Which of the documented clocks the file is named by, told by its lines; nil when none of them fits, or there
    /// are no lines.
    public var zoneByLines: Int? {
        guard let first, let last else { return nil }
        return HourKey.documentedZones.first { zone in
            let start = hour.start(zoneMinutes: zone)
            // Which of a message's two clocks puts it into an hour is not documented.
            return first.microseconds >= start.microseconds - Self.tolerance
                && last.microseconds < start.microseconds + HourKey.length + Self.tolerance
        }
    }

    /// Microseconds.
    private static let tolerance: Int64 = 60_000_000
}
